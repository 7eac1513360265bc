// The summary of a run: facts of data, tasks and groups, both models judged on the same rows, and one set against the
// other.
import { outcomeOptions } from '../config/index.ts';
import { noticeText } from '../data/index.ts';
import { type CellEvaluation, type Evaluation, isMeasured, levellingDown } from '../fairness/index.ts';
import type { Device } from '../program/index.ts';
import type {
  CellChange,
  Clock,
  Comparison,
  EpochMetrics,
  JudgingFacts,
  ModelSummary,
  Summary,
} from '../report/summary.ts';
import { evaluateModel, type FitResult, Predictor, type TrainingData } from '../train/index.ts';
import { deviceFacts } from './device.ts';
import { countSides, inputFacts, modelFacts, partitionFacts, splitText, taskFacts } from './facts.ts';
import type { LoadedProblem } from './problem.ts';
import { version } from './version.ts';
import { warningsOf } from './warnings.ts';

/** A cell of fewer labelled rows is not judged. */
export const judging: JudgingFacts = { minCount: 20, resamples: 1000, confidence: 0.95 };

export interface SummaryOptions {
  readonly name: string;
  /** As the config gives it. */
  readonly file: string;
  readonly loaded: LoadedProblem;
  readonly device: Device;
  readonly results: readonly {
    readonly method: string;
    readonly result: FitResult;
    readonly curves: readonly EpochMetrics[];
  }[];
  readonly seconds: Omit<Clock['seconds'], 'evaluation'>;
}

export async function summarise(options: SummaryOptions): Promise<Summary> {
  const begun = performance.now();
  const { name, file, loaded, device, results } = options;
  const { config, encoding, sides } = loaded;
  const evaluatedOn = evaluationSide(sides);
  const models: ModelSummary[] = [];
  for (const { method, result, curves } of results) {
    const evaluation = await evaluateParameters(loaded, result.parameters, sides[evaluatedOn], device);
    const { epoch, ended, settings } = result;
    models.push({ method, epoch, ended, settings, evaluation, curves });
  }
  const [before, after] = models;
  const facts = {
    version: 1,
    name,
    software: { fairmt: version, node: process.version, platform: `${process.platform} ${process.arch}` },
    device: deviceFacts(device),
    seed: config.seed,
    data: {
      file,
      rows: countSides(loaded, ({ rows }) => rows),
      inputs: inputFacts(config),
      split: splitText(config),
      evaluatedOn,
    },
    model: modelFacts(loaded),
    training: {
      epochs: config.training.epochs,
      warmupEpochs: config.training.warmupEpochs,
      batch: Math.min(config.training.batch, sides.train.rows),
    },
    judging,
    tasks: config.tasks.map((task, at) => taskFacts(task, encoding.tasks[at]!, loaded)),
    partitions: encoding.groups.map((group) => partitionFacts(group.name, group.columns, loaded)),
    models,
    ...(before && after && { comparison: compare(before.evaluation, after.evaluation) }),
    guesses: loaded.guesses,
    notices: loaded.notices.map(noticeText),
  } as const;
  return {
    ...facts,
    warnings: warningsOf(facts),
    clock: {
      ended: new Date().toISOString(),
      seconds: { ...options.seconds, evaluation: (performance.now() - begun) / 1000 },
    },
  };
}

/** The test rows, or the next best where there are none. */
export function evaluationSide(sides: LoadedProblem['sides']): keyof LoadedProblem['sides'] {
  return (['test', 'validation', 'train'] as const).find((side) => sides[side].rows > 0)!;
}

/** @param data the rows to judge on, with labels and groups */
export async function evaluateParameters(
  { problem, encoding, config }: Pick<LoadedProblem, 'problem' | 'encoding' | 'config'>,
  parameters: Float32Array | Float64Array,
  data: TrainingData,
  device: Device,
  settings: Partial<JudgingFacts> = {},
): Promise<Evaluation> {
  const { model, fairness, partitions } = problem;
  using predictor = await Predictor.create(model, device);
  const predictions = await predictor.predict(parameters, data);
  const options = outcomeOptions(model.tasks, fairness, encoding);
  return evaluateModel(options, partitions, predictions, data, {
    ...judging,
    ...settings,
    seed: config.seed,
  });
}

/** Cells in both evaluations, the most lifted first. */
export function compare(before: Evaluation, after: Evaluation): Comparison {
  const changes = after.tasks.flatMap((task): CellChange[] => {
    const earlier = before.tasks.find((other) => other.task === task.task);
    return task.partitions.flatMap(({ partition, cells }) =>
      cells.flatMap((cell) => {
        const old = earlier?.partitions
          .find((other) => other.partition === partition)
          ?.cells.find((other) => other.cell === cell.cell);
        return old ? changesOf({ task: task.task, partition, cell: cell.cell }, old, cell) : [];
      }),
    );
  });
  changes.sort((a, b) => b.after - b.before - (a.after - a.before));
  return { changes, levellingDown: levellingDown(after, before) };
}

function changesOf(
  place: Pick<CellChange, 'task' | 'partition' | 'cell'>,
  before: CellEvaluation,
  after: CellEvaluation,
): CellChange[] {
  return after.levels.flatMap(({ condition, count, level, gap }, k) => {
    const old = before.levels[k];
    if (!old || !isMeasured(level.value) || !isMeasured(old.level.value)) return [];
    if (!isMeasured(gap.value) || !isMeasured(old.gap.value)) return [];
    const levels = { before: old.level.value, after: level.value };
    return [{ ...place, condition, count, ...levels, gapBefore: old.gap.value, gapAfter: gap.value }];
  });
}
