// A plan in words: one line a dispatch, with its buffers. Tests snapshot it, so that a lost fusion shows as a diff.
import { formatType } from '../tensor/types.ts';
import { bytesText, flopsText } from './amounts.ts';
import type { BufferRole, Dispatch, Plan } from './plan.ts';

export function printPlan(plan: Plan): string {
  const width = Math.max(0, ...plan.dispatches.map(({ label }) => label.length));
  const dispatches = plan.dispatches.map(({ label, bindings, workgroups, bytes, flops }, at) => {
    const buffers = bindings
      .map(({ buffer, access }) => `${access === 'read' ? '' : '→'}${buffer}`)
      .join(' ');
    return `${String(at).padStart(3)}  ${label.padEnd(width)}  ${workgroups.join('×')}  ${bytes} B  ${flops} flop  [${buffers}]`;
  });
  const buffers = plan.buffers.map(
    ({ label, role, bytes }, at) => `${String(at).padStart(3)}  ${role} ${bytes} B  ${label}`,
  );
  const copies = plan.copies.map(({ from, to, bytes }) => `copy ${from} → ${to}  ${bytes} B`);
  const outputs = Object.entries(plan.outputs).map(
    ([name, tensor]) => `${name}: ${formatType(tensor)} in ${tensor.buffer}`,
  );
  return [
    `dispatches (→: written)`,
    ...dispatches,
    ...copies,
    'buffers',
    ...buffers,
    'outputs',
    ...outputs,
  ].join('\n');
}

const roles = [
  'input',
  'scalars',
  'state',
  'constant',
  'temp',
  'output',
] as const satisfies readonly BufferRole[];

/** A plan for people: memory by role, then every dispatch with its shapes, nodes, work and buffers, in order of a run. */
export function explain(plan: Plan): string {
  const { dispatches, buffers, copies } = plan;
  const kernels = new Set(dispatches.map(({ wgsl }) => wgsl)).size;
  const total = (field: 'bytes' | 'flops'): number => dispatches.reduce((sum, each) => sum + each[field], 0);
  const memory = roles.flatMap((role) => {
    const held = buffers.filter((buffer) => buffer.role === role);
    const bytes = held.reduce((sum, buffer) => sum + buffer.bytes, 0);
    return held.length > 0 ? [`${role} ${bytesText(bytes)} in ${held.length}`] : [];
  });
  const commits = copies.map(
    ({ from, to, bytes }) => `commit  ${buffers[from]!.label} → ${buffers[to]!.label}  ${bytesText(bytes)}`,
  );
  return [
    `${dispatches.length} dispatches of ${kernels} kernels; ${bytesText(total('bytes'))} moved at least, ${flopsText(total('flops'))}`,
    `buffers: ${memory.join('; ')}`,
    '',
    ...dispatches.flatMap((dispatch, at) => explainDispatch(plan, dispatch, at)),
    ...commits,
    '',
    ...Object.entries(plan.outputs).map(
      ([name, tensor]) => `output  ${name}: ${formatType(tensor)} in ${bufferName(plan, tensor.buffer)}`,
    ),
  ].join('\n');
}

function explainDispatch(plan: Plan, dispatch: Dispatch, at: number): string[] {
  const { label, shapes, nodes, bytes, flops, workgroups, bindings } = dispatch;
  const named = (access: string): string =>
    bindings
      .filter((binding) => binding.access === access)
      .map(({ buffer }) => bufferName(plan, buffer))
      .join(', ');
  const work = `${bytesText(bytes)}  ${flopsText(flops)}  ${workgroups.join('×')} workgroups`;
  return [
    `${String(at).padStart(3)}  ${label}  ${shapes}  ${work}`,
    `     computes ${nodes.join(', ')}`,
    `     ${named('read') || 'nothing'} → ${named('read_write')}`,
  ];
}

/** Temporaries have no name of their own: many values share them in turn. */
function bufferName({ buffers }: Plan, at: number): string {
  const { role, label } = buffers[at]!;
  return role === 'temp' ? `temp ${at}` : label;
}
