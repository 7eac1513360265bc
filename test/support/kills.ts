// Training runs that are ended at random moments and resumed: for a test of a few kills and a bench of many.
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readSafetensors } from '../../src/run/safetensors.ts';
import { Random } from '../../src/tensor/random.ts';
import { runProcess } from './cli-process.ts';

export interface KillReport {
  /** After how many epochs each kill came, and which files it left. */
  readonly kills: readonly { readonly epochs: number; readonly present: readonly string[] }[];
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

/**
 * @param runs each is ended once, then resumed; every other one is ended again while it is resumed
 * @param name SIGKILL: a crash or a power cut; SIGINT: Ctrl-C
 */
export async function killAndResume(
  script: string,
  runs: number,
  epochs: number,
  seed: number,
  name: 'SIGKILL' | 'SIGINT' = 'SIGKILL',
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
    const whole = join(folder, 'undisturbed');
    const first = await runProcess(script, train(whole));
    if (first.code !== 0)
      throw new Error(`the run that was not killed ended with ${first.code}: ${first.err}`);

    const random = new Random(seed);
    const kills: { epochs: number; present: string[] }[] = [];
    const resumed: string[] = [];
    for (let run = 0; run < runs; run++) {
      const out = join(folder, `run${run}`);
      for (let kill = 0; kill <= run % 2; kill++) {
        // At any epoch, and then anywhere within it or what comes after: writing files, judging, the report.
        const target = Math.floor(random.uniform() * (2 * epochs + 1));
        const delay = 40 * random.uniform();
        let reached: number | undefined;
        const when = () => {
          if (reached === undefined && epochsOf(out) >= target) reached = performance.now() + delay;
          return reached !== undefined && performance.now() >= reached;
        };
        const killed = await runProcess(script, train(out, '--resume'), {
          signal: { name, when },
        });
        if (killed.signal !== null || killed.code !== 0)
          kills.push({ epochs: epochsOf(out), present: await checkFiles(out) });
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

/** Epochs of both models that the run has written down. */
function epochsOf(out: string): number {
  const path = join(out, 'metrics.jsonl');
  return existsSync(path) ? linesOf(path).length : 0;
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
