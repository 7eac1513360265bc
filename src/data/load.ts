// From a table to a dataset. For training: read once, split, learn the encoding from the training rows, encode all.
// For evaluation and prediction: read and encode by what was learnt, the whole table or batch by batch.
import { Random } from '../tensor/random.ts';
import { type CollectOptions, Collector, type RawTable } from './collect/collect.ts';
import { type Dataset, NoticeBoard, viewRows } from './dataset.ts';
import { encode } from './encode/encode.ts';
import type { Encoding } from './encode/encoding.ts';
import { fitEncoding } from './encode/fit.ts';
import { checkImages, type Images } from './encode/images.ts';
import { inOrder } from './encode/rows.ts';
import { DataError, quote } from './errors.ts';
import { type DataSpec, type Schema, type Side, sides } from './spec.ts';
import { type Split, splitRows } from './split.ts';
import { filterRows, withDerived } from './table/derive.ts';
import { namesIn } from './table/expression.ts';
import { eachRow, type Table } from './table/table.ts';

export interface LoadOptions {
  readonly images?: Images;
  /** Called after each batch of the table: the share that was read, 0 … 1, and the rows so far. */
  readonly onProgress?: (fraction: number, rows: number) => void;
}

export interface LoadedData {
  /** All rows, side after side, those of no side last. */
  readonly dataset: Dataset;
  /** The rows of each side: views of the dataset. */
  readonly sides: Readonly<Record<Side, Dataset>>;
  /** The rows of the table, from 0, that each side has in this order. */
  readonly split: Split;
  readonly encoding: Encoding;
}

/**
 * Reads a table once and makes of it what training needs.
 * @param seed of the split
 * @throws DataError for a table, a column or a cell that cannot be used
 */
export async function loadDataset(
  table: Table,
  spec: DataSpec,
  seed: number,
  options: LoadOptions = {},
): Promise<LoadedData> {
  try {
    return await load(table, spec, seed, options);
  } catch (error) {
    throw inTable(error, table, spec.rows !== undefined);
  }
}

/** What is wrong with a whole column is wrong in this table; behind a filter its rows are not numbered as in the table. */
function inTable(error: unknown, { name }: Table, filtered: boolean): unknown {
  if (!(error instanceof DataError) || error.file !== undefined) return error;
  const { row, column, expected, got, remedy } = error;
  const place = { file: name, ...(column !== undefined && { column }) };
  const problem = { ...place, ...(row !== undefined && !filtered && { row }), expected, got, remedy };
  return new DataError(problem, { cause: error });
}

async function load(table: Table, spec: DataSpec, seed: number, options: LoadOptions): Promise<LoadedData> {
  const { split: splitSpec, rows: where, ...schema } = spec;
  const derived = withDerived(table, schema.derived);
  const source = where === undefined ? derived : filterRows(derived, where);
  const board = new NoticeBoard();
  const sideColumn = splitSpec.by === 'column' ? [splitSpec.column] : [];
  const extra = splitSpec.subject === undefined ? sideColumn : [...sideColumn, splitSpec.subject];
  const raw = await collect(source, schema, { extra, unknownOrder: 'error' }, board, options);
  if (raw.rows === 0) throw noRows(table, where);
  if (schema.image) checkImages(schema.image, options.images, raw.rows);

  const columns = [...raw.extra];
  const side = splitSpec.by === 'column' ? columns.shift() : undefined;
  const subject = columns.shift();
  const split = splitRows(
    splitSpec,
    { rows: raw.rows, ...(side && { side }), ...(subject && { subject }), strata: strataOf(raw) },
    new Random(seed),
    board,
  );
  const training = new Uint8Array(raw.rows);
  for (const row of split.train) training[row] = 1;
  const encoding = fitEncoding(schema, raw, training, options.images, board);
  const placement = { places: placesOf(split, raw.rows), firstRow: 0 };
  const dataset = encode(encoding, raw, options.images, board, placement);
  return { dataset, sides: sidesOf(dataset, split), split, encoding };
}

/** Of each row of the table its place in the dataset. */
function placesOf(split: Split, rows: number): Uint32Array {
  const nowhere = 0xffffffff;
  const places = new Uint32Array(rows).fill(nowhere);
  let next = 0;
  for (const side of sides) for (const row of split[side]) places[row] = next++;
  for (let row = 0; row < rows; row++) if (places[row] === nowhere) places[row] = next++;
  return places;
}

function sidesOf(dataset: Dataset, { train, validation, test }: Split): LoadedData['sides'] {
  const held = train.length + validation.length;
  return {
    train: viewRows(dataset, 0, train.length),
    validation: viewRows(dataset, train.length, held),
    test: viewRows(dataset, held, held + test.length),
  };
}

/** All rows of a table, encoded as training did: inputs, labels and groups. */
export async function encodeDataset(
  table: Table,
  encoding: Encoding,
  options: LoadOptions = {},
): Promise<Dataset> {
  const board = new NoticeBoard();
  const source = withDerived(table, encoding.derived);
  const raw = await collect(source, encoding, { extra: [], unknownOrder: 'missing' }, board, options);
  return encode(encoding, raw, options.images, board, inOrder(raw.rows));
}

/** A table of any size as datasets of at most `rowsPerBatch` rows, in order, one in memory at a time. */
export async function* encodeBatches(
  table: Table,
  encoding: Encoding,
  rowsPerBatch: number,
  options: LoadOptions = {},
): AsyncGenerator<Dataset> {
  const source = withDerived(table, encoding.derived);
  const start = () => {
    const board = new NoticeBoard();
    const collector = new Collector(source, encoding, { extra: [], unknownOrder: 'missing' }, board);
    return { board, collector };
  };
  let { board, collector } = start();
  let done = 0;
  for await (const batch of source.batches()) {
    for (let from = 0; from < batch.rows.length; ) {
      const to = Math.min(batch.rows.length, from + rowsPerBatch - collector.rows);
      eachRow(source, batch, (row) => collector.add(row), from, to);
      from = to;
      if (collector.rows < rowsPerBatch) continue;
      yield encode(encoding, collector.finish(), options.images, board, inOrder(collector.rows, done));
      done += collector.rows;
      ({ board, collector } = start());
    }
    options.onProgress?.(batch.fraction, done + collector.rows);
  }
  if (collector.rows > 0)
    yield encode(encoding, collector.finish(), options.images, board, inOrder(collector.rows, done));
}

/** What is needed to encode inputs alone: rows without labels and without groups can be predicted. */
export function inputsOnly(encoding: Encoding): Encoding {
  const needed = new Set(encoding.inputs.map(({ column }) => column));
  if (encoding.image?.column !== undefined) needed.add(encoding.image.column);
  const derived = encoding.derived.toReversed().filter((source) => {
    if (!needed.has(source.name)) return false;
    for (const name of 'when' in source ? namesIn(source.when) : [source.column]) needed.add(name);
    return true;
  });
  return { ...encoding, derived: derived.reverse(), tasks: [], groups: [] };
}

async function collect(
  table: Table,
  schema: Schema,
  collectOptions: CollectOptions,
  board: NoticeBoard,
  { onProgress }: LoadOptions,
): Promise<RawTable> {
  const collector = new Collector(table, schema, collectOptions, board);
  for await (const batch of table.batches()) {
    eachRow(table, batch, (row) => collector.add(row));
    onProgress?.(batch.fraction, collector.rows);
  }
  return collector.finish();
}

function noRows({ name }: Table, where: string | undefined): DataError {
  return new DataError({
    file: name,
    expected: where === undefined ? 'rows' : `rows that meet the condition ${quote(where)}`,
    got: 'none',
    remedy: where === undefined ? 'Check the table.' : 'Check the condition.',
  });
}

/** The groups of a row, then its labels; numbers by quartile. */
function strataOf({ groups, labels }: RawTable): ArrayLike<number>[] {
  return [
    ...groups.flat().map(({ codes }) => codes),
    ...labels.flat().map((column) => ('numbers' in column ? quartiles(column.numbers) : column.codes)),
  ];
}

/** 0 for a missing number, else 1 … 4. */
function quartiles(numbers: Float32Array): Uint8Array {
  const sorted = numbers.slice().sort(); // NaN comes last
  const missing = sorted.findIndex(Number.isNaN);
  const known = missing < 0 ? sorted.length : missing;
  const edges = [1, 2, 3].map((q) => (known === 0 ? 0 : sorted[Math.floor((q * known) / 4)]!));
  const quartile = new Uint8Array(numbers.length);
  numbers.forEach((value, i) => {
    if (!Number.isNaN(value)) quartile[i] = 1 + edges.filter((edge) => edge <= value).length;
  });
  return quartile;
}
