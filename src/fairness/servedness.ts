// Per-sample served-ness: for each task and condition a column that says how well the model serves each sample, once
// differentiable (sharpened probabilities) and once on hard decisions. Group statistics are means of these columns.
import type { Graph } from '../graph/graph.ts';
import type { Operand, Value } from '../graph/value.ts';
import {
  type ClassificationTask,
  classIndices,
  type DetectionTask,
  type Labels,
  outputWidth,
  type RegressionTask,
  span,
  type TaskLayout,
  type TaskSlot,
} from '../mtl/index.ts';
import type { FairnessSpec, Notion } from './notions.ts';

/** Where a column comes from: which task, which of its outputs, under which condition. */
export interface ColumnName {
  /** Index of the task in the layout. */
  readonly task: number;
  readonly output: number;
  /** `y=1`, `y=0`, `y=3`, `all`, `favourable=2`. */
  readonly condition: string;
}

/** Columns whose group statistic is a mean. All tensors `[n, columns]`. */
export interface MeanColumns {
  readonly names: readonly ColumnName[];
  /** Differentiable. */
  readonly soft: Value;
  /** What the decisions taken at the threshold, or by arg-max, give. */
  readonly hard: Value;
  /** bool: labelled, and meeting the column's condition. */
  readonly counted: Value;
}

/** Regression outputs whose group statistic is the concordance of prediction and label. */
export interface ConcordanceColumns {
  readonly names: readonly ColumnName[];
  readonly predicted: Value;
  readonly actual: Value;
  readonly counted: Value;
}

export interface ServednessColumns {
  readonly means: MeanColumns | undefined;
  readonly concordances: ConcordanceColumns | undefined;
}

export interface ServednessInputs {
  readonly layout: TaskLayout;
  /** One entry a slot of the layout; `undefined` for a task without a constraint. */
  readonly specs: readonly (FairnessSpec | undefined)[];
  /** `[n, P]`. */
  readonly outputs: Value;
  readonly labels: Labels;
  /** κ > 0: logits are divided by it before they become probabilities. */
  readonly temperature: Operand;
}

export function servednessColumns(inputs: ServednessInputs): ServednessColumns {
  const { layout, specs } = inputs;
  const means: MeanColumns[] = [];
  const concordances: ConcordanceColumns[] = [];
  for (const run of runsOf(layout, specs)) {
    const [slot] = run.slots;
    if (slot!.task.kind === 'detection') means.push(detectionColumns(run as Run<DetectionTask>, inputs));
    else if (slot!.task.kind === 'classification')
      means.push(classColumns(run as Run<ClassificationTask>, inputs));
    else if (run.notion === 'ccc-parity') concordances.push(valueColumns(run as Run<RegressionTask>, inputs));
    else means.push(regressionColumns(run as Run<RegressionTask>, inputs));
  }
  return { means: joinMeans(means), concordances: joinConcordances(concordances) };
}

/** Neighbouring tasks of one kind under one notion: their columns are one tensor. */
interface Run<T extends TaskSlot['task'] = TaskSlot['task']> {
  readonly notion: Notion;
  readonly slots: TaskSlot<T>[];
  readonly specs: FairnessSpec[];
  readonly tasks: number[];
}

function runsOf(layout: TaskLayout, specs: ServednessInputs['specs']): Run[] {
  const runs: Run[] = [];
  layout.slots.forEach((slot, task) => {
    const spec = specs[task];
    if (!spec) return;
    const last = runs[runs.length - 1];
    const joins =
      last?.notion === spec.notion &&
      slot.task.kind !== 'classification' &&
      last.slots[0]!.task.kind === slot.task.kind &&
      last.tasks[last.tasks.length - 1] === task - 1;
    if (joins) {
      last.slots.push(slot);
      last.specs.push(spec);
      last.tasks.push(task);
    } else {
      runs.push({ notion: spec.notion, slots: [slot], specs: [spec], tasks: [task] });
    }
  });
  return runs;
}

function detectionColumns(
  run: Run<DetectionTask>,
  { outputs, labels, temperature }: ServednessInputs,
): MeanColumns {
  const at = columnsOf(run, outputs, labels);
  const names = namesOf(run);
  // The other notions speak of both answers alike.
  const isOneSided = run.notion === 'equal-opportunity' || run.notion === 'demographic-parity';
  const signs = names.map(({ task }) => {
    const { favourable } = run.specs[run.tasks.indexOf(task)]!;
    return isOneSided && favourable === 'negative' ? -1 : 1;
  });
  const sign = signs.some((one) => one < 0) ? rowConstant(outputs.graph, signs) : undefined;
  const favours = sign?.gt(0);
  const ofFavourable = (yes: Value): Value => (favours ? yes.eq(favours) : yes);
  const logits = sign ? at.outputs.mul(sign) : at.outputs;
  const p = logits.div(temperature).sigmoid();
  const positive = ofFavourable(at.values.gt(0.5));
  const decided = ofFavourable(at.outputs.gt(0)).cast('f32');
  switch (run.notion) {
    case 'equal-opportunity': {
      const conditioned = names.map((name, i) => ({ ...name, condition: signs[i]! > 0 ? 'y=1' : 'y=0' }));
      return { names: conditioned, soft: p, hard: decided, counted: at.known.and(positive) };
    }
    case 'demographic-parity':
      return { names: named(names, ['all']), soft: p, hard: decided, counted: at.known };
    case 'equalized-odds': {
      const shape = [...p.shape, 2];
      const flat = [p.shape[0]!, 2 * names.length];
      const first = outputs.graph.iota(shape, 2).eq(0);
      const both = (x: Value): Value =>
        first.select(x.unsqueeze(2), x.neg().add(1).unsqueeze(2)).reshape(flat);
      const met = first.eq(positive.unsqueeze(2)).and(at.known.unsqueeze(2)).reshape(flat);
      return { names: named(names, ['y=1', 'y=0']), soft: both(p), hard: both(decided), counted: met };
    }
    case 'accuracy-parity': {
      const right = (x: Value): Value => positive.select(x, x.neg().add(1));
      return { names: named(names, ['all']), soft: right(p), hard: right(decided), counted: at.known };
    }
    default: {
      const target = at.known.select(at.values, 0);
      return lossColumns(run, names, at.outputs.sigmoidCrossEntropy(target), at.known);
    }
  }
}

function classColumns(
  run: Run<ClassificationTask>,
  { outputs, labels, temperature }: ServednessInputs,
): MeanColumns {
  const [slot] = run.slots;
  const [spec] = run.specs;
  const { task, outputs: columns, labels: at } = slot!;
  const logits = outputs.narrow(1, columns.start, columns.end);
  const known = labels.known.narrow(1, at.start, at.end);
  const label = classIndices(labels, at.start).unsqueeze(1);
  const names = [{ task: run.tasks[0]!, output: 0 }];
  if (spec!.notion === 'loss-parity') {
    const loss = logits.softmaxCrossEntropy(label.reshape([-1])).unsqueeze(1);
    return lossColumns(run, names, loss, known);
  }
  const isClass = outputs.graph.iota(logits.shape, 1);
  const p = logits.div(temperature).softmax();
  const decided = isClass.eq(logits.argMax(1, true)).cast('f32');
  const isLabel = isClass.eq(label);
  if (spec!.notion === 'equal-opportunity') {
    const conditions = Array.from({ length: task.classes }, (_, k) => `y=${k}`);
    return { names: named(names, conditions), soft: p, hard: decided, counted: isLabel.and(known) };
  }
  if (spec!.notion === 'accuracy-parity') {
    const ofLabel = (x: Value): Value => isLabel.select(x, 0).sum(1, true);
    return { names: named(names, ['all']), soft: ofLabel(p), hard: ofLabel(decided), counted: known };
  }
  const favourable = spec!.favourable as readonly number[];
  const pick = (x: Value): Value => {
    const [first, ...rest] = favourable.map((k) => x.narrow(1, k, k + 1));
    return first!.concat(rest, 1);
  };
  const conditions = favourable.map((k) => `favourable=${k}`);
  const all = known.expand([known.shape[0]!, favourable.length]);
  return { names: named(names, conditions), soft: pick(p), hard: pick(decided), counted: all };
}

function regressionColumns(run: Run<RegressionTask>, { outputs, labels }: ServednessInputs): MeanColumns {
  const at = columnsOf(run, outputs, labels);
  const names = namesOf(run);
  const distance = at.known.select(at.outputs.sub(at.values), 0).abs();
  if (run.notion === 'loss-parity') return lossColumns(run, names, distance.square(), at.known);
  // Labels are standardised, so the deviation s_t is 1.
  const served = distance.neg().add(1);
  return { names: named(names, ['all']), soft: served, hard: served.stopGradient(), counted: at.known };
}

function valueColumns(run: Run<RegressionTask>, { outputs, labels }: ServednessInputs): ConcordanceColumns {
  const at = columnsOf(run, outputs, labels);
  return { names: named(namesOf(run), ['all']), predicted: at.outputs, actual: at.values, counted: at.known };
}

/**
 * Losses as served-ness: minus the loss over that of the training prior. Cross-entropy or the squared error, whatever
 * loss, weights and smoothing the task itself trains with: groups are compared on one scale.
 */
function lossColumns(
  run: Run,
  names: readonly Omit<ColumnName, 'condition'>[],
  loss: Value,
  counted: Value,
): MeanColumns {
  const priors = run.specs.flatMap((spec) => [...spec.priorLoss!]);
  const served = loss.div(rowConstant(loss.graph, priors)).neg();
  return { names: named(names, ['all']), soft: served, hard: served.stopGradient(), counted };
}

function columnsOf(
  run: Run,
  outputs: Value,
  labels: Labels,
): { outputs: Value; values: Value; known: Value } {
  const out = span(run.slots.map((slot) => slot.outputs));
  const at = span(run.slots.map((slot) => slot.labels));
  return {
    outputs: outputs.narrow(1, out.start, out.end),
    values: labels.values.narrow(1, at.start, at.end),
    known: labels.known.narrow(1, at.start, at.end),
  };
}

function namesOf(run: Run): Omit<ColumnName, 'condition'>[] {
  return run.slots.flatMap(({ task }, i) =>
    Array.from({ length: outputWidth(task) }, (_, output) => ({ task: run.tasks[i]!, output })),
  );
}

function named(names: readonly Omit<ColumnName, 'condition'>[], conditions: readonly string[]): ColumnName[] {
  return names.flatMap((name) => conditions.map((condition) => ({ ...name, condition })));
}

function rowConstant(graph: Graph, values: readonly number[]): Value {
  return graph.constant(values, [values.length]);
}

function joinMeans(parts: readonly MeanColumns[]): MeanColumns | undefined {
  if (parts.length === 0) return undefined;
  const side = (pick: (part: MeanColumns) => Value): Value => sideBySide(parts.map(pick));
  return {
    names: parts.flatMap((part) => part.names),
    soft: side((part) => part.soft),
    hard: side((part) => part.hard),
    counted: side((part) => part.counted),
  };
}

function joinConcordances(parts: readonly ConcordanceColumns[]): ConcordanceColumns | undefined {
  if (parts.length === 0) return undefined;
  const side = (pick: (part: ConcordanceColumns) => Value): Value => sideBySide(parts.map(pick));
  return {
    names: parts.flatMap((part) => part.names),
    predicted: side((part) => part.predicted),
    actual: side((part) => part.actual),
    counted: side((part) => part.counted),
  };
}

function sideBySide(parts: readonly Value[]): Value {
  const [first, ...rest] = parts;
  return first!.concat(rest, 1);
}
