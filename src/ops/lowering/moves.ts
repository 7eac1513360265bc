// Kernels that move elements without computing: gather, concat, pad. They move bits as u32, or as vec4u where every
// length and offset allows it, so one kernel serves all dtypes.
import concatWgsl from '../../../shaders/concat.wgsl';
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

/** One operand of a concat, as `[rows, length]` from `offset`. */
interface Operand {
  readonly from: Slot;
  readonly offset: number;
  readonly length: number;
}

/** Operands that one call of the kernel takes. */
const mostOperands = 7;

/** `operands` side by side in the columns `begin` … of `to[rows, pitch]`. */
function concatCall(
  node: Node,
  label: string,
  { rows, pitch, begin, to }: { rows: number; pitch: number; begin: number; to: Slot },
  operands: readonly Operand[],
  target: Target,
): KernelCall {
  const lengths = operands.map(({ length }) => length);
  const offsets = operands.map(({ offset }) => offset);
  const { width, T } = widthOf(...lengths, ...offsets, pitch, begin);
  const columns = lengths.reduce((sum, length) => sum + length, 0);
  const count = (rows * columns) / width;
  const constants: Record<string, number> = {
    BEGIN: begin / width,
    PITCH: pitch / width,
    COUNT: count,
  };
  const bindings = [];
  let end = begin;
  for (let k = 0; k < mostOperands; k++) {
    end += lengths[k] ?? 0;
    constants[`END${k}`] = end / width;
    constants[`X${k}_OFFSET`] = (offsets[k] ?? 0) / width;
    bindings.push(read((operands[k] ?? operands[0]!).from));
  }
  return {
    label,
    wgsl: specialise(concatWgsl, { T }),
    entryPoint: 'concat',
    constants,
    bindings: [...bindings, write(to)],
    workgroups: threads(count, node, target),
    flops: 0,
  };
}

/** An operand that knows no offset is copied to the beginning of `to`. */
export function copyCall(
  node: Node,
  { from, offset, length, to }: Operand & { to: Slot },
  target: Target,
): KernelCall {
  return concatCall(
    node,
    'copy',
    { rows: 1, pitch: length, begin: 0, to },
    [{ from, offset, length }],
    target,
  );
}

/** Neighbours go in one call, up to seven; what was made in its place is left alone. */
export function lowerConcat(node: NodeWith<'concat'>, context: LowerContext): KernelPlan {
  requireFits(node, context);
  const rows = numel(node.shape.slice(0, node.attrs.axis));
  const pitch = numel(node.shape) / rows;
  const runs: { begin: number; operands: Operand[] }[] = [];
  let at = 0;
  let end = -1;
  node.inputs.forEach((operand, i) => {
    const length = numel(operand.shape) / rows;
    if (!context.inPlace?.[i]) {
      const open = runs.at(-1);
      const next = { from: input(i), offset: context.offsets[i]!, length };
      if (open && end === at && open.operands.length < mostOperands) open.operands.push(next);
      else runs.push({ begin: at, operands: [next] });
      end = at + length;
    }
    at += length;
  });
  const calls = runs.map(({ begin, operands }) =>
    concatCall(node, 'concat', { rows, pitch, begin, to: output }, operands, context.target),
  );
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
