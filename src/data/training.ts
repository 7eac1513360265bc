// From an encoded dataset to what training takes in: the model's inputs and tasks, and its arrays.
import type { Partition } from '../fairness/index.ts';
import type { Task } from '../mtl/index.ts';
import type { FeatureArrays, TrainingData } from '../train/data.ts';
import type { FeatureShape } from '../train/features.ts';
import type { Dataset } from './dataset.ts';
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

/** The dataset as a model takes it in: nothing is copied. */
export function featureArrays({ rows, numeric, categorical, text }: Dataset): FeatureArrays {
  return { rows, numeric, categorical, texts: text };
}

/** Features, labels and groups: nothing is copied. */
export function trainingData(dataset: Dataset): TrainingData {
  return {
    ...featureArrays(dataset),
    labels: Object.fromEntries(
      dataset.labels.map(({ task, values, mask }) => [task, { values, known: mask }]),
    ),
    groups: Object.fromEntries(dataset.groups.map(({ name, index }) => [name, index])),
  };
}
