// Reductions. Each run of neighbouring reduced axes is a pass over `[outer, length, inner]`: along rows where `inner`
// is 1, else down columns. The order of additions depends on the shape alone.
import type { NodeWith } from '../../../graph/node.ts';
import { passesOver } from '../../../ops/lowering/reduce.ts';
import { numel } from '../../../tensor/shape.ts';
import { type FunctionBuilder, f32x4, type I32, i32, type V128, v128 } from '../assembler/index.ts';
import { loadFilled, loadLanes, scan, storeLanes } from '../lanes.ts';
import { exp, floats, log } from '../math/index.ts';
import { type Fold, foldOf, shiftOfFloats, startFold, sumOfFloats } from './fold.ts';
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
    if (pass.inner === 1) reduceRows(f, node, pass, from, to);
    else reduceColumns(site, node, pass, from, to);
    from = to;
  });
}

function reduceRows(
  f: FunctionBuilder,
  { op, dtype }: NodeWith<Reduction>,
  pass: Pass,
  from: number,
  to: number,
): void {
  const { outer, length } = pass;
  sweep(f, outer, [from, to], [4 * length, 4], (row, result) => {
    const value =
      op === 'logSumExp' ? logSumExpOfRow(f, row, length) : foldRow(f, foldOf(op, dtype), row, length);
    storeLanes(f, result, value, 1);
  });
}

function reduceColumns(
  site: Site,
  { op, dtype }: NodeWith<Reduction>,
  pass: Pass,
  from: number,
  to: number,
): void {
  const { f, scratch } = site;
  const { outer, length, inner } = pass;
  const fold = op === 'logSumExp' ? sumOfFloats : foldOf(op, dtype);
  const registers = scratch(4 * Math.ceil(inner / 4) * fold.start.length);
  sweep(f, outer, [from, to], [4 * length * inner, 4 * inner], (block, results) => {
    const columns = { block, length, inner, registers };
    if (op === 'logSumExp') logSumExpOfColumns(f, columns, results);
    else {
      foldColumns(f, fold, columns);
      eachColumn(f, fold, columns, results, (folded) => folded);
    }
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
  /** Address of the first row. */
  readonly block: I32;
  readonly length: number;
  readonly inner: number;
  /** Where running results lie: a fold's registers for each vector of columns. */
  readonly registers: number;
}

/** Rows that are added while a running result is in registers. */
const rowsAtOnce = 4;

/** Folds row after row into the running results, so that memory is read in order. */
function foldColumns(
  f: FunctionBuilder,
  fold: Fold,
  { block, length, inner, registers }: Columns,
  map: Mapping = (x) => x,
): void {
  const count = fold.start.length;
  scan(f, inner, 1, (offset, extra) => {
    const at = i32.mul(offset, i32.const(count));
    fold.start.forEach((start, r) => {
      f.emit(v128.store(at, start, registers + count * extra + 16 * r));
    });
  });
  const row = f.variable(block);
  const addRows = (rows: number): void => {
    scan(f, inner, 1, (offset, extra, lanes) => {
      const at = f.let(i32.mul(offset, i32.const(count)));
      const place = (r: number): number => registers + count * extra + 16 * r;
      const running = fold.start.map((_, r) => f.variable(v128.load(at, place(r))));
      const from = f.let(i32.add(row, offset));
      for (let below = 0; below < rows; below++) {
        const x = f.let(loadFilled(from, lanes, fold.neutral, extra + 4 * inner * below));
        fold.add(f, running, f.let(map(x, offset, extra, lanes)));
      }
      running.forEach((register, r) => {
        f.emit(v128.store(at, register, place(r)));
      });
    });
    f.advance(row, 4 * inner * rows);
  };
  if (length >= rowsAtOnce) f.loop(Math.floor(length / rowsAtOnce), 1, () => addRows(rowsAtOnce));
  if (length % rowsAtOnce > 0) addRows(length % rowsAtOnce);
}

/** Stores `map` of each vector of folded columns. */
function eachColumn(
  f: FunctionBuilder,
  fold: Fold,
  { inner, registers }: Columns,
  results: I32,
  map: Mapping,
): void {
  const count = fold.start.length;
  scan(f, inner, 1, (offset, extra, lanes) => {
    const at = f.let(i32.mul(offset, i32.const(count)));
    const running = fold.start.map((_, r) => f.let(v128.load(at, registers + count * extra + 16 * r)));
    const value = map(f.let(fold.lanes(running)), offset, extra, lanes);
    storeLanes(f, i32.add(results, offset), f.let(value), lanes, extra);
  });
}

/** The maximum where it is finite, else 0: then exponentials of what remains tell infinities and NaN by themselves. */
function shiftOf(f: FunctionBuilder, max: V128): V128 {
  return f.let(v128.and(max, f32x4.lt(f32x4.abs(max), floats(Infinity))));
}

function logSumExpOfRow(f: FunctionBuilder, row: I32, length: number): V128 {
  const shift = shiftOf(f, foldRow(f, shiftOfFloats, row, length));
  const shifted = (x: V128): V128 => exp(f, f.let(f32x4.sub(x, shift)));
  const total = foldRow(f, sumOfFloats, row, length, shifted, floats(-Infinity));
  return f.let(f32x4.add(shift, log(f, total)));
}

/** The shifts wait in the results' own place. */
function logSumExpOfColumns(f: FunctionBuilder, columns: Columns, results: I32): void {
  const shiftAt = (offset: I32, extra: number, lanes: number): V128 =>
    loadLanes(i32.add(results, offset), lanes, extra);
  foldColumns(f, shiftOfFloats, columns);
  eachColumn(f, shiftOfFloats, columns, results, (max) => shiftOf(f, max));
  foldColumns(f, sumOfFloats, columns, (x, ...place) => exp(f, f.let(f32x4.sub(x, shiftAt(...place)))));
  eachColumn(f, sumOfFloats, columns, results, (total, ...place) =>
    f32x4.add(shiftAt(...place), log(f, total)),
  );
}
