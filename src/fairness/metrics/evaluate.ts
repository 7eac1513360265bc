// Evaluation of a model by task and group, on hard decisions (METHOD §6).
import { misuse } from '../../tensor/errors.ts';
import { resamples as drawResamples } from './bootstrap.ts';
import type {
  CellEvaluation,
  Evaluation,
  Gap,
  PartitionEvaluation,
  RowsEvaluation,
  TaskEvaluation,
} from './evaluation.ts';
import { isMeasured, meanMeasured } from './measured.ts';
import { type Measurement, type MeasurementSettings, Measurements } from './measurement.ts';
import { checkOutcome, isKnown, type TaskOutcome } from './outcomes.ts';
import { checkPartition, type JoinedPartitions, joinPartitions, type RowPartition } from './partitions.ts';
import { servedStatistics, utilityStatistics } from './served.ts';
import { taskMetrics } from './utility.ts';

export interface EvaluationSettings {
  /** Labelled rows from which on a cell is judged, and judges others. Default 20, as in training. */
  readonly minCount?: number;
  /** Bootstrap resamples behind every interval; 0 for no intervals. Default 1,000. */
  readonly resamples?: number;
  /** The share of resamples that an interval holds. Default 0.95. */
  readonly confidence?: number;
  /** Of the resamples. Default 0. */
  readonly seed?: number;
}

/** A task's statistics, of everyone and then over each partition. */
interface TaskMeasurements {
  readonly utility: Measurements;
  readonly served: Measurements | undefined;
}

/**
 * Utility, served-ness and gaps of every task in every group.
 *
 * @param outcomes one a task, all of the same rows
 * @param partitions of those rows; see `intersect` for combinations
 * @throws RangeError for outcomes or partitions that do not fit together, or settings out of range
 */
export function evaluateGroups(
  outcomes: readonly TaskOutcome[],
  partitions: readonly RowPartition[],
  { minCount = 20, resamples = 1000, confidence = 0.95, seed = 0 }: EvaluationSettings = {},
): Evaluation {
  const settings = { minCount, resamples, confidence };
  const rows = outcomes[0]?.labels.length ?? 0;
  check(outcomes, partitions, rows, settings);
  const everyone = { name: 'everyone', cells: ['everyone'], index: new Int32Array(rows) };
  const joined = joinPartitions([everyone, ...partitions], rows);
  const measured = outcomes.map((outcome) => measure(outcome, joined, settings));
  let resample = 0;
  for (const weights of drawResamples(rows, resamples, seed)) {
    for (const { utility, served } of measured) {
      utility.draw(resample, weights);
      served?.draw(resample, weights);
    }
    resample += 1;
  }
  return summarise(outcomes.map((outcome, t) => evaluateTask(outcome, measured[t]!, minCount)));
}

function measure(
  outcome: TaskOutcome,
  joined: JoinedPartitions,
  settings: MeasurementSettings,
): TaskMeasurements {
  const served = servedStatistics(outcome);
  return {
    utility: new Measurements(utilityStatistics(outcome), joined, settings),
    served: served && new Measurements(served, joined, settings),
  };
}

function evaluateTask(
  outcome: TaskOutcome,
  { utility, served }: TaskMeasurements,
  minCount: number,
): TaskEvaluation {
  const [overall, ...groups] = utility.byPartition;
  const partitions = groups.map((group, g) =>
    evaluatePartition(outcome, group, served?.byPartition[g + 1], minCount),
  );
  const gaps = partitions.flatMap((partition) => worstGaps(outcome.name, partition));
  return {
    task: outcome.name,
    kind: outcome.kind,
    notion: outcome.notion ?? 'none',
    overall: evaluateRows(outcome, overall!, 0, minCount),
    partitions,
    meanGap: meanMeasured(gaps.map(({ gap }) => gap)),
    worstGap: largest(gaps),
  };
}

function evaluatePartition(
  outcome: TaskOutcome,
  utility: Measurement,
  served: Measurement | undefined,
  minCount: number,
): PartitionEvaluation {
  const { name, cells } = utility.partition;
  const gaps = served?.names.map((_, condition) => served.gaps(condition)) ?? [];
  return {
    partition: name,
    cells: cells.map((cell, c): CellEvaluation => {
      const levels = served?.names.map((condition, k) => ({
        condition,
        count: served.count(c, k),
        level: served.estimate(c, k),
        gap: gaps[k]![c]!,
      }));
      return { cell, ...evaluateRows(outcome, utility, c, minCount), levels: levels ?? [] };
    }),
  };
}

function evaluateRows(
  outcome: TaskOutcome,
  utility: Measurement,
  cell: number,
  minCount: number,
): RowsEvaluation {
  const rows: number[] = [];
  utility.partition.index.forEach((of, row) => {
    if (of === cell && isKnown(outcome, row)) rows.push(row);
  });
  return {
    count: rows.length,
    utility: utility.estimate(cell, 0),
    metrics: rows.length < minCount ? 'insufficient' : taskMetrics(outcome, Uint32Array.from(rows)),
  };
}

/** The worst-served cell's gap, condition by condition. */
function worstGaps(task: string, { partition, cells }: PartitionEvaluation): Gap[] {
  const conditions = cells[0]?.levels ?? [];
  return conditions.flatMap(({ condition }, k) => {
    const gaps = cells.flatMap(({ cell, levels }) => {
      const gap = levels[k]!.gap.value;
      return isMeasured(gap) ? [{ task, partition, cell, condition, gap }] : [];
    });
    const worst = largest(gaps);
    return worst === 'insufficient' ? [] : [worst];
  });
}

function largest(gaps: readonly Gap[]): Gap | 'insufficient' {
  return gaps.reduce<Gap | 'insufficient'>(
    (worst, gap) => (worst === 'insufficient' || gap.gap > worst.gap ? gap : worst),
    'insufficient',
  );
}

function summarise(tasks: readonly TaskEvaluation[]): Evaluation {
  const utilities = tasks.flatMap(({ task, overall }) =>
    isMeasured(overall.utility.value) ? [{ task, utility: overall.utility.value }] : [],
  );
  const [first, ...others] = utilities;
  return {
    tasks,
    meanUtility: meanMeasured(utilities.map(({ utility }) => utility)),
    worstUtility: first
      ? others.reduce((worst, other) => (other.utility < worst.utility ? other : worst), first)
      : 'insufficient',
    meanGap: meanMeasured(tasks.map(({ meanGap }) => meanGap)),
    worstGap: largest(tasks.flatMap(({ worstGap }) => (worstGap === 'insufficient' ? [] : [worstGap]))),
  };
}

function check(
  outcomes: readonly TaskOutcome[],
  partitions: readonly RowPartition[],
  rows: number,
  { minCount, resamples, confidence }: MeasurementSettings,
): void {
  const require = (holds: boolean, expected: string, got: string) => {
    if (!holds) throw new RangeError(misuse('evaluateGroups', expected, got));
  };
  require(minCount >= 1, 'a minimum count ≥ 1', `${minCount}`);
  require(Number.isInteger(resamples) && resamples >= 0, 'a whole number of resamples ≥ 0', `${resamples}`);
  require(confidence > 0 && confidence < 1, 'a confidence between 0 and 1', `${confidence}`);
  for (const outcome of outcomes) {
    const { name, labels } = outcome;
    require(labels.length ===
      rows, `outcomes of the same ${rows} rows`, `${labels.length} rows of '${name}'`);
    checkOutcome(outcome);
  }
  for (const partition of partitions) checkPartition(partition, rows);
}
