// A saved model on a table of its own: judged, or asked for predictions batch by batch.
import { outcomeOptions } from '../config/index.ts';
import { openTable, readIdxImages } from '../data/files/index.ts';
import {
  encodeBatches,
  encodeDataset,
  filterRows,
  inputsOnly,
  type LoadOptions,
  type Notice,
  noticeText,
  type Table,
} from '../data/index.ts';
import { featureArrays, trainingData } from '../data/training.ts';
import type { Evaluation } from '../fairness/index.ts';
import type { Device } from '../program/index.ts';
import { evaluateModel, type Predictions, Predictor } from '../train/index.ts';
import { RunError } from './errors.ts';
import type { ModelFile, SavedModel } from './model-file.ts';
import { judging } from './summarise.ts';

export interface TableOptions {
  readonly path: string;
  /** Only the rows for which this condition holds. */
  readonly rows?: string;
  /** The IDX file, for a model that looks at pictures. */
  readonly images?: string;
  readonly onProgress?: (fraction: number, rows: number) => void;
}

export interface RunEvaluation {
  readonly method: string;
  readonly rows: number;
  readonly evaluation: Evaluation;
  /** What was mended in the data on the way, a line each. */
  readonly notices: readonly string[];
}

/** @throws DataError for a table that does not fit the model */
export async function evaluateRun(
  { file, parameters }: SavedModel,
  options: TableOptions,
  device: Device,
): Promise<RunEvaluation> {
  const { encoding, model, fairness, partitions } = file;
  const table = await tableFor(file, options);
  const dataset = await encodeDataset(table, encoding, await loadOptions(file, options));
  if (dataset.rows === 0) {
    throw new RunError({
      file: options.path,
      expected: 'rows to judge the model by',
      got: options.rows === undefined ? 'none' : `none for which ${options.rows}`,
      remedy: 'Check the table, or the condition.',
    });
  }
  const data = trainingData(dataset);
  using predictor = await Predictor.create(model, device);
  const predictions = await predictor.predict(parameters, data);
  const outcomes = outcomeOptions(model.tasks, fairness, encoding);
  const evaluation = evaluateModel(outcomes, partitions, predictions, data, { ...judging, seed: file.seed });
  return { method: file.method, rows: dataset.rows, evaluation, notices: dataset.notices.map(noticeText) };
}

export interface PredictedBatch {
  readonly rows: number;
  readonly predictions: Predictions;
}

const ROWS_PER_BATCH = 8192;

/** Predictions for a table of any size, in its order, a batch in memory at a time; and at the end what was mended. */
export async function* predictRun(
  { file, parameters }: SavedModel,
  options: TableOptions,
  device: Device,
): AsyncGenerator<PredictedBatch, readonly string[]> {
  const table = await tableFor(file, options);
  using predictor = await Predictor.create(file.model, device);
  const notices = new Map<string, Notice>();
  for await (const dataset of encodeBatches(
    table,
    inputsOnly(file.encoding),
    ROWS_PER_BATCH,
    await loadOptions(file, options),
  )) {
    for (const notice of dataset.notices) {
      const key = `${notice.kind} ${notice.subject}`;
      const count = notice.count + (notices.get(key)?.count ?? 0);
      notices.set(key, { ...notice, count });
    }
    const predictions = await predictor.predict(parameters, featureArrays(dataset));
    yield { rows: dataset.rows, predictions };
  }
  return [...notices.values()].map(noticeText);
}

async function tableFor({ table: reading }: ModelFile, { path, rows }: TableOptions): Promise<Table> {
  const table = await openTable(path, reading);
  return rows === undefined ? table : filterRows(table, rows);
}

async function loadOptions(
  { encoding }: ModelFile,
  { path, images, onProgress }: TableOptions,
): Promise<LoadOptions> {
  if (encoding.image && images === undefined) {
    throw new RunError({
      file: path,
      expected: 'pictures, which the model looks at',
      got: 'none',
      remedy: 'Give the IDX file that belongs to the table with --images.',
    });
  }
  return {
    ...(encoding.image && images !== undefined && { images: await readIdxImages(images) }),
    ...(onProgress && { onProgress }),
  };
}
