// What training takes in: typed arrays that go to the device as they are, and the batches drawn from them.
import type { Partition } from '../fairness/index.ts';
import type { TaskLayout } from '../mtl/index.ts';
import type { Program } from '../program/index.ts';
import { misuse, ProgramError } from '../tensor/errors.ts';
import { Random } from '../tensor/random.ts';
import type { Indices, SignedIndices } from '../tensor/types.ts';
import type { FeatureShape } from './features.ts';

/** Features of `rows` samples, row-major; what the shape lacks is left out. */
export interface FeatureArrays {
  readonly rows: number;
  /** `[rows, numeric]`. */
  readonly numeric?: Float32Array;
  /** `[rows, columns]`: each column's own indices, from 0. */
  readonly categorical?: Indices;
  readonly texts?: readonly { readonly indices: Indices; readonly counts: Indices }[];
}

export interface TaskLabels {
  /** `[rows, width]`, width 1 for classification: 0 or 1, a class index, or a standardised value. */
  readonly values: ArrayLike<number>;
  /** Same shape: 0 where the label is missing. */
  readonly known: ArrayLike<number>;
}

export interface TrainingData extends FeatureArrays {
  /** By task name. */
  readonly labels: Readonly<Record<string, TaskLabels>>;
  /** By partition name: the cell of each row, −1 where unknown. */
  readonly groups: Readonly<Record<string, SignedIndices>>;
}

/** The `targets` of a step: labels, where they are known, and cell indices, side by side. */
export function packTargets(
  data: TrainingData,
  layout: TaskLayout,
  partitions: readonly Partition[],
): Float32Array {
  const width = 2 * layout.labels + partitions.length;
  const packed = new Float32Array(data.rows * width);
  for (const { task, labels: at } of layout.slots) {
    const { values, known } = data.labels[task.name] ?? missing('labels', task.name);
    const columns = at.end - at.start;
    requireLength(`labels of '${task.name}'`, values.length, data.rows * columns);
    for (let row = 0; row < data.rows; row++) {
      for (let column = 0; column < columns; column++) {
        const from = row * columns + column;
        const to = row * width + at.start + column;
        if (known[from] === 0) continue;
        packed[to] = values[from]!;
        packed[to + layout.labels] = 1;
      }
    }
  }
  partitions.forEach(({ name }, partition) => {
    const cells = data.groups[name] ?? missing('groups', name);
    requireLength(`groups of '${name}'`, cells.length, data.rows);
    for (let row = 0; row < data.rows; row++)
      packed[row * width + 2 * layout.labels + partition] = cells[row]!;
  });
  return packed;
}

/** Writes rows `from ≤ row < from + count` (short ones padded by the last row) as the program's feature inputs. */
export function writeFeatures(
  program: Program,
  shape: FeatureShape,
  data: FeatureArrays,
  from = 0,
  count = data.rows,
): void {
  if (shape.numeric > 0)
    program.write('features/numeric', pick(data.numeric!, shape.numeric, data.rows, from, count));
  if (shape.categories.length > 0) {
    const indices = pick(data.categorical!, shape.categories.length, data.rows, from, count);
    program.write('features/categorical', shiftCategories(indices, shape.categories));
  }
  shape.texts.forEach(({ maxTokens }, at) => {
    const text = data.texts![at]!;
    program.write(`features/text${at}`, widened(pick(text.indices, maxTokens, data.rows, from, count)));
    program.write(`features/text${at}/counts`, widened(pick(text.counts, 1, data.rows, from, count)));
  });
}

function pick<A extends Float32Array | Indices>(
  all: A,
  width: number,
  rows: number,
  from: number,
  count: number,
): A {
  const part = all.subarray(from * width, (from + count) * width) as A;
  if (from + count <= rows) return part;
  const padded = new (all.constructor as new (length: number) => A)(count * width);
  padded.set(part);
  const last = all.subarray((rows - 1) * width, rows * width);
  for (let row = rows - from; row < count; row++) padded.set(last, row * width);
  return padded;
}

const widened = (indices: Indices): Uint32Array =>
  indices instanceof Uint32Array ? indices : new Uint32Array(indices);

/** All categories live in one table: each column's indices are shifted past those of the columns before it. */
function shiftCategories(indices: Indices, categories: readonly number[]): Uint32Array {
  const shifted = new Uint32Array(indices);
  const width = categories.length;
  for (let column = 0, start = 0; column < width; column++) {
    for (let at = column; at < shifted.length; at += width) shifted[at]! += start;
    start += categories[column]!;
  }
  return shifted;
}

/**
 * Row indices of all batches of an epoch: every row once in an order that follows from `seed` and `epoch` alone (so that
 * a resumed run draws the same), the last batch filled up from the order's beginning.
 */
export class Batches {
  readonly perEpoch: number;
  /** Rows of a batch. */
  readonly size: number;
  readonly #rows: number;
  readonly #random: Random;

  constructor(rows: number, size: number, seed: number) {
    this.#rows = rows;
    this.size = size;
    this.#random = new Random(seed);
    this.perEpoch = Math.ceil(rows / size);
  }

  /** Row-major `[perEpoch, size]`. */
  rows(epoch: number): Uint32Array {
    const order = this.#random.fork(epoch).permutation(this.#rows);
    return Uint32Array.from({ length: this.perEpoch * this.size }, (_, i) => order[i % this.#rows]!);
  }
}

function missing(what: string, name: string): never {
  throw new ProgramError(misuse('train', `${what} of '${name}' in the data`, 'none'));
}

function requireLength(what: string, length: number, expected: number): void {
  if (length !== expected) throw new ProgramError(misuse('train', `${expected} ${what}`, `${length}`));
}
