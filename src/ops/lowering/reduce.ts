// Reductions over any axes. Neighbouring axes merge, so that the input is kept, reduced, kept, reduced … axes in turn;
// each reduced one is a pass over [outer, K, inner], and a long K with few outputs is two passes.

import argMaxWgsl from '../../../shaders/arg_max.wgsl';
import logSumExpWgsl from '../../../shaders/log_sum_exp.wgsl';
import reduceWgsl from '../../../shaders/reduce.wgsl';
import type { NodeWith } from '../../graph/node.ts';
import { numel } from '../../tensor/shape.ts';
import type { DType, Shape } from '../../tensor/types.ts';
import type { KernelCall, KernelPlan, LowerContext, Slot, Target } from '../spec.ts';
import {
  aligned,
  elementType,
  fold,
  input,
  output,
  read,
  requireFits,
  specialise,
  temp,
  threads,
  vec4,
  write,
} from './kernel.ts';

export type ReduceOp = 'sum' | 'max' | 'min' | 'logSumExp';

/** `[outer, K, inner]`, to be reduced over K. */
export interface Pass {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

const opNumber = { sum: 0, max: 1, min: 2 } as const;

/** Fewer outputs than this leave an adapter idle: worth splitting K for. */
const enoughOutputs = 1024;
/** A chunk shorter than this is not worth a second pass: a dispatch costs a software adapter as much as 1,000 loads. */
const shortestChunk = { software: 512, discrete: 256 } as const;

/** One kernel call: `[outer, K, inner]` at `offset` of `from` → `[outer, chunks, inner]`. */
function reduceCall(
  node: NodeWith<ReduceOp> | NodeWith<'matmul'>,
  op: ReduceOp,
  { outer, length, inner }: Pass,
  { chunks, dtype, width }: { chunks: number; dtype: DType; width: 1 | 4 },
  { from, offset, to }: { from: Slot; offset: number; to: Slot },
  target: Target,
): KernelCall {
  const columns = inner / width;
  const outputs = outer * chunks * columns;
  const chunk = Math.ceil(length / chunks);
  const perWorkgroup = target.kernelClass === 'discrete' && columns < 32 && chunk >= 64;
  const element = elementType(dtype);
  const sizes = {
    K: length,
    INNER: columns,
    CHUNKS: chunks,
    CHUNK: chunk,
    OUTPUTS: outputs,
    X_OFFSET: offset / width,
  };
  const type = width === 4 ? vec4[element] : element;
  return {
    label: `reduce.${op}`,
    wgsl:
      op === 'logSumExp'
        ? logSumExpWgsl
        : specialise(reduceWgsl, { T: type, U: width === 4 ? 'vec4u' : 'u32' }),
    entryPoint: perWorkgroup ? 'workgroup_per_output' : 'thread_per_output',
    constants: op === 'logSumExp' ? {} : { OP: opNumber[op], FLOATS: dtype === 'f32' ? 1 : 0 },
    sizes,
    bindings: [read(from), write(to)],
    workgroups: perWorkgroup ? fold(outputs, node, target) : threads(outputs, node, target),
    flops: outer * length * inner,
  };
}

/** How many chunks to cut K into, each of at least `shortestChunk`, none empty. */
function chunksFor({ outer, length, inner }: Pass, { kernelClass }: Target): number {
  const outputs = outer * inner;
  const shortest = shortestChunk[kernelClass];
  if (outputs >= enoughOutputs || length < 2 * shortest) return 1;
  const wanted = Math.min(Math.ceil(enoughOutputs / outputs), Math.floor(length / shortest));
  return Math.ceil(length / Math.ceil(length / wanted));
}

/** The calls that reduce `pass`, with their temps numbered from `firstTemp`. */
export function reducePass(
  node: NodeWith<ReduceOp> | NodeWith<'matmul'>,
  op: ReduceOp,
  pass: Pass,
  { from, offset, to }: { from: Slot; offset: number; to: Slot },
  dtype: DType,
  firstTemp: number,
  target: Target,
): KernelPlan {
  // A long contiguous row read as vec4s leaves four interleaved partial results, which the last pass adds up.
  const wide =
    op !== 'logSumExp' &&
    pass.inner === 1 &&
    pass.outer * pass.length >= 65536 &&
    aligned(pass.length, offset);
  const first: Pass = wide ? { outer: pass.outer, length: pass.length / 4, inner: 4 } : pass;
  const chunks = chunksFor(first, target);
  const width = op !== 'logSumExp' && aligned(first.inner, offset) ? 4 : 1;
  if (chunks === 1 && !wide) {
    return {
      temps: [],
      calls: [reduceCall(node, op, pass, { chunks, dtype, width }, { from, offset, to }, target)],
    };
  }
  const rest: Pass = wide
    ? { outer: pass.outer, length: chunks * 4, inner: 1 }
    : { outer: pass.outer, length: chunks, inner: pass.inner };
  const partial = temp(firstTemp);
  const narrow = op !== 'logSumExp' && aligned(rest.inner) ? 4 : 1;
  return {
    temps: [{ dtype, length: rest.outer * rest.length * rest.inner }],
    calls: [
      reduceCall(node, op, first, { chunks, dtype, width }, { from, offset, to: partial }, target),
      reduceCall(
        node,
        op,
        rest,
        { chunks: 1, dtype, width: narrow },
        { from: partial, offset: 0, to },
        target,
      ),
    ],
  };
}

/** `[outer, K, inner]` for each run of neighbouring reduced axes, innermost first, each on the result of the last. */
export function passesOver(shape: Shape, axes: readonly number[]): Pass[] {
  const passes: Pass[] = [];
  const extents = [...shape];
  for (let last = shape.length - 1; last >= 0; last--) {
    if (!axes.includes(last) || axes.includes(last + 1)) continue;
    let begin = last;
    while (axes.includes(begin - 1)) begin--;
    const length = numel(extents.slice(begin, last + 1));
    passes.push({ outer: numel(extents.slice(0, begin)), length, inner: numel(extents.slice(last + 1)) });
    extents.fill(1, begin, last + 1);
  }
  return passes.filter((pass) => pass.length > 1);
}

export function lowerReduce(node: NodeWith<ReduceOp>, context: LowerContext): KernelPlan {
  requireFits(node, context);
  const dtype = node.dtype;
  const found = passesOver(node.inputs[0]!.shape, node.attrs.axes);
  const passes = found.length > 0 ? found : [{ outer: numel(node.shape), length: 1, inner: 1 }];
  const temps: { dtype: DType; length: number }[] = [];
  const calls: KernelCall[] = [];
  let from: Slot = input(0);
  let offset = context.offsets[0]!;
  for (const [i, pass] of passes.entries()) {
    let to: Slot = output;
    if (i < passes.length - 1) {
      to = temp(temps.length);
      temps.push({ dtype, length: pass.outer * pass.inner });
    }
    const plan = reducePass(node, node.op, pass, { from, offset, to }, dtype, temps.length, context.target);
    temps.push(...plan.temps);
    calls.push(...plan.calls);
    from = to;
    offset = 0;
  }
  return { temps, calls };
}

export function lowerArgMax(node: NodeWith<'argMax'>, context: LowerContext): KernelPlan {
  requireFits(node, context);
  const { shape, dtype } = node.inputs[0]!;
  const { axis } = node.attrs;
  const length = shape[axis]!;
  const inner = numel(shape.slice(axis + 1));
  const outputs = numel(node.shape);
  const pass: Pass = { outer: outputs / inner, length, inner };
  const chunks = chunksFor(pass, context.target);
  const floats = dtype === 'f32' ? 1 : 0;
  const shared = { FLOATS: floats, K: length, INNER: inner, X_OFFSET: context.offsets[0]! };
  const wgsl = specialise(argMaxWgsl, { T: elementType(dtype) });
  const chunked: KernelCall = {
    label: 'argMax',
    wgsl,
    entryPoint: 'chunks',
    constants: { ...shared, CHUNKS: chunks, CHUNK: Math.ceil(length / chunks), OUTPUTS: outputs * chunks },
    bindings: [read(input(0)), write(chunks === 1 ? output : temp(0))],
    workgroups: threads(outputs * chunks, node, context.target),
    flops: numel(shape),
  };
  if (chunks === 1) return { temps: [], calls: [chunked] };
  const winners: KernelCall = {
    label: 'argMax',
    wgsl,
    entryPoint: 'winners',
    constants: { ...shared, CANDIDATES: chunks, OUTPUTS: outputs },
    bindings: [read(input(0)), write(output), read(temp(0))],
    workgroups: threads(outputs, node, context.target),
    flops: outputs * chunks,
  };
  return { temps: [{ dtype: 'u32', length: outputs * chunks }], calls: [chunked, winners] };
}
