/** Outcomes of random models on random people, for tests of the evaluation. */
import {
  type ClassificationOutcome,
  type DetectionOutcome,
  type EvaluationSettings,
  evaluateGroups,
  type RegressionOutcome,
  type RowPartition,
  type TaskOutcome,
} from '../../../src/fairness/metrics/index.ts';
import type { Random } from '../../../src/tensor/random.ts';

const known = (random: Random, n: number) =>
  Uint8Array.from({ length: n }, () => (random.uniform() < 0.8 ? 1 : 0));

export function randomDetection(random: Random, n: number): DetectionOutcome {
  const labels = Uint8Array.from({ length: n }, () => random.int(2));
  const probabilities = Float64Array.from(labels, (label) => 0.7 * random.uniform() + 0.3 * label);
  return {
    kind: 'detection',
    name: 'hired',
    labels,
    known: known(random, n),
    probabilities,
    priorLoss: 0.69,
  };
}

export function randomClassification(random: Random, n: number, classes = 3): ClassificationOutcome {
  const labels = Uint32Array.from({ length: n }, () => random.int(classes));
  const probabilities = new Float64Array(n * classes);
  for (let row = 0; row < n; row++) {
    const scores = Array.from(
      { length: classes },
      (_, k) => random.uniform() + (k === labels[row] ? 0.3 : 0),
    );
    const total = scores.reduce((a, b) => a + b);
    probabilities.set(
      scores.map((score) => score / total),
      row * classes,
    );
  }
  return {
    kind: 'classification',
    name: 'job',
    classes,
    labels,
    known: known(random, n),
    probabilities,
    priorLoss: 1.1,
  };
}

export function randomRegression(random: Random, n: number): RegressionOutcome {
  const labels = Float64Array.from({ length: n }, () => 40 + 12 * random.normal());
  const values = labels.map((label) => 20 + 0.5 * label + 6 * random.normal());
  return {
    kind: 'regression',
    name: 'hours',
    labels,
    known: known(random, n),
    values,
    deviation: 12,
    priorLoss: 1,
  };
}

/** Cells of unlike sizes, the last one small, and some rows unknown. */
export function randomPartition(
  random: Random,
  n: number,
  name = 'sex',
  cells = ['a', 'b', 'c'],
): RowPartition {
  const index = Int32Array.from({ length: n }, () => {
    const share = random.uniform();
    return share < 0.1 ? -1 : Math.floor(cells.length * share * share);
  });
  return { name, cells, index };
}

/** Every cell counts, and no intervals. */
export const plain: EvaluationSettings = { minCount: 1, resamples: 0 };

/** The levels of an outcome over one partition: [cell][condition]. */
export function levels(outcome: TaskOutcome, partition: RowPartition, settings = plain) {
  const evaluation = evaluateGroups([outcome], [partition], settings);
  return evaluation.tasks[0]!.partitions[0]!.cells.map((cell) => cell.levels);
}
