// A set as training takes it in: encoded, split by the seed, and 30 % of each task's training labels taken away.
import { join } from 'node:path';
import { openTable } from '../../src/data/files/index.ts';
import { type Encoding, loadDataset } from '../../src/data/index.ts';
import { featureShape, modelTasks, partitionsOf, trainingData } from '../../src/data/training.ts';
import type { Partition } from '../../src/fairness/index.ts';
import type { Task } from '../../src/mtl/index.ts';
import { Random } from '../../src/tensor/random.ts';
import type { TaskLabels, TrainingData } from '../../src/train/data.ts';
import type { ModelSpec } from '../../src/train/model.ts';
import type { BenchSet } from './sets/index.ts';

/** Where the repository keeps its shared data. Relative to the repository's root, where npm runs scripts. */
const folder = '../shared/data';

/** Share of every task's training labels that is taken away, on top of what is missing by nature. */
export const removedShare = 0.3;

export interface LoadedSet {
  readonly set: BenchSet;
  readonly encoding: Encoding;
  readonly model: ModelSpec;
  readonly partitions: readonly Partition[];
  readonly train: TrainingData;
  readonly validation: TrainingData;
  readonly test: TrainingData;
}

export async function loadSet(set: BenchSet, seed: number): Promise<LoadedSet> {
  const table = await openTable(join(folder, set.file));
  const { sides, encoding } = await loadDataset(table, set.data, seed);
  const train = withoutLabels(trainingData(sides.train), seed);
  return {
    set,
    encoding,
    model: {
      tasks: modelTasks(encoding).map((task) => balanced(task, train.labels[task.name]!)),
      features: featureShape(encoding),
      trunk: { widths: set.widths },
      headWidths: [],
    },
    partitions: partitionsOf(encoding),
    train,
    validation: trainingData(sides.validation),
    test: trainingData(sides.test),
  };
}

/**
 * Both answers of a detection weigh the same in sum: at the plain loss a rare one is never given (crying, violent
 * recidivism), and a task that always says no has no gap. Classes keep the plain loss, for their notion is accuracy
 * parity, and what favours rare classes works against it.
 */
function balanced(task: Task, { values, known }: TaskLabels): Task {
  if (task.kind !== 'detection') return task;
  let total = 0;
  let positive = 0;
  for (let row = 0; row < known.length; row++) {
    if (known[row] === 0) continue;
    total++;
    positive += values[row]!;
  }
  return { ...task, positiveWeight: (total - positive) / Math.max(1, positive) };
}

function withoutLabels(data: TrainingData, seed: number): TrainingData {
  const random = new Random(seed).fork('removed labels');
  const labels = Object.entries(data.labels).map(([task, { values, known }]) => {
    const draw = random.fork(task);
    const kept = Uint8Array.from(known, (is) => (draw.uniform() < removedShare ? 0 : is));
    return [task, { values, known: kept }] as const;
  });
  return { ...data, labels: Object.fromEntries(labels) };
}
