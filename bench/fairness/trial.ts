// One trial: a method trained on a set from a seed, the epoch chosen on validation rows, the model judged on test rows.
import { type Evaluation, isMeasured } from '../../src/fairness/index.ts';
import type { Device } from '../../src/program/index.ts';
import { evaluateModel, validate } from '../../src/train/evaluate.ts';
import { Predictor } from '../../src/train/model.ts';
import { selectEpoch } from '../../src/train/selection.ts';
import type { Settings } from '../../src/train/settings.ts';
import { Trainer } from '../../src/train/trainer.ts';
import type { LoadedSet } from './data.ts';
import type { Contender } from './methods.ts';

/**
 * Share of the best validation utility that the chosen epoch may give up for a smaller gap. The aim allows 2 % against
 * ERM, and on validation rows the best epoch of a constrained run lies about half a per cent below ERM's.
 */
export const price = 0.015;

/** Labelled test rows from which on a cell is judged under a condition. */
export const minCount = 30;

export interface Trial {
  /** The chosen one, from 1. */
  readonly epoch: number;
  readonly validation: { readonly utility: number; readonly gap: number };
  /** On test rows, hard decisions, no intervals. */
  readonly test: Evaluation;
  readonly settings: Settings;
}

export async function runTrial(
  { set, model, partitions, train, validation, test }: LoadedSet,
  { method, settings = {} }: Contender,
  seed: number,
  device: Device,
): Promise<Trial> {
  const { fairness, batch, epochs, warmupEpochs } = set;
  const trainer = await Trainer.create(
    { model, fairness, partitions, data: train, method, epochs, warmupEpochs, batch, seed, settings },
    device,
  );
  const predictor = await Predictor.create(model, device);
  const outcomes = { tasks: model.tasks, fairness };
  const history: { utility: number; gap: number; parameters: Float32Array | Float64Array }[] = [];
  while (trainer.epoch < epochs) {
    await trainer.runEpoch();
    const parameters = await trainer.parameters();
    const predictions = await predictor.predict(parameters, validation);
    const { meanUtility, meanGap } = validate(outcomes, partitions, predictions, validation);
    history.push({ utility: meanUtility ?? Number.NaN, gap: meanGap ?? Number.NaN, parameters });
  }
  const isConstrained = method.pressure.kind !== 'none';
  const rule = { from: isConstrained ? warmupEpochs + 1 : 1, price: isConstrained ? price : 0 };
  const chosen = selectEpoch(history, rule);
  const { parameters, utility, gap } = history[chosen]!;
  const predictions = await predictor.predict(parameters, test);
  const evaluation = evaluateModel(outcomes, partitions, predictions, test, { resamples: 0, minCount });
  trainer.dispose();
  predictor.dispose();
  return {
    epoch: chosen + 1,
    validation: { utility, gap },
    test: withoutMatrices(evaluation),
    settings: trainer.settings,
  };
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
