// npm run bench:fairness [-- --device wasm|cpu|webgpu|auto] [-- --sets adult,compas] [-- --seeds 5] [-- --write]
// Real sets, 5 seeds, methods side by side: utility, gaps and levelling down on test rows; with --write also the section
// "Fairness" of bench/RESULTS.md. See bench/README.md.
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { openDevice } from '../../src/node.ts';
import type { DeviceKind } from '../../src/program/index.ts';
import { settingsFor } from '../../src/train/settings.ts';
import { writeSection } from '../results.ts';
import { cached } from './cache.ts';
import { type LoadedSet, loadSet, removedShare } from './data.ts';
import { contenders } from './methods.ts';
import { inProcesses, serveAsWorker } from './pool.ts';
import { fairnessSection, isMet, type RunFacts, sectionTitle } from './section.ts';
import { type BenchSet, sets } from './sets/index.ts';
import { summarise } from './summary.ts';
import { minCount, runTrial, type Trial } from './trial.ts';

interface Work {
  readonly set: string;
  readonly seed: number;
}

const { values: flags } = parseArgs({
  options: {
    device: { type: 'string', default: 'wasm' },
    sets: { type: 'string', default: sets.map(({ name }) => name).join(',') },
    seeds: { type: 'string', default: '5' },
    write: { type: 'boolean', default: false },
    worker: { type: 'boolean', default: false },
  },
});
const seeds = Number(flags.seeds);

if (!serveAsWorker(trialsOf)) await main();

async function main(): Promise<void> {
  const chosen = flags.sets.split(',').map(setNamed);
  const started = performance.now();
  const work = chosen.flatMap(({ name }) =>
    Array.from({ length: seeds }, (_, seed) => ({ set: name, seed })),
  );
  const results = await inProcesses<Work, Record<string, Trial>>(work, 2, ({ set, seed }) => {
    const seconds = Math.round((performance.now() - started) / 1000);
    console.error(`${set}, seed ${seed}: done after ${seconds} s`);
  });
  const summaries = chosen.map((set, at) => {
    const own = results.slice(at * seeds, (at + 1) * seeds);
    const trials = Object.keys(contenders).map((method) => [method, own.map((of) => of[method]!)] as const);
    return { set, summary: summarise(set.name, Object.fromEntries(trials)) };
  });
  const facts: RunFacts = {
    machine: `${cpus()[0]!.model.trim()}, ${cpus().length} cores, Node ${process.version.slice(1)}`,
    device: flags.device,
    date: new Date().toISOString(),
    minutes: (performance.now() - started) / 60_000,
  };
  const section = fairnessSection(summaries, facts);
  console.log(section);
  await mkdir('bench/out', { recursive: true });
  const report = { ...facts, minCount, removedShare, sets: summaries.map(({ summary }) => summary) };
  await writeFile('bench/out/fairness.json', JSON.stringify(report, undefined, 2));
  const met = summaries.filter(({ summary: { aim } }) => isMet(aim));
  console.error(`The aim is met on ${met.length} of ${summaries.length} sets.`);
  if (flags.write) writeSection(sectionTitle, section);
}

/** All methods on one split of a set. */
async function trialsOf({ set: name, seed }: Work): Promise<Record<string, Trial>> {
  const set = setNamed(name);
  const device = await openDevice(flags.device as DeviceKind);
  let loaded: Promise<LoadedSet> | undefined;
  const trials: Record<string, Trial> = {};
  for (const [label, contender] of Object.entries(contenders)) {
    // Defaults of the trainer are part of the key: another choice of them is another result.
    const defaults = settingsFor(100, [0.02]);
    const key = { set, contender, seed, defaults, device: flags.device, minCount, removedShare };
    trials[label] = await cached(`${name}-${label}-${seed}`, key, async () => {
      loaded ??= loadSet(set, seed);
      return runTrial(await loaded, contender, seed, device);
    });
  }
  return trials;
}

function setNamed(name: string): BenchSet {
  const set = sets.find((one) => one.name === name);
  if (!set)
    throw new Error(`--sets: expected names among ${sets.map((one) => one.name).join(', ')}, got ${name}`);
  return set;
}
