// Batched matmul in all transpositions, in two kernel classes. Few outputs and a long K (a Gram matrix, a gradient of
// small weights over a large batch) are split over K and added up in a second pass, in order.
import matmulSoftwareWgsl from '../../../shaders/matmul_software.wgsl';
import matmulTiledWgsl from '../../../shaders/matmul_tiled.wgsl';
import type { NodeWith } from '../../graph/node.ts';
import { numel } from '../../tensor/shape.ts';
import type { KernelCall, KernelPlan, LowerContext, Target } from '../spec.ts';
import { fold, input, output, overLimit, read, requireFits, specialise, temp, write } from './kernel.ts';
import { reducePass } from './reduce.ts';

interface Extents {
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** A kernel with its tile, and how many workgroups it takes for one product. */
interface Tiling {
  readonly wgsl: string;
  readonly workgroups: number;
}

/** Rows go to lanes, eight a workgroup; fewer rows a thread where M is small, so that no lane idles. */
function softwareTiling({ m, n }: Extents): Tiling {
  const rows = m >= 48 ? 8 : m >= 24 ? 4 : m >= 12 ? 2 : 1;
  const columns = n >= 8 ? 8 : n >= 4 ? 4 : n >= 2 ? 2 : 1;
  return {
    wgsl: specialise(matmulSoftwareWgsl, { ROWS: rows, COLUMNS: columns }),
    workgroups: Math.ceil(m / (8 * rows)) * Math.ceil(n / columns),
  };
}

function tiledTiling({ batch, m, n }: Extents): Tiling {
  const tiles = (micro: number): number => Math.ceil(m / (16 * micro)) * Math.ceil(n / (16 * micro));
  const micro = batch * tiles(8) >= 256 ? 8 : batch * tiles(4) >= 32 ? 4 : Math.min(m, n) > 16 ? 2 : 1;
  return {
    wgsl: specialise(matmulTiledWgsl, { MICRO: micro, DEPTH: micro === 8 ? 8 : 16 }),
    workgroups: tiles(micro),
  };
}

/** Fewer workgroups than this leave the adapter idle; a split shorter than this is not worth a second pass. */
const enoughWorkgroups = { software: 16, discrete: 128 } as const;
const shortestSplit = 256;

function splitsFor({ batch, k }: Extents, workgroups: number, target: Target): number {
  const wanted = Math.ceil(enoughWorkgroups[target.kernelClass] / (batch * workgroups));
  const splits = Math.max(1, Math.min(wanted, Math.floor(k / shortestSplit)));
  return Math.ceil(k / Math.ceil(k / splits));
}

export function lowerMatmul(node: NodeWith<'matmul'>, context: LowerContext): KernelPlan {
  requireFits(node, context);
  const { target, offsets } = context;
  const { transA, transB } = node.attrs;
  const [m, n] = node.shape.slice(-2) as [number, number];
  const k = node.inputs[0]!.shape.at(transA ? -2 : -1)!;
  const extents: Extents = { batch: numel(node.shape.slice(0, -2)), m, n, k };
  const { wgsl, workgroups } =
    target.kernelClass === 'software' ? softwareTiling(extents) : tiledTiling(extents);
  const splits = splitsFor(extents, workgroups, target);
  const partials = extents.batch * splits * m * n;
  if (4 * partials > target.maxBindingBytes) {
    throw overLimit(node, `${4 * partials} bytes of scratch`, `${target.maxBindingBytes} bytes`);
  }
  const call: KernelCall = {
    label: `matmul.${transA ? 't' : 'n'}${transB ? 't' : 'n'}`,
    wgsl,
    entryPoint: 'matmul',
    constants: {
      M: m,
      N: n,
      K: k,
      BATCH: extents.batch,
      SPLITS: splits,
      SPLIT: Math.ceil(k / splits),
      A_ROW: transA ? 1 : k,
      A_COLUMN: transA ? m : 1,
      B_ROW: transB ? 1 : n,
      B_COLUMN: transB ? k : 1,
      A_OFFSET: offsets[0]!,
      B_OFFSET: offsets[1]!,
    },
    bindings: [read(input(0)), read(input(1)), write(splits === 1 ? output : temp(0))],
    workgroups: fold(extents.batch * splits * workgroups, node, target),
    flops: 2 * extents.batch * m * n * k,
  };
  if (splits === 1) return { temps: [], calls: [call] };
  const pass = { outer: extents.batch, length: splits, inner: m * n };
  const added = reducePass(node, 'sum', pass, { from: temp(0), offset: 0, to: output }, 'f32', 1, target);
  return { temps: [{ dtype: 'f32', length: partials }, ...added.temps], calls: [call, ...added.calls] };
}
