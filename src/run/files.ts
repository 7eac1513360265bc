// Files that are there whole or not at all: written beside, forced to the disk, and renamed.
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileError, RunError } from './errors.ts';

/**
 * Replaces a file. After a crash at any moment it holds the old content or the new one.
 * @throws RunError for a full disk, a read-only folder and the like; the old file then stays
 */
export async function writeWhole(path: string, parts: readonly (string | Uint8Array)[]): Promise<void> {
  const partial = `${path}.partial`;
  try {
    const file = await open(partial, 'w');
    try {
      for (const part of parts) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw fileError(error, path, 'to write it');
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

export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    const known =
      (error as NodeJS.ErrnoException).code === 'EEXIST'
        ? Object.assign(new Error(), { code: 'ENOTDIR' })
        : error;
    throw fileError(known, path, 'to make the folder');
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
