// Parquet through hyparquet, one row group in memory at a time (about 8 bytes a cell).
import { open } from 'node:fs/promises';
import {
  type AsyncBuffer,
  type DecodedArray,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { DataError } from '../errors.ts';
import { type Batch, cellOf, checkColumnNames, placed, type Row, type Table } from '../table/table.ts';
import { fileError } from './bytes.ts';

const BATCH_ROWS = 4096;

type Metadata = Awaited<ReturnType<typeof parquetMetadataAsync>>;

interface ParquetFile {
  readonly path: string;
  readonly buffer: AsyncBuffer;
  readonly metadata: Metadata;
}

export async function parquetTable(path: string, size: number): Promise<Table> {
  const buffer = fileBuffer(path, size);
  const metadata = await reading(path, () => parquetMetadataAsync(buffer));
  const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
  checkColumnNames(path, columns);
  return { name: path, columns, batches: () => batches({ path, buffer, metadata }, columns) };
}

async function* batches(file: ParquetFile, columns: readonly string[]): AsyncGenerator<Batch> {
  const total = Number(file.metadata.num_rows);
  let start = 0;
  for (const group of file.metadata.row_groups) {
    const end = start + Number(group.num_rows);
    const cells: ArrayLike<unknown>[] = [];
    for (const column of columns)
      cells.push(await reading(file.path, () => readColumn(file, column, start, end)));
    for (let first = start; first < end; first += BATCH_ROWS) {
      const rows: Row[] = [];
      const place = (i: number) => ({ row: first + i + 1 });
      for (let row = first; row < Math.min(end, first + BATCH_ROWS); row++) {
        try {
          rows.push(cells.map((column, c) => cellOf(column[row - start], columns[c]!)));
        } catch (error) {
          throw placed(error, file.path, place(rows.length));
        }
      }
      yield { rows, place, fraction: (first + rows.length) / total };
    }
    start = end;
  }
  if (total === 0) {
    throw new DataError({
      file: file.path,
      expected: 'rows',
      got: `${columns.length} columns and no row`,
      remedy: 'Check that the file was written whole.',
    });
  }
}

/** One column of one row group. */
async function readColumn(
  { buffer, metadata }: ParquetFile,
  column: string,
  rowStart: number,
  rowEnd: number,
): Promise<ArrayLike<unknown>> {
  const parts: DecodedArray[] = [];
  await parquetRead({
    file: buffer,
    metadata,
    columns: [column],
    rowStart,
    rowEnd,
    compressors,
    onChunk: ({ columnData }) => parts.push(columnData),
  });
  return compact(parts.length === 1 ? parts[0]! : parts.flatMap((part) => Array.from(part)));
}

/** Numbers among nulls as doubles, missing ones NaN: a third of the memory of a list of them. */
function compact(cells: DecodedArray): ArrayLike<unknown> {
  const areNumbers = Array.isArray(cells) && cells.every((cell) => cell == null || typeof cell === 'number');
  return areNumbers ? Float64Array.from(cells, (cell: number | null) => cell ?? Number.NaN) : cells;
}

function fileBuffer(path: string, size: number): AsyncBuffer {
  return {
    byteLength: size,
    async slice(start, end = size) {
      const bytes = new Uint8Array(end - start);
      const file = await open(path);
      try {
        for (let done = 0; done < bytes.length; ) {
          const { bytesRead } = await file.read(bytes, done, bytes.length - done, start + done);
          if (bytesRead === 0) throw new Error('the file ends too early');
          done += bytesRead;
        }
      } finally {
        await file.close();
      }
      return bytes.buffer;
    },
  };
}

/** Whatever the library finds wrong with the file, as a `DataError`. */
async function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const known = await fileError(path, error);
    if (known instanceof DataError) throw known;
    const got = error instanceof Error ? error.message : String(error);
    const remedy = 'Check that it is Parquet and was copied whole.';
    throw new DataError({ file: path, expected: 'a sound Parquet file', got, remedy }, { cause: error });
  }
}
