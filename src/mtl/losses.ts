// Utility losses: masked means of each task's own loss (METHOD §1, our reading). A missing label never counts,
// whatever stands in its place.
import type { Value } from '../graph/value.ts';
import { join, sumSegments } from './segments.ts';
import {
  type ClassificationTask,
  outputWidth,
  type RegressionLoss,
  type RegressionTask,
  slotsOf,
  span,
  type TaskLayout,
  type TaskSlot,
} from './tasks.ts';

export interface Labels {
  /** `[n, L]`: 0 or 1, a class index, or a standardised value; anything finite where missing. */
  readonly values: Value;
  /** bool `[n, L]`: where the label is known. */
  readonly known: Value;
}

export interface TaskLosses {
  /** `[T]`, in the order of the layout; 0 for a task without labels in the batch. */
  readonly losses: Value;
  /** f32 `[T]`: how many labels each mean is over. */
  readonly counts: Value;
}

/** The losses of all tasks from their outputs `[n, P]`. */
export function taskLosses(layout: TaskLayout, outputs: Value, labels: Labels): TaskLosses {
  const parts = [
    ...detectionLosses(layout, outputs, labels),
    ...regressionLosses(layout, outputs, labels),
    ...slotsOf(layout, 'classification').map((slot) => classificationLoss(slot, outputs, labels)),
  ];
  return { losses: join(parts.map((part) => part.losses)), counts: join(parts.map((part) => part.counts)) };
}

function detectionLosses(layout: TaskLayout, outputs: Value, labels: Labels): TaskLosses[] {
  const slots = slotsOf(layout, 'detection');
  if (slots.length === 0) return [];
  const { logits, values, known } = columnsOf(slots, outputs, labels);
  const weights = slots.flatMap(({ task }) =>
    new Array<number>(outputWidth(task)).fill(task.positiveWeight ?? 1),
  );
  const loss = logits.sigmoidCrossEntropy(known.select(values, 0));
  const weighted = weights.every((weight) => weight === 1)
    ? loss
    : loss.mul(values.gt(0.5).select(logits.graph.constant(weights, [weights.length]), 1));
  return [
    maskedMeans(
      weighted,
      known,
      slots.map(({ task }) => outputWidth(task)),
    ),
  ];
}

/** One part for each run of neighbouring tasks with the same loss. */
function regressionLosses(layout: TaskLayout, outputs: Value, labels: Labels): TaskLosses[] {
  const runs: { kind: RegressionLoss; slots: TaskSlot<RegressionTask>[] }[] = [];
  for (const slot of slotsOf(layout, 'regression')) {
    const kind = slot.task.loss ?? 'huber';
    const last = runs[runs.length - 1];
    if (last?.kind === kind) last.slots.push(slot);
    else runs.push({ kind, slots: [slot] });
  }
  return runs.map(({ kind, slots }) => {
    const { logits, values, known } = columnsOf(slots, outputs, labels);
    const widths = slots.map(({ task }) => outputWidth(task));
    if (kind === 'ccc') return concordanceLosses(logits, values, known, widths);
    const residual = known.select(logits.sub(values), 0);
    const losses = { huber: huber(residual), mse: residual.square(), mae: residual.abs() };
    return maskedMeans(losses[kind], known, widths);
  });
}

/** Quadratic within ±1, linear beyond (Huber 1964). */
function huber(residual: Value): Value {
  const distance = residual.abs();
  return distance.lt(1).select(residual.square().mul(0.5), distance.sub(0.5));
}

/** Mean over a task's outputs of 1 − CCC over the batch's labelled samples. */
function concordanceLosses(
  predicted: Value,
  actual: Value,
  known: Value,
  widths: readonly number[],
): TaskLosses {
  const counts = known.cast('f32').sum(0);
  const mean = (x: Value): Value => known.select(x, 0).sum(0).div(counts.maximum(1));
  const ccc = concordance({
    x: mean(predicted),
    y: mean(actual),
    xx: mean(predicted.square()),
    yy: mean(actual.square()),
    xy: mean(predicted.mul(actual)),
  });
  const losses = counts.gt(0).select(ccc.neg().add(1), 0);
  const perTask = losses.graph.constant(widths, [widths.length]);
  return { losses: sumSegments(losses, widths).div(perTask), counts: sumSegments(counts, widths) };
}

export interface Moments {
  readonly x: Value;
  readonly y: Value;
  readonly xx: Value;
  readonly yy: Value;
  readonly xy: Value;
}

/** Lin's concordance from means of x, y, x², y², xy. The small constant keeps two equal constants at 0 instead of 0/0. */
export function concordance({ x, y, xx, yy, xy }: Moments): Value {
  const spread = xx.sub(x.square()).add(yy.sub(y.square())).add(x.sub(y).square());
  return xy.sub(x.mul(y)).mul(2).div(spread.add(1e-6));
}

function classificationLoss(
  { task, outputs: columns, labels: at }: TaskSlot<ClassificationTask>,
  outputs: Value,
  labels: Labels,
): TaskLosses {
  const { classWeights, labelSmoothing: smoothing = 0 } = task;
  const logits = outputs.narrow(1, columns.start, columns.end);
  const known = labels.known.narrow(1, at.start, at.end).reshape([-1]);
  const classes = classIndices(labels, at.start);
  let loss = logits.softmaxCrossEntropy(classes);
  if (smoothing > 0) {
    const even = logits.logSumExp(1).sub(logits.mean(1));
    loss = loss.mul(1 - smoothing).add(even.mul(smoothing));
  }
  if (classWeights) loss = loss.mul(outputs.graph.constant(classWeights, [task.classes]).gather(classes));
  const { losses, counts } = maskedMeans(loss.unsqueeze(1), known.unsqueeze(1), [1]);
  return { losses, counts };
}

/** The label column as u32 `[n]`, 0 where missing. */
export function classIndices(labels: Labels, column: number): Value {
  const value = labels.values.narrow(1, column, column + 1).reshape([-1]);
  const known = labels.known.narrow(1, column, column + 1).reshape([-1]);
  return known.select(value, 0).cast('u32');
}

/** Means over the labelled entries of each task's columns: `[n, Σ widths]` → `[widths.length]`. */
function maskedMeans(loss: Value, known: Value, widths: readonly number[]): TaskLosses {
  const total = sumSegments(known.select(loss, 0).sum(0), widths);
  const counts = sumSegments(known.cast('f32').sum(0), widths);
  return { losses: total.div(counts.maximum(1)), counts };
}

/** The neighbouring columns of `slots` in outputs, labels and masks. */
function columnsOf(
  slots: readonly TaskSlot[],
  outputs: Value,
  labels: Labels,
): { logits: Value; values: Value; known: Value } {
  const out = span(slots.map((slot) => slot.outputs));
  const at = span(slots.map((slot) => slot.labels));
  return {
    logits: outputs.narrow(1, out.start, out.end),
    values: labels.values.narrow(1, at.start, at.end),
    known: labels.known.narrow(1, at.start, at.end),
  };
}
