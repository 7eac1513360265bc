// A config's table, read and encoded, as what is to be learnt and judged.
import { createHash } from 'node:crypto';
import {
  type Config,
  type ConfigSource,
  dataSpec,
  type Problem,
  problemOf,
  type ResolvedConfig,
  resolveConfig,
  sizeConfig,
  tableOf,
} from '../config/index.ts';
import { openTable, readIdxImages } from '../data/files/index.ts';
import { type Dataset, type Encoding, loadDataset, type Split } from '../data/index.ts';
import { trainingData } from '../data/training.ts';
import type { TrainingData } from '../train/index.ts';

export interface LoadedProblem {
  readonly config: ResolvedConfig;
  /** What was guessed, a line each. */
  readonly guesses: readonly string[];
  readonly encoding: Encoding;
  readonly notices: Dataset['notices'];
  readonly sides: Readonly<Record<keyof Split, TrainingData>>;
  readonly problem: Problem;
}

export type OnLoad = (fraction: number, rows: number) => void;

/** @throws DataError, ConfigError for a table or a config that cannot be used */
export async function loadProblem(
  written: Config,
  source: ConfigSource,
  onProgress: OnLoad = () => undefined,
): Promise<LoadedProblem> {
  const { path, rows, images: imagesPath, ...reading } = tableOf(written, source);
  const table = await openTable(path, reading);
  const { config: unsized, guesses } = await resolveConfig(written, source, table);
  const images = imagesPath === undefined ? undefined : await readIdxImages(imagesPath);
  const options = { onProgress, ...(images && { images }) };
  const { dataset, encoding, split } = await loadDataset(table, dataSpec(unsized), unsized.seed, options);
  const config = sizeConfig(unsized, written.training, split.train.length);
  const data = {
    train: trainingData(dataset, split.train),
    validation: trainingData(dataset, split.validation),
    test: trainingData(dataset, split.test),
  };
  return {
    config,
    guesses,
    encoding,
    notices: dataset.notices,
    sides: data,
    problem: problemOf(config, encoding, data.train, data.validation),
  };
}

/** Of all that a training run depends on: the config, the training rows as they are encoded, and `context`. */
export function fingerprint(
  { config, sides: { train, validation } }: LoadedProblem,
  context: unknown,
): string {
  const { device: _, ...settings } = config;
  const hash = createHash('sha256').update(JSON.stringify([settings, context]));
  for (const side of [train, validation]) for (const array of arraysOf(side)) hash.update(array);
  return hash.digest('hex');
}

function arraysOf({ numeric, categorical, texts = [], labels, groups }: TrainingData): Uint8Array[] {
  const arrays = [
    numeric,
    categorical,
    ...texts.flatMap(({ indices, counts }) => [indices, counts]),
    ...Object.values(labels).flatMap(({ values, known }) => [
      Float64Array.from(values),
      Uint8Array.from(known),
    ]),
    ...Object.values(groups),
  ];
  return arrays.flatMap((array) =>
    array ? [new Uint8Array(array.buffer, array.byteOffset, array.byteLength)] : [],
  );
}
