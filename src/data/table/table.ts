// A table as a stream: named columns, and batches of rows of text cells. An empty cell is a missing value.
// Files (data/files), arrays in memory, filters and derived columns are all tables, so each works with each.
import { CellError, DataError } from '../errors.ts';

export type Row = readonly string[];

export interface Batch {
  readonly rows: readonly Row[];
  /** Where row `i` of the batch stands in its source. Costs a search: for messages only. */
  place(i: number): { readonly row: number; readonly line?: number };
  /** The share of the source that was read up to here, 0 … 1. */
  readonly fraction: number;
}

export interface Table {
  /** For messages: the path of the file. */
  readonly name: string;
  readonly columns: readonly string[];
  /** The rows, from the first on, each time that it is called. */
  batches(): AsyncIterable<Batch>;
}

const BATCH_ROWS = 4096;

/** A table of rows in memory. @throws DataError where a row has more or fewer cells than there are columns */
export function tableOfRows(name: string, columns: readonly string[], rows: readonly Row[]): Table {
  checkColumnNames(name, columns);
  rows.forEach((row, i) => {
    if (row.length !== columns.length) throw raggedRow(name, { row: i + 1 }, columns, row);
  });
  return {
    name,
    columns,
    async *batches() {
      for (let first = 0; first < rows.length; first += BATCH_ROWS) {
        const part = rows.slice(first, first + BATCH_ROWS);
        yield {
          rows: part,
          place: (i) => ({ row: first + i + 1 }),
          fraction: (first + part.length) / rows.length,
        };
      }
    },
  };
}

/**
 * A table of records in memory; its columns are the keys of all of them, in order of appearance.
 * A key that a record lacks, null, undefined and NaN are missing values. @throws DataError for nested objects
 */
export function tableOfRecords(name: string, records: readonly Readonly<Record<string, unknown>>[]): Table {
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const rows = records.map((record, i) => {
    try {
      return columns.map((column) => cellOf(record[column], column));
    } catch (error) {
      throw placed(error, name, { row: i + 1 });
    }
  });
  return tableOfRows(name, columns, rows);
}

/** A value of JavaScript as the text of a cell: numbers exactly, lists joined by `|`, null and NaN as missing. */
export function cellOf(value: unknown, column: string): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return Number.isNaN(value) ? '' : String(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'undefined':
      return '';
    default:
      if (value === null) return '';
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString();
      if (Array.isArray(value)) return value.map((item) => cellOf(item, column)).join('|');
      throw new CellError(
        column,
        'text, a number, true, false, null or a list of them',
        `${typeof value === 'object' ? 'an object' : `a ${typeof value}`}`,
        'Flatten it into columns of their own.',
      );
  }
}

/** Calls `visit` for rows of a batch. A `CellError` of `visit` becomes a `DataError` that names file, row and line. */
export function eachRow(
  table: Table,
  batch: Batch,
  visit: (row: Row) => void,
  from = 0,
  to = batch.rows.length,
): void {
  let i = from;
  try {
    for (; i < to; i++) visit(batch.rows[i]!);
  } catch (error) {
    throw placed(error, table.name, batch.place(i));
  }
}

/** `map` of every row of a batch, with the same errors. */
export function mapRows<T>(table: Table, batch: Batch, map: (row: Row) => T): T[] {
  const results: T[] = [];
  eachRow(table, batch, (row) => results.push(map(row)));
  return results;
}

/** The table with every row mapped to another. @param columns those of the new rows */
export function mapTable(
  table: Table,
  map: (row: Row) => Row,
  columns: readonly string[] = table.columns,
): Table {
  return {
    ...table,
    columns,
    async *batches() {
      for await (const batch of table.batches()) yield { ...batch, rows: mapRows(table, batch, map) };
    },
  };
}

/** A `CellError` with its place, as a `DataError`; any other error as it is. */
export function placed(error: unknown, file: string, place: { row: number; line?: number }): unknown {
  if (!(error instanceof CellError)) return error;
  const { column, expected, got, remedy } = error;
  return new DataError({ file, ...place, column, expected, got, remedy });
}

/** @throws DataError where two columns have one name or one has none */
export function checkColumnNames(file: string, columns: readonly string[]): void {
  const seen = new Map<string, number>();
  columns.forEach((column, i) => {
    const first = seen.get(column);
    if (first !== undefined) {
      throw new DataError({
        file,
        column,
        expected: 'a name of its own for every column',
        got: `the same name for columns ${first + 1} and ${i + 1}`,
        remedy: 'Rename one of them in the header.',
      });
    }
    seen.set(column, i);
  });
}

export function raggedRow(
  file: string,
  place: { row: number; line?: number },
  columns: readonly string[],
  row: Row,
): DataError {
  const more = row.length > columns.length;
  return new DataError({
    file,
    ...place,
    expected: `${columns.length} cells, as in the header`,
    got: `${row.length}`,
    remedy: more
      ? 'Put double quotes around a cell that holds the delimiter or a line end.'
      : 'Fill it up with empty cells; if the row broke at a line end, put double quotes around that cell.',
  });
}
