// From an encoded dataset to what training takes in: the model's inputs and tasks, and typed arrays of some rows.
import type { Partition } from '../fairness/index.ts';
import type { Task } from '../mtl/index.ts';
import type { FeatureArrays, TrainingData } from '../train/data.ts';
import type { FeatureShape } from '../train/features.ts';
import { type Dataset, gatherNumbers } from './dataset.ts';
import { type Encoding, inputShape, outputs, type TaskEncoding } from './encode/encoding.ts';

/** What a model for this encoding takes in; pixels follow the numbers. */
export function featureShape(encoding: Encoding): FeatureShape {
  const { numeric, categorical, text, image } = inputShape(encoding);
  return {
    numeric: numeric.length + (image ? image.height * image.width : 0),
    categories: categorical.map(({ size }) => size),
    texts: text.map(({ buckets, maxTokens }) => ({ buckets, maxTokens })),
  };
}

/** The encoding's tasks as a model's, with the defaults of every loss. */
export function modelTasks(encoding: Encoding): Task[] {
  return encoding.tasks.map(modelTask);
}

function modelTask(task: TaskEncoding): Task {
  const { name } = task;
  switch (task.type) {
    case 'detection':
      return { kind: 'detection', name, attributes: outputs(task) };
    case 'classification':
      return { kind: 'classification', name, classes: outputs(task) };
    case 'regression':
      return { kind: 'regression', name, outputs: outputs(task) };
  }
}

export function partitionsOf(encoding: Encoding): Partition[] {
  return encoding.groups.map(({ name, cells }) => ({ name, cells: cells.map((cell) => cell.name) }));
}

/** The features of `rows`, in that order. */
export function featureArrays(dataset: Dataset, rows: ArrayLike<number>): FeatureArrays {
  const numbers = (dataset.numeric.length + dataset.missing.length) / dataset.rows;
  const pixels = (dataset.image?.length ?? 0) / dataset.rows;
  return {
    rows: rows.length,
    numeric: beside(numbersOf(dataset, rows, numbers), numbers, dataset.image, pixels, rows),
    categorical: pickRows(dataset.categorical, dataset.rows, rows, (length) => new Uint32Array(length)),
    texts: dataset.text.map(({ indices, counts }) => ({
      indices: pickRows(indices, dataset.rows, rows, (length) => new Uint32Array(length)),
      counts: pickRows(counts, dataset.rows, rows, (length) => new Uint32Array(length)),
    })),
  };
}

/** Features, labels and groups of `rows`. */
export function trainingData(dataset: Dataset, rows: ArrayLike<number>): TrainingData {
  const all = dataset.rows;
  return {
    ...featureArrays(dataset, rows),
    labels: Object.fromEntries(
      dataset.labels.map(({ task, values, mask }) => [
        task,
        {
          values: pickRows<Float32Array | Uint32Array>(
            values,
            all,
            rows,
            (length) => new Float32Array(length),
          ),
          known: pickRows(mask, all, rows, (length) => new Uint8Array(length)),
        },
      ]),
    ),
    groups: Object.fromEntries(
      dataset.groups.map(({ name, index }) => [
        name,
        pickRows(index, all, rows, (length) => new Int32Array(length)),
      ]),
    ),
  };
}

function numbersOf(dataset: Dataset, rows: ArrayLike<number>, width: number): Float32Array {
  const numbers = new Float32Array(rows.length * width);
  gatherNumbers(dataset, rows, numbers);
  return numbers;
}

function beside(
  numbers: Float32Array,
  width: number,
  image: Float32Array | undefined,
  pixels: number,
  rows: ArrayLike<number>,
): Float32Array {
  if (!image) return numbers;
  const joined = new Float32Array(rows.length * (width + pixels));
  for (let i = 0; i < rows.length; i++) {
    joined.set(numbers.subarray(i * width, (i + 1) * width), i * (width + pixels));
    joined.set(image.subarray(rows[i]! * pixels, (rows[i]! + 1) * pixels), i * (width + pixels) + width);
  }
  return joined;
}

function pickRows<A extends Float32Array | Uint32Array | Int32Array | Uint8Array>(
  from: A,
  all: number,
  rows: ArrayLike<number>,
  make: (length: number) => A,
): A {
  const width = from.length / all;
  const picked = make(rows.length * width);
  for (let i = 0; i < rows.length; i++)
    picked.set(from.subarray(rows[i]! * width, (rows[i]! + 1) * width), i * width);
  return picked;
}
