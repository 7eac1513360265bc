// Unpacked tools live in node_modules/.cache, so that `npm ci` alone brings them and `rm -rf node_modules` removes them.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const cache = join(root, 'node_modules/.cache/fairmt');

const chromiumPackage = join(root, 'node_modules/@sparticuz/chromium');

/** A file of the `@sparticuz/chromium` package, decompressed. @param {string} name */
export const chromiumFile = (name) =>
  brotliDecompressSync(readFileSync(join(chromiumPackage, 'bin', `${name}.br`)));

/**
 * The folder `name` of the cache, filled by `fill` on first use. It is filled under another name and then
 * renamed, so it is whole or absent; where two processes race, the first one wins and the other's copy goes.
 * @param {string} name
 * @param {(folder: string) => void} fill
 */
export function cachedFolder(name, fill) {
  const { version } = JSON.parse(readFileSync(join(chromiumPackage, 'package.json'), 'utf8'));
  const folder = join(cache, `${name}-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const partial = mkdtempSync(`${folder}.`);
  try {
    fill(partial);
    renameSync(partial, folder);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** @param {Uint8Array} archive @param {string} folder */
export function untar(archive, folder) {
  execFileSync('tar', ['-x', '--no-same-owner', '-C', folder], { input: archive });
}
