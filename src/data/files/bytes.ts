// A file as bytes: plain or gzip, found by its content; and what is wrong with it, in a sentence.
import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { DataError } from '../errors.ts';
import { nearest } from '../nearest.ts';

const READ_BYTES = 1 << 18;

export interface FileHead {
  readonly size: number;
  /** The first bytes, at most 8. */
  readonly magic: Uint8Array;
}

/** @throws DataError where there is no file, no permission, or nothing in it */
export async function fileHead(path: string): Promise<FileHead> {
  try {
    const status = await stat(path);
    if (!status.isFile() && !status.isDirectory()) throw noFile(path);
    const { size } = status;
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(8), 0, 8, 0);
      if (bytesRead === 0) {
        throw new DataError({
          file: path,
          expected: 'a table with a header',
          got: 'an empty file (0 bytes)',
          remedy: 'Write the file anew.',
        });
      }
      return { size, magic: buffer.subarray(0, bytesRead) };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw await fileError(path, error);
  }
}

/** A table is read more than once: for its header, for its rows, and for each seed. */
function noFile(path: string): DataError {
  const remedy = 'Write what comes out of it to a file first.';
  return new DataError({ file: path, expected: 'a file', got: 'a pipe or a device', remedy });
}

/** Reads the bytes from the start, gunzipped where the file is gzip. `onRead` hears how many bytes of the file were read. */
export async function* fileBytes(
  path: string,
  gzip: boolean,
  onRead: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: READ_BYTES });
  file.on('data', (chunk) => onRead(chunk.length));
  const stream = gzip ? file.pipe(createGunzip({ chunkSize: READ_BYTES })) : file;
  if (gzip) file.on('error', (error) => stream.destroy(error));
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    throw await fileError(path, error);
  } finally {
    stream.destroy();
    file.destroy();
  }
}

export const isGzip = (magic: Uint8Array): boolean => magic[0] === 0x1f && magic[1] === 0x8b;

/** An error of the file system or of gzip as a `DataError`; any other as it is. */
export async function fileError(path: string, error: unknown): Promise<unknown> {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const problem = (expected: string, got: string, remedy: string): DataError =>
    new DataError({ file: path, expected, got, remedy }, { cause: error });
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return problem('a file', 'nothing at this path', `Check the path.${await similarFile(path)}`);
    case 'EISDIR':
      return problem('a file', 'a directory', `Name a file in it.${await firstTable(path)}`);
    case 'EACCES':
    case 'EPERM':
      return problem('a file that may be read', 'no permission', 'Change its permissions, or copy it.');
    case 'Z_BUF_ERROR':
      return problem(
        'a whole gzip file',
        'one that ends too early',
        'It was cut off: copy or download it again (test: gzip -t).',
      );
    case 'Z_DATA_ERROR':
      return problem(
        'a sound gzip file',
        `a damaged one (${(error as Error).message})`,
        'Copy or download it again (test: gzip -t).',
      );
    case 'EIO':
      return problem('a file that can be read', 'an input/output error', 'Check the disk or copy the file.');
    default:
      return error;
  }
}

async function similarFile(path: string): Promise<string> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) return ` The folder ${folder} is not there either.`;
  const best = nearest(basename(path), names);
  return best === undefined ? '' : ` Did you mean ${join(folder, best)}?`;
}

async function firstTable(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const table = names.sort().find((name) => /\.(csv|tsv|jsonl|ndjson|parquet)(\.gz)?$/i.test(name));
  return table === undefined ? '' : ` For example ${join(folder, table)}.`;
}
