// The command line as a process of its own, from a bundle made for the tests.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { build } from 'esbuild';

/** Bundles a script, from the repository's root, and returns the bundle's path. */
export async function bundleCli(entry = 'src/cli/main.ts'): Promise<string> {
  const folder = resolve('node_modules/.cache/fairmt/test-cli');
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, `${basename(entry, '.ts')}.${process.pid}.mjs`);
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'neutral',
    format: 'esm',
    target: 'es2023',
    packages: 'external',
    loader: { '.wgsl': 'text' },
    logLevel: 'warning',
  });
  return outfile;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface ProcessOptions {
  readonly cwd?: string;
  /** Sends this after so many milliseconds, or as soon as something is so, unless it has ended. */
  readonly signal?: { readonly name: NodeJS.Signals; readonly when: number | (() => boolean) };
  /** The longest file that it may write, in KiB: a disk that is full. */
  readonly fileLimit?: number;
}

export function runProcess(
  script: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<Ended> {
  const { cwd = process.cwd(), signal, fileLimit } = options;
  const child =
    fileLimit === undefined
      ? spawn(process.execPath, [script, ...args], { cwd })
      : spawn('bash', ['-c', `ulimit -f ${fileLimit}; exec "$0" "$@"`, process.execPath, script, ...args], {
          cwd,
        });
  let out = '';
  let err = '';
  child.stdout.on('data', (data) => {
    out += data;
  });
  child.stderr.on('data', (data) => {
    err += data;
  });
  const begun = performance.now();
  const timer =
    signal &&
    setInterval(() => {
      const { name, when } = signal;
      if (typeof when === 'number' ? performance.now() - begun < when : !when()) return;
      clearInterval(timer);
      child.kill(name);
    }, 5);
  return new Promise((resolve) => {
    child.on('close', (code, ended) => {
      clearInterval(timer);
      resolve({ code, signal: ended, out, err });
    });
  });
}
