// Index of the first maximum along one axis. NaN is never greater, so it never wins.
import type { NodeWith } from '../../../graph/node.ts';
import { numel } from '../../../tensor/shape.ts';
import type { DType } from '../../../tensor/types.ts';
import {
  type FunctionBuilder,
  f32x4,
  type I32,
  i32,
  i32x4,
  type V128,
  type Variable,
  v128,
} from '../assembler/index.ts';
import { loadFilled, scan, storeLanes } from '../lanes.ts';
import { integers } from '../math/index.ts';
import { foldOf } from './fold.ts';
import { type Site, sweep } from './site.ts';

/** The best so far in each lane. */
interface Best {
  readonly value: Variable<'v128'>;
  readonly index: Variable<'v128'>;
}

export function emitArgMax({ f, inputs, output }: Site, node: NodeWith<'argMax'>): void {
  const { shape, dtype } = node.inputs[0]!;
  const { axis } = node.attrs;
  const length = shape[axis]!;
  const inner = numel(shape.slice(axis + 1));
  const outer = numel(node.shape) / inner;
  if (inner === 1) {
    sweep(f, outer, [inputs[0]!, output], [4 * length, 4], (row, result) => {
      storeLanes(f, result, argMaxOfRow(f, dtype, row, length), 1);
    });
    return;
  }
  sweep(f, outer, [inputs[0]!, output], [4 * length * inner, 4 * inner], (block, results) => {
    scan(f, inner, 1, (offset, extra, lanes) => {
      const best = startBest(f, dtype);
      const at = f.variable(i32.add(block, offset));
      f.loop(length, 1, (i) => {
        improve(f, dtype, best, f.let(loadFilled(at, lanes, neutralOf(dtype), extra)), f.let(i32x4.splat(i)));
        f.advance(at, 4 * inner);
      });
      storeLanes(f, i32.add(results, offset), best.index, lanes, extra);
    });
  });
}

function argMaxOfRow(f: FunctionBuilder, dtype: DType, row: I32, length: number): V128 {
  const best = startBest(f, dtype);
  const lane = v128.const(Int32Array.of(0, 1, 2, 3));
  scan(f, length, 1, (offset, extra, lanes) => {
    const index = i32x4.add(i32x4.splat(i32.shrU(offset, i32.const(2))), lane);
    improve(
      f,
      dtype,
      best,
      f.let(loadFilled(i32.add(row, offset), lanes, neutralOf(dtype), extra)),
      f.let(index),
    );
  });
  for (const order of [
    [2, 3, 0, 1],
    [1, 0, 3, 2],
  ] as const) {
    const value = f.let(i32x4.shuffle(best.value, best.value, order));
    const index = f.let(i32x4.shuffle(best.index, best.index, order));
    const earlier = v128.and(equal(dtype, value, best.value), i32x4.ltU(index, best.index));
    take(f, best, value, index, f.let(v128.or(greater(dtype, value, best.value), earlier)));
  }
  return best.index;
}

const neutralOf = (dtype: DType): V128 => foldOf('max', dtype).neutral;

function startBest(f: FunctionBuilder, dtype: DType): Best {
  return { value: f.variable(neutralOf(dtype)), index: f.variable(integers(0)) };
}

function improve(f: FunctionBuilder, dtype: DType, best: Best, value: V128, index: V128): void {
  take(f, best, value, index, f.let(greater(dtype, value, best.value)));
}

function take(f: FunctionBuilder, best: Best, value: V128, index: V128, where: V128): void {
  f.set(best.value, v128.bitselect(value, best.value, where));
  f.set(best.index, v128.bitselect(index, best.index, where));
}

function greater(dtype: DType, a: V128, b: V128): V128 {
  if (dtype === 'f32') return f32x4.gt(a, b);
  return dtype === 'i32' ? i32x4.gtS(a, b) : i32x4.gtU(a, b);
}

function equal(dtype: DType, a: V128, b: V128): V128 {
  return dtype === 'f32' ? f32x4.eq(a, b) : i32x4.eq(a, b);
}
