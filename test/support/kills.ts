// Training runs that are killed at random moments and resumed: for a test of a few kills and a bench of many.
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readSafetensors } from '../../src/run/safetensors.ts';
import { Random } from '../../src/tensor/random.ts';
import { runProcess } from './cli-process.ts';

export interface KillReport {
  /** After how many milliseconds each kill came, and what of the run was there then. */
  readonly kills: readonly { readonly after: number; readonly present: readonly string[] }[];
  /** Digests of the final files of the run that was not killed, and of each that was. */
  readonly undisturbed: string;
  readonly resumed: readonly string[];
}

/** Dropout, so that a random state has to be restored, and a constraint, so that multipliers have to be. */
const config = (epochs: number): string => `
data: ${resolve('examples/data/cps-1985.csv')}
tasks:
  - { name: union, type: detection, positive: 0 }
  - { name: wage, type: regression }
groups: [gender]
model: { widths: [16], dropout: 0.1 }
training: { epochs: ${epochs} }
`;

/** @param runs each is killed once, then resumed; every other one is killed again while it is resumed */
export async function killAndResume(
  script: string,
  runs: number,
  epochs: number,
  seed: number,
): Promise<KillReport> {
  const folder = mkdtempSync(join(tmpdir(), 'fairmt-kills-'));
  try {
    const path = join(folder, 'config.yaml');
    writeFileSync(path, config(epochs));
    const train = (out: string, ...more: string[]) => [
      'train',
      path,
      '--device',
      'wasm',
      '--out',
      out,
      ...more,
    ];
    const begun = performance.now();
    const whole = join(folder, 'undisturbed');
    const first = await runProcess(script, train(whole));
    if (first.code !== 0)
      throw new Error(`the run that was not killed ended with ${first.code}: ${first.err}`);
    const lasts = performance.now() - begun;

    const random = new Random(seed);
    const kills: { after: number; present: string[] }[] = [];
    const resumed: string[] = [];
    for (let run = 0; run < runs; run++) {
      const out = join(folder, `run${run}`);
      for (let kill = 0; kill <= run % 2; kill++) {
        const after = (0.1 + 0.7 * random.uniform()) * lasts;
        await runProcess(script, train(out, '--resume'), { signal: { name: 'SIGKILL', when: after } });
        kills.push({ after, present: await checkFiles(out) });
      }
      const last = await runProcess(script, train(out, '--resume'));
      if (last.code !== 0) throw new Error(`a resumed run ended with ${last.code}: ${last.err}`);
      resumed.push(digestOf(out));
    }
    return { kills, undisturbed: digestOf(whole), resumed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every file that a killed run left under its own name is whole. @throws Error where one is not */
async function checkFiles(out: string): Promise<string[]> {
  if (!existsSync(out)) return [];
  const present = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !name.endsWith('.partial'),
  );
  for (const name of present) {
    const path = join(out, name);
    if (name.endsWith('.json')) JSON.parse(readFileSync(path, 'utf8'));
    if (name.endsWith('.jsonl')) for (const line of linesOf(path)) JSON.parse(line);
    if (name.endsWith('.safetensors')) await readSafetensors(path, 'a file of a killed run');
  }
  return present;
}

const linesOf = (path: string): string[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '');

/** Of all that a run leaves but its checkpoints, and but for the clock. */
function digestOf(out: string): string {
  const hash = createHash('sha256');
  for (const name of ['config.json', 'metrics.jsonl', 'model.json', 'model.safetensors']) {
    hash.update(readFileSync(join(out, name)));
  }
  const { clock: _, ...summary } = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as {
    clock: unknown;
  };
  return hash.update(JSON.stringify(summary)).digest('hex');
}
