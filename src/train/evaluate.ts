// Validation after an epoch: utility and gaps on hard decisions, without intervals, in few numbers.
import {
  type Evaluation,
  evaluateGroups,
  isMeasured,
  type Measured,
  type Partition,
} from '../fairness/index.ts';
import type { TrainingData } from './data.ts';
import type { Predictions } from './model.ts';
import { type OutcomeOptions, outcomesOf, rowPartitions } from './outcomes.ts';

export interface Validation {
  /** By task; a task that cannot be measured is left out. */
  readonly utilities: Readonly<Record<string, number>>;
  readonly gaps: Readonly<Record<string, number>>;
  readonly meanUtility?: number;
  readonly meanGap?: number;
  readonly worstGap?: number;
}

/** A full evaluation, with bootstrap intervals where `resamples` > 0. */
export function evaluateModel(
  options: OutcomeOptions,
  partitions: readonly Partition[],
  predictions: Predictions,
  data: TrainingData,
  settings: Parameters<typeof evaluateGroups>[2] = {},
): Evaluation {
  return evaluateGroups(outcomesOf(options, predictions, data), rowPartitions(partitions, data), settings);
}

export function validate(
  options: OutcomeOptions,
  partitions: readonly Partition[],
  predictions: Predictions,
  data: TrainingData,
): Validation {
  const evaluation = evaluateModel(options, partitions, predictions, data, { resamples: 0 });
  const measured = (pick: (task: Evaluation['tasks'][number]) => Measured): Record<string, number> =>
    Object.fromEntries(
      evaluation.tasks.flatMap((task) => {
        const value = pick(task);
        return isMeasured(value) ? [[task.task, value]] : [];
      }),
    );
  const { meanUtility, meanGap, worstGap } = evaluation;
  return {
    utilities: measured((task) => task.overall.utility.value),
    gaps: measured((task) => task.meanGap),
    ...(isMeasured(meanUtility) && { meanUtility }),
    ...(isMeasured(meanGap) && { meanGap }),
    ...(worstGap !== 'insufficient' && { worstGap: worstGap.gap }),
  };
}
