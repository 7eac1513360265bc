// Tasks of different kinds over one shared representation, and where each one's outputs and labels lie.
import { GraphError, misuse } from '../tensor/errors.ts';

interface TaskBase {
  readonly name: string;
}

/** Binary, or multi-label: one logit an attribute. */
export interface DetectionTask extends TaskBase {
  readonly kind: 'detection';
  readonly attributes?: number;
  /** Weight of the positive label in the loss, to offset rarity. */
  readonly positiveWeight?: number;
}

/** One of `classes`: that many logits, one label. */
export interface ClassificationTask extends TaskBase {
  readonly kind: 'classification';
  readonly classes: number;
  readonly classWeights?: readonly number[];
  /** Share of the target spread evenly over all classes, in [0, 1). */
  readonly labelSmoothing?: number;
}

/** Real values, standardised with the training mean and deviation before they come here. */
export interface RegressionTask extends TaskBase {
  readonly kind: 'regression';
  readonly outputs?: number;
  readonly loss?: RegressionLoss;
}

/** `huber` has its knee at 1 (standardised units); `ccc` is 1 − concordance correlation (Lin 1989). */
export type RegressionLoss = 'huber' | 'mse' | 'mae' | 'ccc';

export type Task = DetectionTask | ClassificationTask | RegressionTask;
export type TaskKind = Task['kind'];

/** A half-open range of columns. */
export interface Columns {
  readonly start: number;
  readonly end: number;
}

export interface TaskSlot<T extends Task = Task> {
  readonly task: T;
  /** Columns of the outputs `O`, `[n, P]`. */
  readonly outputs: Columns;
  /** Columns of labels and masks, `[n, L]`. A class index takes one. */
  readonly labels: Columns;
}

/**
 * All tasks side by side: detection first, then regression, then classification, so that tasks of one kind are
 * neighbours and their losses and statistics are one tensor each. Within a kind the given order stays.
 */
export interface TaskLayout {
  readonly slots: readonly TaskSlot[];
  /** `P`, columns of `O`. */
  readonly outputs: number;
  /** `L`, columns of labels. */
  readonly labels: number;
}

const kinds: readonly TaskKind[] = ['detection', 'regression', 'classification'];

/** @throws GraphError for two tasks of one name, or sizes that cannot be meant. */
export function layOut(tasks: readonly Task[]): TaskLayout {
  if (tasks.length === 0) throw new GraphError(misuse('layOut', 'at least one task', 'none'));
  const names = new Set<string>();
  for (const task of tasks) {
    checkTask(task);
    if (names.has(task.name))
      throw new GraphError(misuse('layOut', 'tasks of different names', `'${task.name}' twice`));
    names.add(task.name);
  }
  let outputs = 0;
  let labels = 0;
  const slots = kinds
    .flatMap((kind) => tasks.filter((task) => task.kind === kind))
    .map((task) => {
      const slot = {
        task,
        outputs: { start: outputs, end: outputs + outputWidth(task) },
        labels: { start: labels, end: labels + labelWidth(task) },
      };
      outputs = slot.outputs.end;
      labels = slot.labels.end;
      return slot;
    });
  return { slots, outputs, labels };
}

/** The slots of one kind, which lie side by side. */
export function slotsOf<K extends TaskKind>(
  layout: TaskLayout,
  kind: K,
): TaskSlot<Extract<Task, { kind: K }>>[] {
  return layout.slots.filter((slot) => slot.task.kind === kind) as TaskSlot<Extract<Task, { kind: K }>>[];
}

/** The columns from the first to the last of `ranges`, which must be neighbours. */
export function span(ranges: readonly Columns[]): Columns {
  return { start: ranges[0]!.start, end: ranges[ranges.length - 1]!.end };
}

export function outputWidth(task: Task): number {
  switch (task.kind) {
    case 'detection':
      return task.attributes ?? 1;
    case 'classification':
      return task.classes;
    case 'regression':
      return task.outputs ?? 1;
  }
}

function labelWidth(task: Task): number {
  return task.kind === 'classification' ? 1 : outputWidth(task);
}

function checkTask(task: Task): void {
  const call = `task '${task.name}'`;
  const width = outputWidth(task);
  const least = task.kind === 'classification' ? 2 : 1;
  if (!Number.isInteger(width) || width < least) {
    throw new GraphError(
      misuse(
        call,
        `a whole number of ${task.kind === 'classification' ? 'classes ≥ 2' : 'outputs ≥ 1'}`,
        `${width}`,
      ),
    );
  }
  if (task.kind === 'classification') {
    const { classWeights, labelSmoothing = 0 } = task;
    if (classWeights && classWeights.length !== width) {
      throw new GraphError(misuse(call, `${width} class weights`, `${classWeights.length}`));
    }
    if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
      throw new GraphError(misuse(call, 'label smoothing in [0, 1)', `${labelSmoothing}`));
    }
  }
  if (task.kind === 'detection' && task.positiveWeight !== undefined && !(task.positiveWeight > 0)) {
    throw new GraphError(misuse(call, 'a positive weight > 0', `${task.positiveWeight}`));
  }
}
