// A run folder: config.json, metrics.jsonl, summary.json, model.safetensors, model.json, checkpoint/, report.*.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError, RunError } from './errors.ts';
import { makeFolder } from './files.ts';

/** `new`: only where there is nothing yet. `resume`: go on where there is a run. `force`: a run there is removed. */
export type FolderMode = 'new' | 'resume' | 'force';

const FILES = [
  'config.json',
  'metrics.jsonl',
  'summary.json',
  'model.safetensors',
  'model.json',
  'checkpoint',
  'report.html',
  'report.md',
] as const;

export type RunFile = (typeof FILES)[number];

export class RunFolder {
  readonly path: string;
  readonly #replaces: boolean;

  constructor(path: string, replaces = false) {
    this.path = path;
    this.#replaces = replaces;
  }

  /** Writes nothing yet. @throws RunError for a folder that must not be written */
  static async check(path: string, mode: FolderMode): Promise<RunFolder> {
    const entries = await readdir(path).catch((error: NodeJS.ErrnoException): string[] => {
      if (error.code === 'ENOENT') return [];
      throw fileError(error, path, 'a folder for the run');
    });
    const foreign = entries.filter((name) => !isOurs(name));
    if (foreign.length > 0) {
      throw new RunError({
        file: path,
        expected: 'a new folder, or one of a run',
        got: `a folder with other files (${foreign.slice(0, 3).join(', ')})`,
        remedy: 'Choose another one with --out.',
      });
    }
    if (entries.length > 0 && mode === 'new') {
      throw new RunError({
        file: path,
        expected: 'a new folder for the run',
        got: entries.includes('summary.json') ? 'a run that is finished' : 'a run that was begun',
        remedy: 'Go on with --resume, replace it with --force, or choose another folder with --out.',
      });
    }
    return new RunFolder(path, mode === 'force');
  }

  /** Makes the folder; an earlier run goes, where it is to be replaced. */
  async prepare(): Promise<void> {
    if (this.#replaces) {
      for (const name of FILES) await rm(this.file(name), { recursive: true, force: true });
    }
    await makeFolder(this.file('checkpoint'));
  }

  file(name: RunFile): string {
    return join(this.path, name);
  }

  checkpoint(method: string): string {
    return join(this.file('checkpoint'), `${method}.safetensors`);
  }
}

/** What a run writes, and what a run that was killed while writing leaves. */
function isOurs(name: string): boolean {
  return (FILES as readonly string[]).includes(name.replace(/\.partial$/, ''));
}
