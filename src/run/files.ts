// Files that are there whole or not at all: written beside, forced to the disk, and renamed.
import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileError, RunError } from './errors.ts';

/** A file under its name only once it is whole: until then its content stands beside it. */
export class WholeFile {
  readonly #path: string;
  readonly #file: FileHandle;

  /** @throws RunError for a read-only folder and the like */
  static async create(path: string): Promise<WholeFile> {
    return new WholeFile(path, await refused(path, open(partial(path), 'w')));
  }

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** @throws RunError for a full disk */
  async write(part: string | Uint8Array): Promise<void> {
    await refused(this.#path, this.#file.writeFile(part));
  }

  /** Forces it to the disk and gives it its name. After a crash at any moment there is the old file or the new one. */
  async finish(): Promise<void> {
    await refused(this.#path, this.#file.sync());
    await this.#file.close();
    await refused(this.#path, rename(partial(this.#path), this.#path));
    await syncFolder(dirname(this.#path));
  }

  /** The old file stays, if there was one. */
  async abandon(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    await rm(partial(this.#path), { force: true }).catch(() => undefined);
  }
}

const partial = (path: string): string => `${path}.partial`;

async function refused<T>(path: string, action: Promise<T>): Promise<T> {
  try {
    return await action;
  } catch (error) {
    throw fileError(error, path, 'to write it');
  }
}

/** @throws RunError for a full disk, a read-only folder and the like; the old file then stays */
export async function writeWhole(path: string, parts: readonly (string | Uint8Array)[]): Promise<void> {
  const file = await WholeFile.create(path);
  try {
    for (const part of parts) await file.write(part);
    await file.finish();
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

export function writeJson(path: string, value: unknown): Promise<void> {
  return writeWhole(path, [`${JSON.stringify(value, undefined, 2)}\n`]);
}

/** @throws RunError for a file that is not there, is no JSON or is not of `format` */
export async function readJson(path: string, format: string): Promise<unknown> {
  const text = await readWhole(path, format);
  try {
    return JSON.parse(text.toString('utf8')) as unknown;
  } catch (error) {
    const got = text.length === 0 ? 'an empty file' : 'other text, or a part of it';
    throw new RunError({ file: path, expected: format, got, remedy: 'Train again.' }, { cause: error });
  }
}

/** @throws RunError */
export async function readWhole(path: string, format: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw fileError(error, path, format);
  }
}

/** The folder, and those that it lies in. @throws RunError */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') {
      if ((await stat(path)).isDirectory()) return;
      throw fileError(Object.assign(new Error(), { code: 'ENOTDIR' }), path, 'to make the folder');
    }
    if (code !== 'ENOENT' || dirname(path) === path) throw fileError(error, path, 'to make the folder');
    await makeFolder(dirname(path));
    await makeFolder(path);
  }
}

/** Makes the rename last. Not every file system can, and then there is nothing to do. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  try {
    await folder?.sync();
  } catch (error) {
    if (!['EINVAL', 'EPERM', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await folder?.close();
  }
}
