// Batched matmul in all transpositions, in two kernel classes. Few outputs and a long K (a Gram matrix, a gradient of
// small weights over a large batch) are split over K and added up in a second pass, in order.
import matmulSoftwareWgsl from '../../../shaders/matmul_software.wgsl';
import matmulSubgroupsWgsl from '../../../shaders/matmul_subgroups.wgsl';
import matmulTiledWgsl from '../../../shaders/matmul_tiled.wgsl';
import type { NodeWith } from '../../graph/node.ts';
import { numel } from '../../tensor/shape.ts';
import type { KernelCall, KernelPlan, LowerContext, Target } from '../spec.ts';
import { fold, input, output, overLimit, read, requireFits, specialise, temp, write } from './kernel.ts';
import { reducePass } from './reduce.ts';

/** Extents, strides in elements and offsets of C[b, m, n] = Σ_k A[b, m, k]·B[b, k, n], with transpositions resolved. */
interface Product {
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: { readonly row: number; readonly column: number; readonly offset: number };
  readonly b: { readonly row: number; readonly column: number; readonly offset: number };
}

/** A kernel for a product: how many workgroups one slice takes, and which operand it binds first. */
interface Tiling {
  readonly wgsl: string;
  readonly workgroups: number;
  readonly sizes: Readonly<Record<string, number>>;
  readonly operands: readonly [number, number];
}

function productOf({ attrs, shape, inputs }: NodeWith<'matmul'>, offsets: readonly number[]): Product {
  const { transA, transB } = attrs;
  const [m, n] = shape.slice(-2) as [number, number];
  const k = inputs[0]!.shape.at(transA ? -2 : -1)!;
  return {
    batch: numel(shape.slice(0, -2)),
    m,
    n,
    k,
    a: { row: transA ? 1 : k, column: transA ? m : 1, offset: offsets[0]! },
    b: { row: transB ? 1 : n, column: transB ? k : 1, offset: offsets[1]! },
  };
}

/** Blocks of at most `largest` units that cut `extent` most evenly: how many units each has. */
const evenly = (extent: number, largest: number): number => Math.ceil(extent / Math.ceil(extent / largest));

/** Lanes of the kernel without subgroups. */
const plainLanes = 8;
/** From so many multiplications on, a larger tile repays its longer compilation (0.4 s against 0.2 s on lavapipe). */
const largeProduct = 2 ** 26;

/**
 * Lanes go along the axis on which their operand is contiguous: columns where B is not transposed, else rows; but not
 * along an axis too short to fill them.
 */
function softwareTiling({ m, n, k, a, b }: Product, { subgroupLanes }: Target): Tiling {
  const alongColumns = (b.column === 1 && n >= plainLanes) || (n > m && m < plainLanes);
  const [x, y] = alongColumns ? [n, m] : [m, n];
  const broadcasts = (subgroupLanes === 4 || subgroupLanes === 8) && y > subgroupLanes / 2;
  const lanes = broadcasts ? subgroupLanes : plainLanes;
  const tileX = evenly(Math.ceil(x / lanes), broadcasts && m * n * k < largeProduct ? 4 : 8);
  const tileY = broadcasts ? lanes * evenly(Math.ceil(y / lanes), 2) : evenly(y, 8);
  const strides = alongColumns
    ? { P_X: b.column, P_K: b.row, Q_K: a.column, Q_Y: a.row, C_X: 1, C_Y: n }
    : { P_X: a.row, P_K: a.column, Q_K: b.row, Q_Y: b.column, C_X: n, C_Y: 1 };
  const offsets = alongColumns
    ? { P_OFFSET: b.offset, Q_OFFSET: a.offset }
    : { P_OFFSET: a.offset, Q_OFFSET: b.offset };
  return {
    wgsl: broadcasts
      ? specialise(matmulSubgroupsWgsl, { TILE_X: tileX, TILE_Y: tileY, LANES: lanes })
      : specialise(matmulSoftwareWgsl, { TILE_X: tileX, TILE_Y: tileY }),
    workgroups: Math.ceil(x / (lanes * tileX)) * Math.ceil(y / tileY),
    sizes: { X: x, Y: y, ...strides, ...offsets },
    operands: alongColumns ? [1, 0] : [0, 1],
  };
}

function discreteTiling({ batch, m, n, a, b }: Product): Tiling {
  const tiles = (micro: number): number => Math.ceil(m / (16 * micro)) * Math.ceil(n / (16 * micro));
  const micro = batch * tiles(8) >= 256 ? 8 : batch * tiles(4) >= 32 ? 4 : Math.min(m, n) > 16 ? 2 : 1;
  const strides = { A_ROW: a.row, A_COLUMN: a.column, B_ROW: b.row, B_COLUMN: b.column };
  return {
    wgsl: specialise(matmulTiledWgsl, { MICRO: micro, DEPTH: micro === 8 ? 8 : 16 }),
    workgroups: tiles(micro),
    sizes: { M: m, N: n, ...strides, A_OFFSET: a.offset, B_OFFSET: b.offset },
    operands: [0, 1],
  };
}

/** Fewer workgroups than this leave the adapter idle; a split shorter than this is not worth a second pass. */
const enoughWorkgroups = { software: 16, discrete: 128 } as const;
const shortestSplit = { software: 512, discrete: 256 } as const;

function splitsFor({ batch, k }: Product, workgroups: number, target: Target): number {
  const wanted = Math.ceil(enoughWorkgroups[target.kernelClass] / (batch * workgroups));
  const splits = Math.max(1, Math.min(wanted, Math.floor(k / shortestSplit[target.kernelClass])));
  return Math.ceil(k / Math.ceil(k / splits));
}

export function lowerMatmul(node: NodeWith<'matmul'>, context: LowerContext): KernelPlan {
  requireFits(node, context);
  const { target, offsets } = context;
  const product = productOf(node, offsets);
  const { batch, m, n, k } = product;
  const tiling =
    target.kernelClass === 'software' ? softwareTiling(product, target) : discreteTiling(product);
  const splits = splitsFor(product, tiling.workgroups, target);
  const partials = batch * splits * m * n;
  if (4 * partials > target.maxBindingBytes) {
    throw overLimit(node, `${4 * partials} bytes of scratch`, `${target.maxBindingBytes} bytes`);
  }
  const { transA, transB } = node.attrs;
  const call: KernelCall = {
    label: `matmul.${transA ? 't' : 'n'}${transB ? 't' : 'n'}`,
    wgsl: tiling.wgsl,
    entryPoint: 'matmul',
    constants: {},
    sizes: { K: k, BATCH: batch, SPLITS: splits, SPLIT: Math.ceil(k / splits), ...tiling.sizes },
    bindings: [...tiling.operands.map((i) => read(input(i))), write(splits === 1 ? output : temp(0))],
    workgroups: fold(batch * splits * tiling.workgroups, node, target),
    flops: 2 * batch * m * n * k,
  };
  if (splits === 1) return { temps: [], calls: [call] };
  const pass = { outer: batch, length: splits, inner: m * n };
  const added = reducePass(node, 'sum', pass, { from: temp(0), offset: 0, to: output }, 'f32', 1, target);
  return { temps: [{ dtype: 'f32', length: partials }, ...added.temps], calls: [call, ...added.calls] };
}
