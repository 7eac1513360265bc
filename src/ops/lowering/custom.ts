// A user's own kernel: inputs at bindings 0 … n−1, the output at n.
import type { NodeWith } from '../../graph/node.ts';
import { numel } from '../../tensor/shape.ts';
import type { DType } from '../../tensor/types.ts';
import type { KernelCall, KernelPlan, LowerContext } from '../spec.ts';
import { input, output, overLimit, read, requireFits, temp, write } from './kernel.ts';
import { copyCall } from './moves.ts';

/** The kernel knows nothing of offsets, so an operand that does not begin its buffer is copied first. */
export function lowerCustomKernel(node: NodeWith<'customKernel'>, context: LowerContext): KernelPlan {
  requireFits(node, context);
  const { target, offsets } = context;
  const { label, wgsl, constants, workgroups } = node.attrs;
  if (node.inputs.length + 1 > target.maxStorageBuffers) {
    throw overLimit(node, `${node.inputs.length + 1} storage buffers`, `${target.maxStorageBuffers}`);
  }
  if (workgroups.some((count) => count > target.maxWorkgroups)) {
    throw overLimit(node, `${workgroups.join(' × ')} workgroups`, `${target.maxWorkgroups} a dimension`);
  }
  const temps: { dtype: DType; length: number }[] = [];
  const calls: KernelCall[] = [];
  const operands = node.inputs.map((operand, i) => {
    const offset = offsets[i]!;
    if (offset === 0) return read(input(i));
    const to = temp(temps.length);
    const length = numel(operand.shape);
    temps.push({ dtype: operand.dtype, length });
    calls.push(copyCall(node, { from: input(i), offset, length, to }, target));
    return read(to);
  });
  const bindings = [...operands, write(output)];
  calls.push({ label, wgsl, entryPoint: 'main', constants, bindings, workgroups, flops: 0 });
  return { temps, calls };
}
