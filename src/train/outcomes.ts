// Predictions beside labels: what the metrics judge, one outcome an attribute, class label or value.
import {
  columnOf,
  type FairnessSpec,
  type Partition,
  type RowPartition,
  type TaskOutcome,
} from '../fairness/index.ts';
import { outputWidth, type Task } from '../mtl/index.ts';
import type { TrainingData } from './data.ts';
import type { Predictions } from './model.ts';

/** How the numbers of a regression output are told: as standardised ones, or in the label's unit. */
export interface Unit {
  /** From a standardised value to the label's unit. */
  readonly fromStandard: (value: number) => number;
  /** The standard deviation of the training labels, in the label's unit. */
  readonly deviation: number;
}

export interface OutcomeOptions {
  readonly tasks: readonly Task[];
  readonly fairness: Readonly<Record<string, FairnessSpec>>;
  /** Names of a task's attributes or outputs, by task; numbers where left out. */
  readonly names?: Readonly<Record<string, readonly string[]>>;
  /** Units of regression outputs, by task; standardised where left out. */
  readonly units?: Readonly<Record<string, readonly Unit[]>>;
}

const standardised: Unit = { fromStandard: (value) => value, deviation: 1 };

/** Outcomes of all tasks, in their order; a task of several columns gives several, named `task/column`. */
export function outcomesOf(
  options: OutcomeOptions,
  predictions: Predictions,
  data: TrainingData,
): TaskOutcome[] {
  return options.tasks.flatMap((task) => {
    const prediction = predictions[task.name]!.values;
    const { values, known } = data.labels[task.name]!;
    const spec = options.fairness[task.name];
    if (task.kind === 'classification') {
      return [classification(task, prediction, values, known, spec)];
    }
    const width = outputWidth(task);
    return Array.from({ length: width }, (_, column) => {
      const name = width === 1 ? task.name : `${task.name}/${options.names?.[task.name]?.[column] ?? column}`;
      const part = { name, known: columnOf(known, width, column) };
      const prior = spec?.priorLoss?.[column];
      const common = { ...part, ...(prior !== undefined && { priorLoss: prior }) };
      const labels = columnOf(values, width, column);
      const predicted = columnOf(prediction, width, column);
      if (task.kind === 'detection') {
        const favourable = spec?.favourable === 'negative' ? 'negative' : 'positive';
        const compared = spec && ({ notion: spec.notion as DetectionNotion, favourable } as const);
        return { kind: 'detection', ...common, labels, probabilities: predicted, ...compared };
      }
      const { fromStandard, deviation } = options.units?.[task.name]?.[column] ?? standardised;
      const compared = spec && { notion: spec.notion as RegressionNotion };
      return {
        kind: 'regression',
        ...common,
        labels: labels.map(fromStandard),
        values: predicted.map(fromStandard),
        deviation,
        ...compared,
      };
    });
  });
}

type DetectionNotion = NonNullable<Extract<TaskOutcome, { kind: 'detection' }>['notion']>;
type ClassificationNotion = NonNullable<Extract<TaskOutcome, { kind: 'classification' }>['notion']>;
type RegressionNotion = NonNullable<Extract<TaskOutcome, { kind: 'regression' }>['notion']>;

function classification(
  task: Extract<Task, { kind: 'classification' }>,
  probabilities: Float64Array,
  labels: ArrayLike<number>,
  known: ArrayLike<number>,
  spec: FairnessSpec | undefined,
): TaskOutcome {
  const favourable = Array.isArray(spec?.favourable) ? (spec.favourable as readonly number[]) : undefined;
  const prior = spec?.priorLoss?.[0];
  return {
    kind: 'classification',
    name: task.name,
    classes: task.classes,
    probabilities,
    labels,
    known,
    ...(prior !== undefined && { priorLoss: prior }),
    ...(spec && { notion: spec.notion as ClassificationNotion }),
    ...(favourable && { favourable }),
  };
}

/** The partitions with each row's cell. */
export function rowPartitions(partitions: readonly Partition[], data: TrainingData): RowPartition[] {
  return partitions.map((partition) => ({
    ...partition,
    index: new Int32Array(data.groups[partition.name]!),
  }));
}
