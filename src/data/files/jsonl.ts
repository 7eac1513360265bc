// JSON Lines: an object a line. Its columns are the keys of the first thousand rows.
import { CellError, DataError, quote, quoteList } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import { type Batch, cellOf, placed, type Row, type Table } from '../table/table.ts';
import { linePieces, type TextFile } from './lines.ts';

const HEAD_ROWS = 1000;

interface Line {
  readonly text: string;
  readonly line: number;
}

export async function jsonLinesTable(file: TextFile): Promise<Table> {
  const keys = new Set<string>();
  let rows = 0;
  for await (const { lines } of lineBatches(file)) {
    for (const line of lines.slice(0, HEAD_ROWS - rows)) {
      rows++;
      for (const key of Object.keys(recordOf(file.path, line, rows))) keys.add(key);
    }
    if (rows >= HEAD_ROWS) break;
  }
  if (keys.size === 0) {
    throw new DataError({
      file: file.path,
      expected: 'an object with keys on every line',
      got: 'none',
      remedy: 'Write a row as {"age": 31, "job": "clerk"}, each on a line of its own.',
    });
  }
  const columns = [...keys];
  return { name: file.path, columns, batches: () => batches(file, columns) };
}

async function* batches(file: TextFile, columns: readonly string[]): AsyncGenerator<Batch> {
  const index = new Map(columns.map((column, i) => [column, i]));
  let done = 0;
  for await (const { lines, fraction } of lineBatches(file)) {
    const first = done;
    const place = (i: number) => ({ row: first + i + 1, line: lines[i]!.line });
    const rows = lines.map((line, i) => {
      try {
        return rowOf(recordOf(file.path, line, first + i + 1), columns, index);
      } catch (error) {
        throw placed(error, file.path, place(i));
      }
    });
    done += rows.length;
    yield { rows, place, fraction };
  }
}

function rowOf(record: Record<string, unknown>, columns: readonly string[], index: Map<string, number>): Row {
  const row = new Array<string>(columns.length).fill('');
  for (const key of Object.keys(record)) {
    const at = index.get(key);
    if (at === undefined) {
      const remedy = `Correct it, or give the key in an early row too (null is missing).${didYouMean(key, columns)}`;
      throw new CellError(
        key,
        `a key of the first ${HEAD_ROWS} rows (${quoteList(columns)})`,
        'a new one',
        remedy,
      );
    }
    row[at] = cellOf(record[key], key);
  }
  return row;
}

function recordOf(path: string, { text, line }: Line, row: number): Record<string, unknown> {
  const problem = (got: string, cause?: unknown): DataError =>
    new DataError(
      {
        file: path,
        row,
        line,
        expected: 'one JSON object on the line',
        got,
        remedy: 'Write a row as {"age": 31, "job": "clerk"}, each on a line of its own.',
      },
      { cause },
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw problem(`${quote(text)} (${(error as Error).message})`, error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw problem(quote(text));
  return value as Record<string, unknown>;
}

/** The lines that are not blank. */
async function* lineBatches(
  file: TextFile,
): AsyncGenerator<{ readonly lines: readonly Line[]; readonly fraction: number }> {
  for await (const { text, line, fraction } of linePieces(file)) {
    const lines = text
      .split('\n')
      .flatMap((content, i) => (content.trim() === '' ? [] : [{ text: content, line: line + i }]));
    yield { lines, fraction };
  }
}
