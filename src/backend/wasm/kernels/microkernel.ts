// The innermost product: a tile of C, held in registers, gains `k` outer products of a column of A and a row of B.
//
// V8 orders all loads of a basic block before its arithmetic, so accumulators and loads of one turn together must fit
// the 15 vector registers, and unrolling over k makes it slower: 4 × 8 without unrolling gives 40 GFLOP/s where 6 × 8
// gives 24 and 4 × 8 unrolled twice 28.
import { f32x4, i32, type ModuleBuilder, v128 } from '../assembler/index.ts';
import { loadLanes, storeLanes } from '../lanes.ts';

/** Strides in bytes, fixed in the code. Rows of B and C have unit stride. */
export interface Tile {
  readonly rows: number;
  readonly columns: number;
  readonly aRow: number;
  readonly aInner: number;
  readonly bInner: number;
  readonly cRow: number;
  /** Adds to C instead of overwriting it. */
  readonly accumulate: boolean;
}

/** Columns of the widest tile of that many rows. */
export const tileColumns = { 1: 24, 2: 16, 3: 8, 4: 8 } as const;
export type TileRows = keyof typeof tileColumns;

/** A function of the addresses of A, B and C and the number of steps (at least one). */
export function microkernel(module: ModuleBuilder, tile: Tile): number {
  const { rows, columns, aRow, aInner, bInner, cRow, accumulate } = tile;
  const name = `matmul.${rows}x${columns}(${[aRow, aInner, bInner, cRow].join(',')}${accumulate ? ',+' : ''})`;
  return module.share(name, ['i32', 'i32', 'i32', 'i32'], (f) => {
    const a = f.parameter(0, 'i32');
    const b = f.parameter(1, 'i32');
    const c = f.parameter(2, 'i32');
    const end = f.let(i32.add(b, i32.mul(f.parameter(3, 'i32'), i32.const(bInner))));
    const vectors = Array.from({ length: Math.ceil(columns / 4) }, (_, v) => v);
    const zero = v128.const(new Float32Array(4));
    const sums = Array.from({ length: rows }, () => vectors.map(() => f.variable(zero)));
    f.repeat(() => {
      const row = vectors.map((v) => f.let(v128.load(b, 16 * v)));
      sums.forEach((sumsOfRow, r) => {
        const factor = f.let(v128.load32Splat(a, r * aRow));
        sumsOfRow.forEach((sum, v) => {
          f.set(sum, f32x4.add(sum, f32x4.mul(factor, row[v]!)));
        });
      });
      f.advance(a, aInner);
      f.advance(b, bInner);
      return i32.ltU(b, end);
    });
    sums.forEach((sumsOfRow, r) => {
      sumsOfRow.forEach((sum, v) => {
        const at = r * cRow + 16 * v;
        const lanes = Math.min(4, columns - 4 * v);
        const value = accumulate ? f.let(f32x4.add(loadLanes(c, lanes, at), sum)) : sum;
        storeLanes(f, c, value, lanes, at);
      });
    });
  });
}
