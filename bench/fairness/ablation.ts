// npm run bench:ablation [-- --device wasm|cpu|webgpu|auto]
// One heterogeneous pair of ISEAR, crying (detection) and intensity (regression): three ways to weigh the tasks, each
// without and with the constraint, as we read the paper's third figure.
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { openDevice } from '../../src/node.ts';
import type { DeviceKind } from '../../src/program/index.ts';
import { type Method, methods } from '../../src/train/method.ts';
import { loadSet } from './data.ts';
import type { Contender } from './methods.ts';
import { type BenchSet, sets } from './sets/index.ts';
import { spread } from './summary.ts';
import { percent, table, told } from './table.ts';
import { known, runTrial, type Trial } from './trial.ts';

const { values: flags } = parseArgs({ options: { device: { type: 'string', default: 'wasm' } } });
const seeds = [0, 1, 2, 3, 4];
const pair = onlyTasks(sets.find(({ name }) => name === 'isear')!, ['crying', 'intensity']);

const unconstrained = { kind: 'none' } as const;
const { pressure: ahfda } = methods.fairmt;
const weightings: Readonly<Record<string, (pressure: Method['pressure']) => Contender>> = {
  conventional: (pressure) => ({ method: { pressure, direction: 'uniform', gram: 'head-aware' } }),
  'utility-weighted': (pressure) => ({
    method: { pressure, direction: 'utility-only', gram: 'head-aware' },
  }),
  mgda: (pressure) => ({
    method: { pressure, direction: 'utility-only', gram: 'exact' },
    settings: { ridge: 0 },
  }),
};
const variants: Readonly<Record<string, Contender>> = {
  ...Object.fromEntries(
    Object.entries(weightings).flatMap(([name, contender]) => [
      [name, contender(unconstrained)],
      [`${name} + AHFDA`, contender(ahfda)],
    ]),
  ),
  fairmt: { method: methods.fairmt },
};

const device = await openDevice(flags.device as DeviceKind);
const trials: Record<string, Trial[]> = Object.fromEntries(Object.keys(variants).map((name) => [name, []]));
for (const seed of seeds) {
  const loaded = await loadSet(pair, seed);
  for (const [name, contender] of Object.entries(variants))
    trials[name]!.push(await runTrial(loaded, contender, seed, device));
}
const rows = Object.entries(trials).map(([name, own]) => ({
  name,
  utility: spread(own.map(({ test }) => known(test.meanUtility))),
  gap: spread(own.map(({ test }) => known(test.meanGap))),
  tasks: own[0]!.test.tasks.map(({ task }, at) => ({
    task,
    utility: spread(own.map(({ test }) => known(test.tasks[at]!.overall.utility.value))),
    gap: spread(own.map(({ test }) => known(test.tasks[at]!.meanGap))),
  })),
}));
const base = rows[0]!;
console.log(
  table(
    [
      'weights',
      'mean utility',
      'mean gap',
      'of conventional’s',
      ...base.tasks.map(({ task }) => `${task}: utility (gap)`),
    ],
    rows.map(({ name, utility, gap, tasks }) => [
      name,
      `${told(utility)} (${percent(utility.mean / base.utility.mean - 1)})`,
      told(gap),
      `${Math.round((100 * gap.mean) / base.gap.mean)} %`,
      ...tasks.map((task) => `${told(task.utility)} (${told(task.gap)})`),
    ]),
  ),
);
await mkdir('bench/out', { recursive: true });
await writeFile('bench/out/ablation.json', JSON.stringify({ device: flags.device, rows }, undefined, 2));

function onlyTasks(set: BenchSet, names: readonly string[]): BenchSet {
  const tasks = set.data.tasks.filter(({ name }) => names.includes(name));
  const fairness = Object.fromEntries(names.map((name) => [name, set.fairness[name]!]));
  return { ...set, name: `${set.name} (${names.join(', ')})`, data: { ...set.data, tasks }, fairness };
}
