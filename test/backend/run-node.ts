// Runs one node's lowering by a plan made by hand: the operands begin at given offsets, in buffers that hold junk
// around them, and so do the output and the scratch tensors before the run.
import { Executor, type GpuDevice } from '../../src/backend/webgpu/index.ts';
import { placeSizes } from '../../src/codegen/sizes.ts';
import type { Node, Value } from '../../src/graph/index.ts';
import { type KernelPlan, type LowerContext, ops, type Slot, type Target } from '../../src/ops/index.ts';
import type { Plan, PlanBuffer } from '../../src/passes/plan.ts';
import { numel } from '../../src/tensor/shape.ts';
import type { HostArray } from '../../src/tensor/types.ts';

export type KernelClass = Target['kernelClass'];

/** The kernel classes; the software one also as it is where there are no subgroups. */
export const kernelClasses: readonly {
  name: string;
  kernelClass: KernelClass;
  of: (own: Target) => Target;
}[] = [
  { name: 'software', kernelClass: 'software', of: (own) => ({ ...own, kernelClass: 'software' }) },
  {
    name: 'software without subgroups',
    kernelClass: 'software',
    of: ({ subgroupLanes: _, ...own }) => ({ ...own, kernelClass: 'software' }),
  },
  { name: 'discrete', kernelClass: 'discrete', of: (own) => ({ ...own, kernelClass: 'discrete' }) },
];

export function lowerNode(node: Node, context: LowerContext): KernelPlan {
  const { lower } = ops[node.op];
  if (lower.kind !== 'kernel') throw new Error(`${node.op} has no kernel`);
  return lower.calls(node as never, context);
}

const junk = (length: number): Uint32Array => new Uint32Array(length).fill(0x7fc00001);

function operandBuffer(label: string, data: HostArray, offset: number): PlanBuffer {
  const bits = data instanceof Uint8Array ? Uint32Array.from(data) : new Uint32Array(data.slice().buffer);
  const init = junk(offset + data.length + 3);
  init.set(bits, offset);
  return { label, role: 'constant', bytes: init.byteLength, init };
}

function junkBuffer(label: string, length: number): PlanBuffer {
  return { label, role: 'temp', bytes: 4 * length, init: junk(length) };
}

/** The plan of one node over operands at `offsets`; its result is the output `result`. */
export function planOf(
  node: Node,
  target: Target,
  feeds: readonly HostArray[],
  offsets: readonly number[],
): Plan {
  const kernels = lowerNode(node, { target, offsets });
  const operands = feeds.map((data, i) => operandBuffer(`operand ${i}`, data, offsets[i]!));
  const temps = kernels.temps.map(({ length }, i) => junkBuffer(`temp ${i}`, length));
  const output = operands.length + temps.length;
  const bufferOf = (slot: Slot): number =>
    slot.kind === 'input' ? slot.index : slot.kind === 'temp' ? operands.length + slot.index : output;
  return {
    buffers: [...operands, ...temps, junkBuffer('result', numel(node.shape))],
    dispatches: kernels.calls.map((call) => ({
      ...{ label: call.label, entryPoint: call.entryPoint, workgroups: call.workgroups, flops: call.flops },
      ...placeSizes(call, call.bindings.length, target),
      nodes: [node.name],
      shapes: '',
      bindings: call.bindings.map(({ slot, access }) => ({ buffer: bufferOf(slot), access })),
      bytes: 0,
    })),
    copies: [],
    inputs: {},
    scalars: {},
    states: {},
    outputs: { result: { buffer: output, offset: 0, shape: node.shape, dtype: node.dtype } },
  };
}

/** The result on the device, with the operands at `offsets` (zeros where left out). */
export async function runNode(
  gpu: GpuDevice,
  { node }: Value,
  feeds: readonly HostArray[],
  {
    offsets = feeds.map(() => 0),
    target = gpu.target,
  }: { offsets?: readonly number[]; target?: Target } = {},
): Promise<HostArray> {
  const plan = planOf(node, target, feeds, offsets);
  const executor = await Executor.create(gpu, plan);
  try {
    executor.run();
    return await executor.read(plan.outputs['result']!);
  } finally {
    executor.dispose();
  }
}
