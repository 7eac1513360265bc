// The metrics of one task on some of its rows.
import {
  accuracy,
  balancedAccuracy,
  type ConfusionMatrix,
  confusionMatrix,
  f1,
  macroF1,
  precision,
  recall,
} from './decisions.ts';
import type { Measured } from './measured.ts';
import {
  type ClassificationOutcome,
  type DetectionOutcome,
  decisionOf,
  labelProbability,
  type RegressionOutcome,
  type TaskOutcome,
} from './outcomes.ts';
import { logLoss, rocAuc } from './probabilities.ts';
import { ccc, mae, r2, rmse } from './values.ts';

export interface DetectionMetrics {
  readonly kind: 'detection';
  readonly confusion: ConfusionMatrix;
  readonly accuracy: Measured;
  readonly balancedAccuracy: Measured;
  readonly precision: Measured;
  readonly recall: Measured;
  readonly f1: Measured;
  readonly auc: Measured;
  readonly logLoss: Measured;
}

export interface ClassificationMetrics {
  readonly kind: 'classification';
  readonly confusion: ConfusionMatrix;
  readonly accuracy: Measured;
  readonly balancedAccuracy: Measured;
  readonly macroF1: Measured;
  readonly logLoss: Measured;
}

/** In the label's unit, but for R² and CCC. */
export interface RegressionMetrics {
  readonly kind: 'regression';
  readonly mae: Measured;
  readonly rmse: Measured;
  readonly r2: Measured;
  readonly ccc: Measured;
}

export type TaskMetrics = DetectionMetrics | ClassificationMetrics | RegressionMetrics;

/** @param rows labelled rows of the outcome */
export function taskMetrics(outcome: TaskOutcome, rows: Uint32Array): TaskMetrics {
  switch (outcome.kind) {
    case 'detection':
      return detectionMetrics(outcome, rows);
    case 'classification':
      return classificationMetrics(outcome, rows);
    case 'regression':
      return regressionMetrics(outcome, rows);
  }
}

function detectionMetrics(outcome: DetectionOutcome, rows: Uint32Array): DetectionMetrics {
  const { labels, decided, ofLabel } = decisionsOn(outcome, rows);
  const confusion = confusionMatrix(decided, labels, 2);
  return {
    kind: 'detection',
    confusion,
    accuracy: accuracy(confusion),
    balancedAccuracy: balancedAccuracy(confusion),
    precision: precision(confusion, 1),
    recall: recall(confusion, 1),
    f1: f1(confusion, 1),
    auc: rocAuc(pick(outcome.probabilities, rows), labels),
    logLoss: logLoss(ofLabel),
  };
}

function classificationMetrics(outcome: ClassificationOutcome, rows: Uint32Array): ClassificationMetrics {
  const { labels, decided, ofLabel } = decisionsOn(outcome, rows);
  const confusion = confusionMatrix(decided, labels, outcome.classes);
  return {
    kind: 'classification',
    confusion,
    accuracy: accuracy(confusion),
    balancedAccuracy: balancedAccuracy(confusion),
    macroF1: macroF1(confusion),
    logLoss: logLoss(ofLabel),
  };
}

function regressionMetrics(outcome: RegressionOutcome, rows: Uint32Array): RegressionMetrics {
  const values = pick(outcome.values, rows);
  const labels = pick(outcome.labels, rows);
  return {
    kind: 'regression',
    mae: mae(values, labels),
    rmse: rmse(values, labels),
    r2: r2(values, labels),
    ccc: ccc(values, labels),
  };
}

function decisionsOn(outcome: DetectionOutcome | ClassificationOutcome, rows: Uint32Array) {
  return {
    labels: pick(outcome.labels, rows),
    decided: Uint32Array.from(rows, (row) => decisionOf(outcome, row)),
    ofLabel: Float64Array.from(rows, (row) => labelProbability(outcome, row)),
  };
}

function pick(values: ArrayLike<number>, rows: Uint32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row]!);
}
