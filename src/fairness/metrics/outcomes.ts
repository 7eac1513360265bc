// What a model predicted for the rows of a data set, and what was true: one outcome a task.
import { misuse } from '../../tensor/errors.ts';
import type { notionsOf } from '../notions.ts';

interface Outcome {
  readonly name: string;
  /** [n]: 0 or 1, a class index, or a value in the label's unit. */
  readonly labels: ArrayLike<number>;
  /** [n], 0 where the label is missing; such a row counts for nothing. Default: all are known. */
  readonly known?: ArrayLike<number>;
  /** For `loss-parity`: the loss of predicting the training prior, in the units of the training loss. */
  readonly priorLoss?: number;
}

/** One attribute. A head of several attributes is as many outcomes, each named `head/attribute`: see `columnOf`. */
export interface DetectionOutcome extends Outcome {
  readonly kind: 'detection';
  /** [n], of the positive label. */
  readonly probabilities: ArrayLike<number>;
  /** The label is decided positive above it. Default 0.5. */
  readonly threshold?: number;
  /** What groups are compared by; without one they are not. */
  readonly notion?: (typeof notionsOf.detection)[number];
  /** Which label the notion speaks of as the favourable one. Default `positive`. */
  readonly favourable?: 'positive' | 'negative';
}

export interface ClassificationOutcome extends Outcome {
  readonly kind: 'classification';
  readonly classes: number;
  /** [n, classes] row-major. The most probable class is decided, the first of equals. */
  readonly probabilities: ArrayLike<number>;
  readonly notion?: (typeof notionsOf.classification)[number];
  /** The favourable classes, for `demographic-parity`. */
  readonly favourable?: readonly number[];
}

/** One output. A head of several is as many outcomes. */
export interface RegressionOutcome extends Outcome {
  readonly kind: 'regression';
  /** [n], in the label's unit. */
  readonly values: ArrayLike<number>;
  /** s_t: the standard deviation of the training labels, in the label's unit. */
  readonly deviation: number;
  readonly notion?: (typeof notionsOf.regression)[number];
}

export type TaskOutcome = DetectionOutcome | ClassificationOutcome | RegressionOutcome;

/** Column `index` of `[n, width]` row-major values. */
export function columnOf(values: ArrayLike<number>, width: number, index: number): Float64Array {
  return Float64Array.from({ length: values.length / width }, (_, row) => values[row * width + index]!);
}

export function isKnown({ known }: TaskOutcome, row: number): boolean {
  return known?.[row] !== 0;
}

/** The decided label of a row. */
export function decisionOf(outcome: DetectionOutcome | ClassificationOutcome, row: number): number {
  if (outcome.kind === 'detection') {
    return outcome.probabilities[row]! > (outcome.threshold ?? 0.5) ? 1 : 0;
  }
  const { classes, probabilities } = outcome;
  let best = 0;
  for (let k = 1; k < classes; k++) {
    if (probabilities[row * classes + k]! > probabilities[row * classes + best]!) best = k;
  }
  return best;
}

/** The probability given to a row's true label. */
export function labelProbability(outcome: DetectionOutcome | ClassificationOutcome, row: number): number {
  const label = outcome.labels[row]!;
  if (outcome.kind === 'classification') return outcome.probabilities[row * outcome.classes + label]!;
  return label === 1 ? outcome.probabilities[row]! : 1 - outcome.probabilities[row]!;
}

/** @throws RangeError for lengths that do not fit, labels or predictions that cannot be meant, a missing setting */
export function checkOutcome(outcome: TaskOutcome): void {
  const { labels, known, notion } = outcome;
  const predictions = outcome.kind === 'regression' ? outcome.values : outcome.probabilities;
  const width = outcome.kind === 'classification' ? outcome.classes : 1;
  const fail = (expected: string, got: unknown): never => {
    throw new RangeError(misuse(`outcome of '${outcome.name}'`, expected, `${got}`));
  };
  if (predictions.length !== labels.length * width) {
    fail(`${labels.length * width} predictions`, predictions.length);
  }
  if (known && known.length !== labels.length) fail(`${labels.length} flags of known labels`, known.length);
  for (let row = 0; row < labels.length; row++) {
    if (!isKnown(outcome, row)) continue;
    if (!isLabel(outcome, labels[row]!)) fail(labelText(outcome), `${labels[row]} in row ${row}`);
    for (let i = row * width; i < (row + 1) * width; i++) {
      if (!Number.isFinite(predictions[i])) fail('finite predictions', `${predictions[i]} in row ${row}`);
    }
  }
  if (outcome.kind === 'regression' && !(outcome.deviation > 0)) fail('a deviation > 0', outcome.deviation);
  if (notion === 'loss-parity' && !((outcome.priorLoss ?? 0) > 0)) {
    fail("the training prior's loss > 0", outcome.priorLoss ?? 'none');
  }
  if (outcome.kind === 'classification' && notion === 'demographic-parity') {
    const favourable = outcome.favourable ?? [];
    if (favourable.length === 0 || !favourable.every((k) => isLabel(outcome, k))) {
      fail(`favourable classes, each ${labelText(outcome)}`, favourable.join(', ') || 'none');
    }
  }
}

function isLabel(outcome: TaskOutcome, label: number): boolean {
  if (outcome.kind === 'regression') return Number.isFinite(label);
  const classes = outcome.kind === 'detection' ? 2 : outcome.classes;
  return Number.isInteger(label) && label >= 0 && label < classes;
}

function labelText(outcome: TaskOutcome): string {
  if (outcome.kind === 'regression') return 'finite labels';
  return outcome.kind === 'detection' ? 'labels 0 or 1' : `labels 0 … ${outcome.classes - 1}`;
}
