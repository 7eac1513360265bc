// Results on disk, each under a hash of what it follows from, so that an interrupted benchmark goes on where it was.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const folder = 'bench/out/cache';

/** The value stored for `key`, or `make()`, stored. `name` begins the file's name. */
export async function cached<T>(name: string, key: unknown, make: () => Promise<T>): Promise<T> {
  const hash = createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 16);
  const path = join(folder, `${name.replaceAll(' ', '-')}-${hash}.json`);
  const stored = await readFile(path, 'utf8').catch(() => undefined);
  if (stored !== undefined) return JSON.parse(stored) as T;
  const value = await make();
  await mkdir(folder, { recursive: true });
  const partial = `${path}.${process.pid}`;
  await writeFile(partial, JSON.stringify(value));
  await rename(partial, path);
  return value;
}
