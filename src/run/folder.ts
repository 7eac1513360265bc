// A run folder: config.json, metrics.jsonl, summary.json, model.safetensors, model.json, checkpoint/, report.*; and that
// of a comparison: comparison.json, trials/.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError, RunError } from './errors.ts';
import { makeFolder } from './files.ts';

/** `new`: only where there is nothing yet. `resume`: go on with what is there. `force`: what is there is removed. */
export type FolderMode = 'new' | 'resume' | 'force';

/** `result` stands there as soon as all is done; `parts` is a folder for what is done until then. */
const KINDS = {
  run: {
    result: 'summary.json',
    parts: 'checkpoint',
    others: ['config.json', 'metrics.jsonl', 'model.safetensors', 'model.json', 'report.html', 'report.md'],
  },
  comparison: { result: 'comparison.json', parts: 'trials', others: [] },
} as const;

type FolderKind = keyof typeof KINDS;
type Kind = (typeof KINDS)[FolderKind];
export type RunFile = Kind['result'] | Kind['parts'] | Kind['others'][number];

const filesOf = (kind: FolderKind): readonly RunFile[] => {
  const { result, parts, others } = KINDS[kind];
  return [result, parts, ...others];
};

export class RunFolder {
  readonly path: string;
  readonly #kind: FolderKind;
  readonly #replaces: boolean;

  constructor(path: string, kind: FolderKind = 'run', replaces = false) {
    this.path = path;
    this.#kind = kind;
    this.#replaces = replaces;
  }

  /** Writes nothing yet. @throws RunError for a folder that must not be written */
  static async check(path: string, mode: FolderMode, kind: FolderKind = 'run'): Promise<RunFolder> {
    const entries = await readdir(path).catch((error: NodeJS.ErrnoException): string[] => {
      if (error.code === 'ENOENT') return [];
      throw fileError(error, path, `a folder for the ${kind}`);
    });
    const foreign = entries.filter((name) => !isOurs(kind, name));
    if (foreign.length > 0) {
      throw new RunError({
        file: path,
        expected: `a new folder, or one of a ${kind}`,
        got: `a folder with other files (${foreign.slice(0, 3).join(', ')})`,
        remedy: 'Choose another one with --out.',
      });
    }
    if (entries.length > 0 && mode === 'new') {
      throw new RunError({
        file: path,
        expected: `a new folder for the ${kind}`,
        got: `a ${kind} that ${entries.includes(KINDS[kind].result) ? 'is finished' : 'was begun'}`,
        remedy: 'Go on with --resume, replace it with --force, or choose another folder with --out.',
      });
    }
    return new RunFolder(path, kind, mode === 'force');
  }

  /** Makes the folder; what was there before goes, where it is to be replaced. @throws RunError */
  async prepare(): Promise<void> {
    if (this.#replaces) {
      for (const name of filesOf(this.#kind)) await remove(this.file(name));
    }
    await makeFolder(this.file(KINDS[this.#kind].parts));
  }

  file(name: RunFile): string {
    return join(this.path, name);
  }

  checkpoint(method: string): string {
    return join(this.file('checkpoint'), `${method}.safetensors`);
  }

  trial(method: string, seed: number): string {
    return join(this.file('trials'), `${method.replace(':', '-')}-seed-${seed}.json`);
  }
}

async function remove(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    throw fileError(error, path, 'to replace it');
  }
}

/** What is written there, and what is left where writing was killed. */
function isOurs(kind: FolderKind, name: string): boolean {
  return (filesOf(kind) as readonly string[]).includes(name.replace(/\.partial$/, ''));
}
