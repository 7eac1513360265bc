// Reductions. Each run of neighbouring reduced axes is a pass over `[outer, length, inner]`: along rows where `inner`
// is 1, else down columns. The order of additions depends on the shape alone.
import type { NodeWith } from '../../../graph/node.ts';
import { passesOver } from '../../../ops/lowering/reduce.ts';
import { numel } from '../../../tensor/shape.ts';
import type { DType } from '../../../tensor/types.ts';
import { type FunctionBuilder, f32x4, type I32, i32, type V128, v128 } from '../assembler/index.ts';
import { loadFilled, scan, storeLanes } from '../lanes.ts';
import { exp, floats, log } from '../math/index.ts';
import { type Fold, foldOf, maxOfFloats, startFold, sumOfFloats } from './fold.ts';
import { emitCopy, type Site, sweep } from './site.ts';

type Reduction = 'sum' | 'max' | 'min' | 'logSumExp';

interface Pass {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

/** Vectors in flight: enough to hide the latency of an addition. */
const unroll = 4;

export function emitReduce(site: Site, node: NodeWith<Reduction>): void {
  const { f, inputs, output, scratch } = site;
  const passes = passesOver(node.inputs[0]!.shape, node.attrs.axes);
  if (passes.length === 0) emitCopy(f, i32.const(output), i32.const(inputs[0]!), numel(node.shape));
  let from = inputs[0]!;
  passes.forEach((pass, at) => {
    const to = at === passes.length - 1 ? output : scratch(pass.outer * pass.inner);
    emitPass(f, node.op, node.dtype, pass, from, to);
    from = to;
  });
}

function emitPass(
  f: FunctionBuilder,
  op: Reduction,
  dtype: DType,
  pass: Pass,
  from: number,
  to: number,
): void {
  const { outer, length, inner } = pass;
  if (inner === 1) {
    sweep(f, outer, [from, to], [4 * length, 4], (row, result) => {
      const value =
        op === 'logSumExp' ? logSumExpOfRow(f, row, length) : foldRow(f, foldOf(op, dtype), row, length);
      storeLanes(f, result, value, 1);
    });
    return;
  }
  sweep(f, outer, [from, to], [4 * length * inner, 4 * inner], (block, results) => {
    scan(f, inner, 1, (offset, extra, lanes) => {
      const column = f.let(i32.add(block, offset));
      const walk = { column, extra, lanes, length, pitch: 4 * inner };
      const value =
        op === 'logSumExp' ? logSumExpOfColumns(f, walk) : foldColumns(f, foldOf(op, dtype), walk);
      storeLanes(f, i32.add(results, offset), value, lanes, extra);
    });
  });
}

/** What a fold takes instead of the elements themselves: of a vector and its place in the row, as `scan` gives it. */
export type Mapping = (x: V128, offset: I32, extra: number, lanes: number) => V128;

/** The fold of a row, in every lane; `fill` is what `map` gets beyond the row's end. */
export function foldRow(
  f: FunctionBuilder,
  fold: Fold,
  row: I32,
  length: number,
  map: Mapping = (x) => x,
  fill = fold.neutral,
): V128 {
  const count = Math.min(unroll, Math.ceil(length / 4));
  const registers = Array.from({ length: count }, () => startFold(f, fold));
  scan(f, length, count, (offset, extra, lanes, slot) => {
    const x = f.let(loadFilled(i32.add(row, offset), lanes, fill, extra));
    fold.add(f, registers[slot]!, f.let(map(x, offset, extra, lanes)));
  });
  const [first, ...others] = registers;
  for (const other of others) fold.merge(f, first!, other);
  return fold.total(f, first!);
}

interface Columns {
  /** Address of the first element of up to four neighbouring columns, less `extra`. */
  readonly column: I32;
  readonly extra: number;
  readonly lanes: number;
  readonly length: number;
  /** Bytes from one row to the next. */
  readonly pitch: number;
}

function foldColumns(
  f: FunctionBuilder,
  fold: Fold,
  { column, extra, lanes, length, pitch }: Columns,
  map: (x: V128) => V128 = (x) => x,
): V128 {
  const registers = startFold(f, fold);
  const at = f.variable(column);
  f.loop(length, 1, () => {
    fold.add(f, registers, f.let(map(f.let(loadFilled(at, lanes, fold.neutral, extra)))));
    f.advance(at, pitch);
  });
  return f.let(fold.lanes(registers));
}

/** The maximum where it is finite, else 0: then exponentials of what remains tell infinities and NaN by themselves. */
function shiftOf(f: FunctionBuilder, max: V128): V128 {
  return f.let(v128.and(max, f32x4.lt(f32x4.abs(max), floats(Infinity))));
}

function logSumExpOfRow(f: FunctionBuilder, row: I32, length: number): V128 {
  const shift = shiftOf(f, foldRow(f, maxOfFloats, row, length));
  const shifted = (x: V128): V128 => exp(f, f.let(f32x4.sub(x, shift)));
  const total = foldRow(f, sumOfFloats, row, length, shifted, floats(-Infinity));
  return f.let(f32x4.add(shift, log(f, total)));
}

function logSumExpOfColumns(f: FunctionBuilder, columns: Columns): V128 {
  const shift = shiftOf(f, foldColumns(f, maxOfFloats, columns));
  const total = foldColumns(f, sumOfFloats, columns, (x) => exp(f, f.let(f32x4.sub(x, shift))));
  return f.let(f32x4.add(shift, log(f, total)));
}
