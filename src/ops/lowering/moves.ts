// Kernels that move elements without computing: gather, concat, pad. They move bits as u32, or as vec4u where every
// length and offset allows it, so one kernel serves all dtypes.
import copyBlockWgsl from '../../../shaders/copy_block.wgsl';
import gatherWgsl from '../../../shaders/gather.wgsl';
import padWgsl from '../../../shaders/pad.wgsl';
import type { Node, NodeWith } from '../../graph/node.ts';
import { numel } from '../../tensor/shape.ts';
import type { DType, Shape } from '../../tensor/types.ts';
import type { KernelCall, KernelPlan, LowerContext, Slot, Target } from '../spec.ts';
import { aligned, input, output, read, requireFits, specialise, temp, threads, write } from './kernel.ts';

/** Bits moved at once: lengths in `constants` are divided by `width`. */
function widthOf(...lengths: readonly number[]): { width: 1 | 4; T: 'u32' | 'vec4u' } {
  return aligned(...lengths) ? { width: 4, T: 'vec4u' } : { width: 1, T: 'u32' };
}

export function lowerGather(node: NodeWith<'gather'>, context: LowerContext): KernelPlan {
  requireFits(node, context);
  const [table, indices] = node.inputs as readonly [Node, Node];
  const rows = table.shape[0]!;
  const [tableOffset, indicesOffset] = context.offsets as readonly [number, number];
  const length = numel(table.shape) / rows;
  const { width, T } = widthOf(length, tableOffset);
  const count = (numel(indices.shape) * length) / width;
  const call: KernelCall = {
    label: 'gather',
    wgsl: specialise(gatherWgsl, { T }),
    entryPoint: 'gather',
    constants: {
      ROWS: rows,
      WIDTH: length / width,
      COUNT: count,
      TABLE_OFFSET: tableOffset / width,
      INDICES_OFFSET: indicesOffset,
    },
    bindings: [read(input(0)), read(input(1)), write(output)],
    workgroups: threads(count, node, context.target),
    flops: 0,
  };
  return { temps: [], calls: [call] };
}

/** `from[rows, length]` into the columns `at` … of `to[rows, pitch]`. */
export function copyBlock(
  node: Node,
  label: string,
  { rows, length, pitch, at }: { rows: number; length: number; pitch: number; at: number },
  { from, offset, to }: { from: Slot; offset: number; to: Slot },
  target: Target,
): KernelCall {
  const { width, T } = widthOf(length, pitch, at, offset);
  const count = (rows * length) / width;
  return {
    label,
    wgsl: specialise(copyBlockWgsl, { T }),
    entryPoint: 'copy_block',
    constants: {
      LENGTH: length / width,
      PITCH: pitch / width,
      AT: at / width,
      COUNT: count,
      X_OFFSET: offset / width,
    },
    bindings: [read(from), write(to)],
    workgroups: threads(count, node, target),
    flops: 0,
  };
}

export function lowerConcat(node: NodeWith<'concat'>, context: LowerContext): KernelPlan {
  requireFits(node, context);
  const rows = numel(node.shape.slice(0, node.attrs.axis));
  const pitch = numel(node.shape) / rows;
  let at = 0;
  const calls = node.inputs.map((operand, i) => {
    const length = numel(operand.shape) / rows;
    const block = { rows, length, pitch, at };
    at += length;
    const route = { from: input(i), offset: context.offsets[i]!, to: output };
    return copyBlock(node, 'concat', block, route, context.target);
  });
  return { temps: [], calls };
}

/** The bit pattern of `value` as an element of `dtype`. */
function bitsOf(value: number, dtype: DType): number {
  if (dtype === 'f32') return new Uint32Array(Float32Array.of(value).buffer)[0]!;
  return dtype === 'bool' ? Number(value !== 0) : value >>> 0;
}

/** One axis at a time, each a pass over `[rows, columns]`; an axis that is not padded costs nothing. */
export function lowerPad(node: NodeWith<'pad'>, context: LowerContext): KernelPlan {
  requireFits(node, context);
  const { low, high, value } = node.attrs;
  const shape: number[] = [...node.inputs[0]!.shape];
  const padded = shape.flatMap((_, axis) => (low[axis] || high[axis] ? [axis] : []));
  const axes = padded.length > 0 ? padded : [0];
  const temps: { dtype: DType; length: number }[] = [];
  const fill = bitsOf(value, node.dtype);
  let from: Slot = input(0);
  let offset = context.offsets[0]!;
  const calls = axes.map((axis, i) => {
    const before = blockOf(shape, axis);
    shape[axis] = (shape[axis] ?? 1) + (low[axis] ?? 0) + (high[axis] ?? 0);
    const { rows, columns: pitch } = blockOf(shape, axis);
    const start = (low[axis] ?? 0) * numel(shape.slice(axis + 1));
    const to = i === axes.length - 1 ? output : temp(temps.length);
    if (to.kind === 'temp') temps.push({ dtype: node.dtype, length: rows * pitch });
    const { width, T } = widthOf(before.columns, pitch, start, offset);
    const count = (rows * pitch) / width;
    const call: KernelCall = {
      label: 'pad',
      wgsl: specialise(padWgsl, { T }),
      entryPoint: 'pad',
      constants: {
        LENGTH: before.columns / width,
        PITCH: pitch / width,
        LOW: start / width,
        FILL: fill,
        COUNT: count,
        X_OFFSET: offset / width,
      },
      bindings: [read(from), write(to)],
      workgroups: threads(count, node, context.target),
      flops: 0,
    };
    from = to;
    offset = 0;
    return call;
  });
  return { temps, calls };
}

/** `shape` as rows before `axis` and columns from it on. */
function blockOf(shape: Shape, axis: number): { rows: number; columns: number } {
  return { rows: numel(shape.slice(0, axis)), columns: numel(shape.slice(axis)) };
}
