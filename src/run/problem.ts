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
  const { dataset, sides, encoding } = await loadDataset(table, dataSpec(unsized), unsized.seed, options);
  const config = sizeConfig(unsized, written.training, sides.train.rows);
  const data = {
    train: trainingData(sides.train),
    validation: trainingData(sides.validation),
    test: trainingData(sides.test),
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

/** The same; none where `signal` ended the reading. */
export async function loadUnlessAborted(
  written: Config,
  source: ConfigSource,
  signal: AbortSignal | undefined,
  onProgress: OnLoad = () => undefined,
): Promise<LoadedProblem | undefined> {
  try {
    return await loadProblem(written, source, (fraction, rows) => {
      signal?.throwIfAborted();
      onProgress(fraction, rows);
    });
  } catch (error) {
    if (signal?.aborted && error === signal.reason) return undefined;
    throw error;
  }
}

/** Of all that a run depends on: the config, the rows of all sides and how they are encoded, and `context`. */
export function fingerprint({ config, encoding, sides }: LoadedProblem, context: unknown): string {
  const { device: _, ...settings } = config;
  const hash = createHash('sha256').update(JSON.stringify([settings, encoding, context]));
  for (const side of [sides.train, sides.validation, sides.test]) {
    for (const array of arraysOf(side)) {
      // In parts: a hash takes 2 GiB at once.
      for (let at = 0; at < array.length; at += HASHED_BYTES)
        hash.update(array.subarray(at, at + HASHED_BYTES));
    }
  }
  return hash.digest('hex');
}

const HASHED_BYTES = 2 ** 26;

function* arraysOf({
  numeric,
  categorical,
  texts = [],
  labels,
  groups,
}: TrainingData): Generator<Uint8Array> {
  if (numeric) yield bytesOf(numeric);
  if (categorical) yield bytesOf(categorical);
  for (const { indices, counts } of texts) yield* [bytesOf(indices), bytesOf(counts)];
  for (const { values, known } of Object.values(labels)) yield* [bytesOf(values), bytesOf(known)];
  for (const cells of Object.values(groups)) yield bytesOf(cells);
}

function bytesOf(numbers: ArrayLike<number>): Uint8Array {
  const array = ArrayBuffer.isView(numbers) ? numbers : Float64Array.from(numbers);
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
