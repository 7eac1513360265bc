// A plan in words: one line a dispatch, with its buffers. Tests snapshot it, so that a lost fusion shows as a diff.
import { formatType } from '../tensor/types.ts';
import type { Plan } from './plan.ts';

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
