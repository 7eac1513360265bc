// Metrics of decided classes, from the confusion matrix. Detection is the case of two classes, class 1 the positive.
import { type Measured, meanMeasured, ratio } from './measured.ts';

export interface ConfusionMatrix {
  readonly classes: number;
  /** [classes, classes] row-major: samples of true class `row` that were decided `column`. */
  readonly counts: readonly number[];
}

export function confusionMatrix(
  decided: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): ConfusionMatrix {
  const counts = new Array<number>(classes * classes).fill(0);
  for (let i = 0; i < labels.length; i++) counts[labels[i]! * classes + decided[i]!]! += 1;
  return { classes, counts };
}

/** Sums of row and column `k`: how often the class is, and how often it was decided. */
function totals({ classes, counts }: ConfusionMatrix, k: number): { actual: number; decided: number } {
  let actual = 0;
  let decided = 0;
  for (let other = 0; other < classes; other++) {
    actual += counts[k * classes + other]!;
    decided += counts[other * classes + k]!;
  }
  return { actual, decided };
}

function hits({ classes, counts }: ConfusionMatrix, k: number): number {
  return counts[k * classes + k]!;
}

function everyClass<T>({ classes }: ConfusionMatrix, of: (k: number) => T): T[] {
  return Array.from({ length: classes }, (_, k) => of(k));
}

export function accuracy(matrix: ConfusionMatrix): Measured {
  const right = everyClass(matrix, (k) => hits(matrix, k)).reduce((sum, count) => sum + count, 0);
  return ratio(
    right,
    matrix.counts.reduce((sum, count) => sum + count, 0),
  );
}

/** The share of the samples decided `k` that are of class `k`. */
export function precision(matrix: ConfusionMatrix, k: number): Measured {
  return ratio(hits(matrix, k), totals(matrix, k).decided);
}

/** The share of the samples of class `k` that were decided `k`. */
export function recall(matrix: ConfusionMatrix, k: number): Measured {
  return ratio(hits(matrix, k), totals(matrix, k).actual);
}

/** 2·hits / (actual + decided): insufficient only where class `k` neither occurs nor was decided. */
export function f1(matrix: ConfusionMatrix, k: number): Measured {
  const { actual, decided } = totals(matrix, k);
  return ratio(2 * hits(matrix, k), actual + decided);
}

/** Mean F1 of the classes that occur or were decided. */
export function macroF1(matrix: ConfusionMatrix): Measured {
  return meanMeasured(everyClass(matrix, (k) => f1(matrix, k)));
}

/** Mean recall of the classes that occur; insufficient where fewer than two do. */
export function balancedAccuracy(matrix: ConfusionMatrix): Measured {
  const recalls = everyClass(matrix, (k) => recall(matrix, k));
  const occurring = recalls.filter((value) => value !== 'insufficient');
  return occurring.length < 2 ? 'insufficient' : meanMeasured(occurring);
}
