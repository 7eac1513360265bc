// Defaults of the model, the method and the training.
import { defaultThreshold } from '../train/index.ts';
import type { ResolvedConfig, ResolvedTraining } from './resolved.ts';
import type { Config } from './schema.ts';

type Section<K extends keyof Config> = NonNullable<Config[K]>;

export function resolveModel(model: Section<'model'>): ResolvedConfig['model'] {
  return {
    widths: [64, 64],
    activation: 'relu',
    dropout: 0,
    layerNorm: false,
    embeddingWidth: 8,
    textWidth: 64,
    headWidths: [],
    ...model,
  };
}

export function resolveMethod(method: Config['method'] = 'fairmt'): ResolvedConfig['method'] {
  return { compareWith: 'erm', ...(typeof method === 'string' ? { name: method } : method) };
}

/** About so many steps bring middling data sets to where nothing more is gained; small ones overfit sooner. */
const STEPS = 3000;

/** @param rows of training */
export function resolveTraining(training: Section<'training'>, rows: number): ResolvedTraining {
  const {
    batch = clamp(2 ** Math.round(Math.log2(rows / 16)), 32, 512),
    patience,
    learningRate,
    audit,
  } = training;
  const epochs = training.epochs ?? clamp(Math.round(STEPS / Math.ceil(rows / batch)), 20, 60);
  return {
    epochs,
    warmupEpochs: training.warmupEpochs ?? Math.floor(epochs / 4),
    batch,
    ...(patience !== undefined && { patience }),
    ...(audit && { audit: { threshold: defaultThreshold, ...audit } }),
    settings: { ...training.settings, ...(learningRate !== undefined && { 'learning rate': learningRate }) },
  };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
