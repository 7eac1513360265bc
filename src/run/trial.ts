// One method trained and judged with one seed, as a file of a comparison.
import { existsSync } from 'node:fs';
import type { Evaluation } from '../fairness/index.ts';
import { RunError } from './errors.ts';
import { readJson, writeJson } from './files.ts';

export interface Trial {
  readonly method: string;
  readonly seed: number;
  /** The epoch that was kept. */
  readonly epoch: number;
  readonly evaluation: Evaluation;
}

const FORMAT = 'fairmt-trial-2';
const WHAT = 'a trial of fairmt';

interface TrialFile {
  readonly format: typeof FORMAT;
  /** Of all that the trial depends on. */
  readonly fingerprint: string;
  readonly trial: Trial;
}

export function writeTrial(path: string, fingerprint: string, trial: Trial): Promise<void> {
  return writeJson(path, { format: FORMAT, fingerprint, trial } satisfies TrialFile);
}

/** None where there is no file. @throws RunError for one that is broken, no trial, or one of another comparison */
export async function readTrial(path: string, fingerprint: string): Promise<Trial | undefined> {
  if (!existsSync(path)) return undefined;
  const file = (await readJson(path, WHAT)) as Partial<TrialFile> | null;
  const fail = (expected: string, got: string): never => {
    const remedy = 'Start anew with --force, or compare into another folder with --out.';
    throw new RunError({ file: path, expected, got, remedy });
  };
  if (file?.format !== FORMAT || !file.trial) return fail(WHAT, 'JSON of another kind');
  if (file.fingerprint !== fingerprint) {
    fail(
      'a trial of this very comparison',
      'one of another config, other data, another version or another device',
    );
  }
  return file.trial;
}
