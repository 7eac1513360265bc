// From a resolved config to what the rooms below take in: the data layer's spec, the model, the fairness, the method.

import { DataError, quote, quoteList } from '../data/errors.ts';
import type { DataSpec, Encoding, TaskEncoding, TaskSpec } from '../data/index.ts';
import { didYouMean } from '../data/nearest.ts';
import { featureShape, modelTasks, partitionsOf } from '../data/training.ts';
import type { FairnessSpec, Partition } from '../fairness/index.ts';
import { layOut, type Task } from '../mtl/index.ts';
import {
  type FitOptions,
  type Method,
  type ModelSpec,
  methods,
  type OutcomeOptions,
  symmetricPenalty,
  type TrainingData,
  type Unit,
  worstGroup,
} from '../train/index.ts';
import { fairnessOf } from '../train/prior.ts';
import type { ResolvedConfig, ResolvedTask } from './resolved.ts';
import type { MethodConfig } from './schema.ts';

export function dataSpec(config: Pick<ResolvedConfig, 'data' | 'inputs' | 'tasks' | 'groups'>): DataSpec {
  const { derived, split, rows, images } = config.data;
  return {
    derived,
    split,
    ...(rows !== undefined && { rows }),
    inputs: config.inputs,
    ...(images !== undefined && { image: {} }),
    tasks: config.tasks.map(taskSpec),
    groups: config.groups,
  };
}

function taskSpec(task: ResolvedTask): TaskSpec {
  const common = { name: task.name, ...(task.where !== undefined && { where: task.where }) };
  switch (task.type) {
    case 'detection':
      return task.list
        ? { ...common, type: task.type, list: task.list }
        : { ...common, type: task.type, attributes: task.attributes ?? [] };
    case 'classification':
      return {
        ...common,
        type: task.type,
        column: task.column,
        ...(task.classes && { classes: task.classes }),
      };
    case 'regression':
      return { ...common, type: task.type, columns: task.columns, transform: task.transform };
  }
}

export function modelSpec(config: ResolvedConfig, encoding: Encoding): ModelSpec {
  const { headWidths, ...trunk } = config.model;
  const tasks = modelTasks(encoding).map((task, at) => withLoss(task, config.tasks[at]!));
  return { tasks, features: featureShape(encoding), trunk, headWidths };
}

/** What the config says of a task's loss. */
function withLoss(task: Task, config: ResolvedTask): Task {
  if (task.kind === 'detection' && config.type === 'detection') {
    return { ...task, ...(config.positiveWeight !== undefined && { positiveWeight: config.positiveWeight }) };
  }
  if (task.kind === 'classification' && config.type === 'classification') {
    const { classWeights, labelSmoothing } = config;
    return {
      ...task,
      ...(classWeights && { classWeights }),
      ...(labelSmoothing !== undefined && { labelSmoothing }),
    };
  }
  return task.kind === 'regression' && config.type === 'regression' ? { ...task, loss: config.loss } : task;
}

/** What fairness means, by task, with prior losses from the training labels. */
export function fairness(
  config: ResolvedConfig,
  encoding: Encoding,
  model: ModelSpec,
  training: TrainingData,
): Readonly<Record<string, FairnessSpec>> {
  const specs = config.tasks.flatMap((task, at): [string, FairnessSpec][] => {
    const { notion, tolerance } = task;
    if (notion === 'none') return [];
    const favourable = favourableOf(task, encoding.tasks[at]!);
    return [[task.name, { notion, tolerance, ...(favourable && { favourable }) }]];
  });
  const layout = layOut(model.tasks);
  const full = fairnessOf(layout, Object.fromEntries(specs), training);
  return Object.fromEntries(
    layout.slots.flatMap(({ task }, at) => (full[at] ? [[task.name, full[at]] as const] : [])),
  );
}

function favourableOf(task: ResolvedTask, encoding: TaskEncoding): FairnessSpec['favourable'] {
  if (task.type === 'detection') return task.favourable;
  if (task.type === 'regression' || !task.favourable || encoding.type !== 'classification') return undefined;
  return task.favourable.map((name) => {
    const index = encoding.classes.indexOf(name);
    if (index >= 0) return index;
    throw new DataError({
      expected: `favourable classes of the task ${quote(task.name)}: ${quoteList(encoding.classes, 12)}`,
      got: quote(name),
      remedy: `Correct the name.${didYouMean(name, encoding.classes)}`,
    });
  });
}

export function methodOf(config: MethodConfig): Method {
  switch (config.name) {
    case 'symmetric':
      return symmetricPenalty(config.weight);
    case 'worst-group':
      return worstGroup(config.weight);
    default:
      return methods[config.name];
  }
}

/** What is fitted to the data, but for the method. */
export interface Problem {
  readonly model: ModelSpec;
  readonly fairness: Readonly<Record<string, FairnessSpec>>;
  readonly partitions: readonly Partition[];
  readonly data: TrainingData;
  readonly validation?: TrainingData;
}

export function problemOf(
  config: ResolvedConfig,
  encoding: Encoding,
  data: TrainingData,
  validation: TrainingData | undefined,
): Problem {
  const model = modelSpec(config, encoding);
  return {
    model,
    fairness: fairness(config, encoding, model, data),
    partitions: partitionsOf(encoding),
    data,
    ...(validation && validation.rows > 0 && { validation }),
  };
}

export function fitOptions(config: ResolvedConfig, problem: Problem, method: MethodConfig): FitOptions {
  const { epochs, warmupEpochs, batch, patience, audit, settings } = config.training;
  return {
    ...problem,
    ...(method.name === 'worst-group' && { fairness: byLoss(problem) }),
    method: methodOf(method),
    epochs,
    warmupEpochs,
    batch,
    seed: config.seed,
    settings,
    ...(patience !== undefined && { patience }),
    ...(audit && { audit }),
  };
}

/** The worst-group penalty speaks of losses, whatever notion the groups are judged by. */
function byLoss({ model, fairness: specs, data }: Problem): Readonly<Record<string, FairnessSpec>> {
  const layout = layOut(model.tasks);
  const wanted = Object.fromEntries(
    Object.entries(specs).map(([task, { tolerance }]) => [
      task,
      { notion: 'loss-parity', tolerance } as const,
    ]),
  );
  const full = fairnessOf(layout, wanted, data);
  return Object.fromEntries(
    layout.slots.flatMap(({ task }, at) => (full[at] ? [[task.name, full[at]] as const] : [])),
  );
}

/** How outcomes are told: names of attributes, and numbers in the unit that is learnt (a logarithm stays one). */
export function outcomeOptions(
  tasks: readonly Task[],
  specs: Readonly<Record<string, FairnessSpec>>,
  encoding: Encoding,
): OutcomeOptions {
  const names = encoding.tasks.map((task) => [task.name, columnNames(task)] as const);
  const units = encoding.tasks.flatMap((task): [string, Unit[]][] =>
    task.type === 'regression' ? [[task.name, task.standards.map(unitOf)]] : [],
  );
  return { tasks, fairness: specs, names: Object.fromEntries(names), units: Object.fromEntries(units) };
}

const unitOf = ({ mean, deviation }: { mean: number; deviation: number }): Unit => ({
  fromStandard: (value) => value * deviation + mean,
  deviation,
});

/** What each of a task's outputs stands for. */
export function columnNames(task: TaskEncoding): readonly string[] {
  if (task.type === 'detection') return task.names;
  return task.type === 'classification' ? task.classes : task.columns;
}
