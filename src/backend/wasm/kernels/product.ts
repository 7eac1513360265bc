// Batched matrix product, all transpositions read where they lie: blocks over K, packed panels where an operand is
// read often (Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008), in-place reads
// where it is not. The order of additions depends on the shape alone.
import {
  type FunctionBuilder,
  f32x4,
  type I32,
  i32,
  type ModuleBuilder,
  memory,
  type V128,
} from '../assembler/index.ts';
import { loadLanes, storeLanes } from '../lanes.ts';
import { sumOfFloats } from './fold.ts';
import { microkernel, tileFor } from './microkernel.ts';
import { packer, panelWidth, type Strip } from './pack.ts';
import { foldRow } from './reduce.ts';

export interface Product {
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transA: boolean;
  readonly transB: boolean;
}

/** Byte addresses of A, B, C and of `scratchElements(product)` elements. */
export interface ProductPlaces {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly scratch: number;
}

interface Blocking {
  /** Steps of K a block. */
  readonly depth: number;
  readonly blocks: number;
  /** The tile of C that is held in registers. */
  readonly rows: number;
  readonly columns: number;
  readonly packsA: boolean;
  readonly packsB: boolean;
}

/** A block of B should stay in the second-level cache beside a tile of A. */
const blockElements = 2 ** 17;
const deepest = 256;
const shallowest = 64;

function blockingOf({ m, n, k, transB }: Product): Blocking {
  const most = Math.max(shallowest, Math.min(deepest, Math.floor(blockElements / n)));
  const depth = 4 * Math.ceil(k / Math.ceil(k / most) / 4);
  const { rows, columns } = tileFor(m, n);
  return {
    depth,
    blocks: Math.ceil(k / depth),
    rows,
    columns,
    packsA: rows === 4 && n > 2 * columns && k >= 32,
    packsB: transB || (m > 16 && n > columns),
  };
}

/** `swapped`: Aᵀx is xᵀA, whose result lies alike. `rows`: both operands run along K, and one has few rows. */
function methodOf({ m, n, transA, transB }: Product): 'blocks' | 'rows' | 'swapped' {
  if (n === 1 && transA && m > 1) return 'swapped';
  const alongK = (!transA || m === 1) && (transB || n === 1);
  return alongK && Math.min(m, n) <= 2 ? 'rows' : 'blocks';
}

/** Elements of scratch memory that `emitProduct` needs. */
export function scratchElements(product: Product): number {
  if (methodOf(product) !== 'blocks') return 0;
  const { depth, packsA, packsB, columns } = blockingOf(product);
  const panels = Math.ceil(product.n / columns);
  return (packsA ? 4 * depth : 0) + (packsB ? panels * panelWidth(columns) * depth : 0);
}

export function emitProduct(
  module: ModuleBuilder,
  f: FunctionBuilder,
  product: Product,
  places: ProductPlaces,
): void {
  const method = methodOf(product);
  if (method === 'rows') emitRows(f, product, places);
  else if (method === 'blocks') emitBlocks(module, f, product, places);
  else {
    const swapped = { ...product, m: 1, n: product.m, transA: false, transB: false };
    emitBlocks(module, f, swapped, { ...places, a: places.b, b: places.a });
  }
}

/** Each element of C as a product of two rows, summed in f64: for matrix times vector and the like. */
function emitRows(f: FunctionBuilder, { batch, m, n, k }: Product, places: ProductPlaces): void {
  const a = f.variable(i32.const(places.a));
  const b = f.variable(i32.const(places.b));
  const c = f.variable(i32.const(places.c));
  f.loop(batch, 1, () => {
    f.loop(m, 1, () => {
      f.loop(n, 1, () => {
        const times = (x: V128, offset: I32, extra: number, lanes: number): V128 =>
          f32x4.mul(x, loadLanes(i32.add(b, offset), lanes, extra));
        storeLanes(f, c, foldRow(f, sumOfFloats, a, k, times), 1);
        f.advance(b, 4 * k);
        f.advance(c, 4);
      });
      f.advance(a, 4 * k);
      f.advance(b, -4 * k * n);
    });
    f.advance(b, 4 * k * n);
  });
}

function emitBlocks(
  module: ModuleBuilder,
  f: FunctionBuilder,
  product: Product,
  places: ProductPlaces,
): void {
  const { batch, m, n, k, transA, transB } = product;
  const { depth, blocks } = blockingOf(product);
  const block = blockFunction(module, product, places.scratch);
  if (blocks > 1) f.emit(memory.fill(i32.const(places.c), i32.const(0), i32.const(4 * batch * m * n)));
  const a = f.variable(i32.const(places.a));
  const b = f.variable(i32.const(places.b));
  const c = f.variable(i32.const(places.c));
  const aStep = 4 * depth * (transA ? m : 1);
  const bStep = 4 * depth * (transB ? 1 : n);
  const last = k - (blocks - 1) * depth;
  f.loop(batch, 1, () => {
    if (blocks > 1) {
      f.loop(blocks - 1, 1, () => {
        f.call(block, a, b, c, i32.const(depth));
        f.advance(a, aStep);
        f.advance(b, bStep);
      });
    }
    f.call(block, a, b, c, i32.const(last));
    f.advance(a, 4 * m * k - (blocks - 1) * aStep);
    f.advance(b, 4 * k * n - (blocks - 1) * bStep);
    f.advance(c, 4 * m * n);
  });
}

/** A function of the addresses of A, B and C and the depth: all of C, for one block of K. */
function blockFunction(module: ModuleBuilder, product: Product, scratch: number): number {
  const { m, n, k, transA, transB } = product;
  const blocking = blockingOf(product);
  const { depth, packsA, packsB, rows, columns } = blocking;
  const label = `matmul.${transA ? 't' : 'n'}${transB ? 't' : 'n'} ${m}x${n}x${k} @${scratch}`;
  return module.share(label, ['i32', 'i32', 'i32', 'i32'], (f) => {
    const a = f.parameter(0, 'i32');
    const b = f.parameter(1, 'i32');
    const c = f.parameter(2, 'i32');
    const steps = f.parameter(3, 'i32');
    const aStrides = { row: 4 * (transA ? 1 : k), inner: 4 * (transA ? m : 1) };
    const bStrides = { lane: 4 * (transB ? k : 1), inner: 4 * (transB ? 1 : n) };
    const panelA = scratch;
    const panelsB = scratch + (packsA ? 16 * depth : 0);
    const panelBytes = 4 * depth * panelWidth(columns);

    /** Calls `visit` for each strip of columns: full ones in a loop, then what is left. */
    const strips = (visit: (lanes: number, panel: I32, first: I32) => void): void => {
      const full = Math.floor(n / columns);
      const panel = f.variable(i32.const(panelsB));
      const first = f.variable(i32.const(0));
      f.loop(full, 1, () => {
        visit(columns, panel, first);
        f.advance(panel, panelBytes);
        f.advance(first, columns);
      });
      if (n % columns > 0) visit(n % columns, panel, first);
    };

    if (packsB) {
      strips((lanes, panel, first) => {
        const strip: Strip = { lanes, laneStride: bStrides.lane, innerStride: bStrides.inner };
        f.call(packer(module, strip), i32.add(b, i32.mul(first, i32.const(bStrides.lane))), panel, steps);
      });
    }
    const tileRow = (height: number, aPacked: boolean): void => {
      if (aPacked) {
        const strip: Strip = { lanes: height, laneStride: aStrides.row, innerStride: aStrides.inner };
        f.call(packer(module, strip), a, i32.const(panelA), steps);
      }
      strips((lanes, panel, first) => {
        const kernel = microkernel(module, {
          rows: height,
          columns: lanes,
          aRow: aPacked ? 4 : aStrides.row,
          aInner: aPacked ? 16 : aStrides.inner,
          bInner: packsB ? 4 * panelWidth(lanes) : bStrides.inner,
          cRow: 4 * n,
          accumulate: blocking.blocks > 1,
        });
        const offset = f.let(i32.mul(first, i32.const(4)));
        const from = packsB ? panel : i32.add(b, offset);
        f.call(kernel, aPacked ? i32.const(panelA) : a, from, i32.add(c, offset), steps);
      });
    };
    f.loop(Math.floor(m / rows), 1, () => {
      tileRow(rows, packsA);
      f.advance(a, rows * aStrides.row);
      f.advance(c, rows * 4 * n);
    });
    if (m % rows > 0) tileRow(m % rows, false);
  });
}
