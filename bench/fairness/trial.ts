// One trial: a method trained on a set from a seed, the epoch chosen on validation rows, the model judged on test rows.
import { type Evaluation, isMeasured } from '../../src/fairness/index.ts';
import type { Device } from '../../src/program/index.ts';
import { evaluateModel } from '../../src/train/evaluate.ts';
import { type FitEpoch, fit as train } from '../../src/train/fit.ts';
import { Predictor } from '../../src/train/model.ts';
import type { Settings } from '../../src/train/settings.ts';
import type { LoadedSet } from './data.ts';
import type { Contender } from './methods.ts';

/** Labelled test rows from which on a cell is judged under a condition. */
export const minCount = 30;

export interface Trial {
  /** The chosen one, from 1. */
  readonly epoch: number;
  readonly validation: { readonly utility: number; readonly gap: number };
  /** On test rows, hard decisions, no intervals. */
  readonly test: Evaluation;
  readonly settings: Settings;
  /** Share of training loss that the budget came to at last; under a constraint. */
  readonly allowance?: number;
}

export async function runTrial(
  { set, model, partitions, train: data, validation, test }: LoadedSet,
  { method, settings = {} }: Contender,
  seed: number,
  device: Device,
): Promise<Trial> {
  const { fairness, batch, epochs, warmupEpochs } = set;
  const problem = { model, fairness, partitions, data, validation };
  const result = await train({ ...problem, method, epochs, warmupEpochs, batch, seed, settings }, device);
  using predictor = await Predictor.create(model, device);
  const predictions = await predictor.predict(result.parameters, test);
  const outcomes = { tasks: model.tasks, fairness };
  const evaluation = evaluateModel(outcomes, partitions, predictions, test, { resamples: 0, minCount });
  const allowance = result.history.at(-1)!.allowance;
  return {
    epoch: result.epoch,
    validation: validated(result.history[result.epoch - 1]!),
    test: withoutMatrices(evaluation),
    settings: result.settings,
    ...(allowance !== undefined && { allowance }),
  };
}

function validated({ validation }: FitEpoch): Trial['validation'] {
  const { meanUtility = Number.NaN, meanGap = Number.NaN } = validation ?? {};
  return { utility: meanUtility, gap: meanGap };
}

/** Confusion matrices of every cell would be most of the file. */
function withoutMatrices(evaluation: Evaluation): Evaluation {
  return JSON.parse(JSON.stringify(evaluation, (key, value) => (key === 'confusion' ? undefined : value)));
}

/** @throws Error where nothing was measured: a set that cannot be judged is no benchmark */
export function known(value: number | 'insufficient'): number {
  if (isMeasured(value)) return value;
  throw new Error('a quantity of the benchmark could not be measured on the test rows');
}
