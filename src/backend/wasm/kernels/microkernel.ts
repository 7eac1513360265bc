// The innermost product: a tile of C, held in registers, gains `k` outer products of a column of A and a row of B.
//
// V8 orders all loads of a basic block before its arithmetic, so the accumulators and loads of one step together must
// fit the 15 vector registers: 4 × 8 gives 40 GFLOP/s where 6 × 8 gives 24. Plain unrolling over k doubles the loads
// (28 GFLOP/s); with a way out of the loop between two steps, each is a block of its own (45).
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

/** The largest tile whose registers suffice; the last row or column of tiles may be smaller. */
export function tileFor(m: number, n: number): { readonly rows: number; readonly columns: number } {
  if (n <= 4) return { rows: Math.min(m, 6), columns: n };
  const widest = m === 1 ? 24 : m === 2 ? 16 : 8;
  return { rows: Math.min(m, 4), columns: Math.min(n, widest) };
}

/** A turn has overhead of its own: the check whether the engine wants to interrupt. */
const stepsPerTurn = 4;

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
    const step = (): void => {
      const row = vectors.map((v) => f.let(v128.load(b, 16 * v)));
      sums.forEach((sumsOfRow, r) => {
        const factor = f.let(v128.load32Splat(a, r * aRow));
        sumsOfRow.forEach((sum, v) => {
          f.set(sum, f32x4.add(sum, f32x4.mul(factor, row[v]!)));
        });
      });
      f.advance(a, aInner);
      f.advance(b, bInner);
    };
    f.repeat((leave) => {
      for (let turn = 1; turn < stepsPerTurn; turn++) {
        step();
        leave(i32.geU(b, end));
      }
      step();
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
