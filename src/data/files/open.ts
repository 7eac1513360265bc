// Opens a file as a table, by the ending of its name: .csv, .tsv, .jsonl (.ndjson), each also .gz, and .parquet.
import { DataError, quote } from '../errors.ts';
import { mapTable, type Table } from '../table/table.ts';
import { fileHead, isGzip } from './bytes.ts';
import { csvTable } from './csv.ts';
import { jsonLinesTable } from './jsonl.ts';
import { parquetTable } from './parquet.ts';

export interface OpenOptions {
  /** What parts the cells of a CSV file, a tab also as `\t`; `,` by default, and a tab in .tsv. */
  readonly delimiter?: string;
  /** Cells that mean "missing", such as `NA` or `?`, besides the empty one. */
  readonly missing?: readonly string[];
}

/** @throws DataError where there is no file, or it is no table */
export async function openTable(path: string, options: OpenOptions = {}): Promise<Table> {
  const { size, magic } = await fileHead(path);
  const gzip = isGzip(magic);
  const name = path.toLowerCase();
  if (name.endsWith('.gz') && !gzip) {
    throw new DataError({
      file: path,
      expected: 'a gzip file, as its name says',
      got: 'another',
      remedy: 'Take .gz off its name if it is plain text, or copy it again.',
    });
  }
  const table = await open(path, name.replace(/\.gz$/, ''), { path, size, gzip }, options);
  const missing = new Set(options.missing);
  if (missing.size === 0) return table;
  return mapTable(table, (row) => row.map((cell) => (missing.has(cell.trim()) ? '' : cell)));
}

type File = Parameters<typeof csvTable>[0];

function open(path: string, name: string, file: File, options: OpenOptions): Promise<Table> {
  const delimiter = options.delimiter === '\\t' ? '\t' : options.delimiter;
  const ending = /\.[a-z0-9]+$/.exec(name)?.[0] ?? '';
  switch (ending) {
    case '.csv':
    case '.txt':
      return csvTable(file, { delimiter: delimiter ?? ',' });
    case '.tsv':
    case '.tab':
      return csvTable(file, { delimiter: delimiter ?? '\t' });
    case '.jsonl':
    case '.ndjson':
      return jsonLinesTable(file);
    case '.parquet':
      return parquetTable(path, file.size);
    default:
      if (/[-.]idx\d-ubyte$/.test(name)) throw noTable(path);
      throw new DataError({
        file: path,
        expected: 'a name that ends in .csv, .tsv, .jsonl, .ndjson (or these and .gz) or .parquet',
        got: ending === '' ? 'a name without an ending' : quote(ending),
        remedy:
          ending === '.json'
            ? 'Write JSON Lines, an object a line, as .jsonl.'
            : 'Convert it, or give it the ending of its format.',
      });
  }
}

function noTable(path: string): DataError {
  return new DataError({
    file: path,
    expected: 'a table',
    got: 'pictures (IDX)',
    remedy:
      'Give the table whose rows they belong to, and name this file under "images" (config) or --images.',
  });
}
