// Kernels that move elements: gather, its transpose, concat, pad. They move bits, so one code serves all dtypes.
import type { NodeWith } from '../../../graph/node.ts';
import { contiguousStrides, numel } from '../../../tensor/shape.ts';
import type { DType } from '../../../tensor/types.ts';
import { f32x4, f64x2, type I32, i32, memory, type V128, v128 } from '../assembler/index.ts';
import { loadLanes, scan, storeLanes } from '../lanes.ts';
import { joinHalves, upperHalf } from '../math/index.ts';
import { emitCopy, emitFill, type Site, sweep } from './site.ts';

/** The row index at `address`, or the last row (and a fault) where it is out of range. */
function checkedIndex({ f, fault }: Site, address: I32, first: number, rows: number): I32 {
  const index = f.variable(i32.load(address));
  f.when(i32.geU(index, i32.const(rows)), () => {
    fault(i32.shrU(i32.sub(address, i32.const(first)), i32.const(2)), index);
    f.set(index, i32.const(rows - 1));
  });
  return index;
}

export function emitGather(site: Site, node: NodeWith<'gather'>): void {
  const { f, inputs, output } = site;
  const [table, indices] = inputs as [number, number];
  const rows = node.inputs[0]!.shape[0]!;
  const length = numel(node.inputs[0]!.shape) / rows;
  const count = numel(node.inputs[1]!.shape);
  sweep(f, count, [indices, output], [4, 4 * length], (at, to) => {
    const index = checkedIndex(site, at, indices, rows);
    const from = f.let(i32.add(i32.const(table), i32.mul(index, i32.const(4 * length))));
    emitCopy(f, to, from, length);
  });
}

/** Adds up in f64 and in index order: no row loses small values beside large ones. */
export function emitScatterAdd(site: Site, node: NodeWith<'scatterAdd'>): void {
  const { f, inputs, output, scratch } = site;
  const [indices, values] = inputs as [number, number];
  const { rows } = node.attrs;
  const length = numel(node.shape) / rows;
  // Whole vectors, so that the last one of a row may be added to without a mask.
  const pitch = 8 * 4 * Math.ceil(length / 4);
  const sums = scratch((rows * pitch) / 4);
  f.emit(memory.fill(i32.const(sums), i32.const(0), i32.const(rows * pitch)));
  sweep(f, numel(node.inputs[0]!.shape), [indices, values], [4, 4 * length], (at, row) => {
    const index = checkedIndex(site, at, indices, rows);
    const into = f.let(i32.add(i32.const(sums), i32.mul(index, i32.const(pitch))));
    scan(f, length, 1, (offset, extra, lanes) => {
      const x = f.let(loadLanes(i32.add(row, offset), lanes, extra));
      const to = f.let(i32.add(into, i32.shl(offset, i32.const(1))));
      const add = (half: V128, by: number): void =>
        f.emit(v128.store(to, f64x2.add(v128.load(to, by), f64x2.promoteLowF32x4(half)), by));
      add(x, 2 * extra);
      add(upperHalf(x), 2 * extra + 16);
    });
  });
  sweep(f, rows, [sums, output], [pitch, 4 * length], (sum, to) => {
    scan(f, length, 1, (offset, extra, lanes) => {
      const from = f.let(i32.add(sum, i32.shl(offset, i32.const(1))));
      const half = (by: number): V128 => f32x4.demoteF64x2Zero(v128.load(from, 2 * extra + by));
      storeLanes(f, i32.add(to, offset), joinHalves(half(0), half(16)), lanes, extra);
    });
  });
}

export function emitConcat({ f, inputs, output }: Site, node: NodeWith<'concat'>): void {
  const rows = numel(node.shape.slice(0, node.attrs.axis));
  const pitch = numel(node.shape) / rows;
  let column = 0;
  node.inputs.forEach((operand, which) => {
    const length = numel(operand.shape) / rows;
    const starts = [inputs[which]!, output + 4 * column];
    const isInPlace = starts[0] === starts[1];
    if (!isInPlace)
      sweep(f, rows, starts, [4 * length, 4 * pitch], (from, to) => emitCopy(f, to, from, length));
    column += length;
  });
}

/** The bit pattern of `value` as an element of `dtype`. */
function bitsOf(value: number, dtype: DType): number {
  if (dtype === 'f32') return new Uint32Array(Float32Array.of(value).buffer)[0]!;
  return dtype === 'bool' ? Number(value !== 0) : value >>> 0;
}

export function emitPad({ f, inputs, output }: Site, node: NodeWith<'pad'>): void {
  const { shape } = node.inputs[0]!;
  const { low, value } = node.attrs;
  const strides = contiguousStrides(node.shape);
  const first = low.reduce((sum, width, axis) => sum + width * strides[axis]!, 0);
  emitFill(f, output, numel(node.shape), bitsOf(value, node.dtype));
  const from = f.variable(i32.const(inputs[0]!));
  const to = f.variable(i32.const(output + 4 * first));
  const rank = shape.length;
  const length = shape[rank - 1] ?? 1;
  const copyAxes = (axis: number): void => {
    if (axis >= rank - 1) {
      emitCopy(f, to, from, length);
      f.advance(from, 4 * length);
      return;
    }
    f.loop(shape[axis]!, 1, () => {
      copyAxes(axis + 1);
      f.advance(to, 4 * strides[axis]!);
    });
    f.advance(to, -4 * strides[axis]! * shape[axis]!);
  };
  copyAxes(0);
}
