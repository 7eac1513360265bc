export type { Interval } from './bootstrap.ts';
export { deltaM, type LevellingDown, type Loss, levellingDown } from './compare.ts';
export * from './decisions.ts';
export { type EvaluationSettings, evaluateGroups } from './evaluate.ts';
export type * from './evaluation.ts';
export { type Insufficient, isMeasured, type Measured } from './measured.ts';
export {
  type ClassificationOutcome,
  columnOf,
  type DetectionOutcome,
  type RegressionOutcome,
  type TaskOutcome,
} from './outcomes.ts';
export { intersect, type RowPartition } from './partitions.ts';
export { logLoss, rocAuc } from './probabilities.ts';
export type { ClassificationMetrics, DetectionMetrics, RegressionMetrics, TaskMetrics } from './utility.ts';
export { ccc, mae, r2, rmse } from './values.ts';
