// npm run bench:safeguards [-- --device wasm|cpu|webgpu|auto]
// COMPAS, recidivism, equal opportunity: the symmetric penalty levels down and a plain stopped reference runs away;
// with the anchored reference and the budget neither happens. The best-served groups' rates on validation rows.
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type Evaluation, isMeasured } from '../../src/fairness/index.ts';
import { openDevice } from '../../src/node.ts';
import type { Device, DeviceKind } from '../../src/program/index.ts';
import { evaluateModel } from '../../src/train/evaluate.ts';
import { type Method, methods, symmetricPenalty } from '../../src/train/method.ts';
import { type ModelSpec, Predictor } from '../../src/train/model.ts';
import { Trainer } from '../../src/train/trainer.ts';
import { type LoadedSet, loadSet } from './data.ts';
import { type BenchSet, sets } from './sets/index.ts';
import { table } from './table.ts';
import { known, minCount } from './trial.ts';

const { values: flags } = parseArgs({ options: { device: { type: 'string', default: 'wasm' } } });
const seed = 0;
const epochs = 40;

const compas = sets.find(({ name }) => name === 'compas')!;
const safe = methods['fairmt-without-qp'];

/** A notion that a shift of all outputs satisfies, upwards or downwards: where levelling down and runaways show. */
const opportunity = { notion: 'equal-opportunity', tolerance: 0.02 } as const;
/** What is watched: both sides of the trade. */
const odds = { notion: 'equalized-odds', tolerance: 0.02 } as const;

const variants: Readonly<Record<string, Method>> = {
  unconstrained: methods.erm,
  'symmetric penalty': symmetricPenalty(4),
  'stopped maximum, no budget': {
    ...safe,
    pressure: { ...safe.pressure, reference: { kind: 'stopped-maximum' }, budgeted: false },
  },
  'anchored reference and budget': safe,
};

interface Rates {
  readonly epoch: number;
  readonly bestTpr: number;
  readonly bestTnr: number;
  readonly gap: number;
  readonly utility: number;
}

const device = await openDevice(flags.device as DeviceKind);
const histories: Record<string, Rates[]> = {};
for (const [name, method] of Object.entries(variants)) histories[name] = await ratesOf(method, device);

const shown = [1, 5, 10, 15, 20, 30, 40];
for (const [name, history] of Object.entries(histories)) {
  console.log(`### ${name}\n`);
  console.log(
    table(
      ['epoch', ...shown.map(String)],
      (['bestTpr', 'bestTnr', 'gap', 'utility'] as const).map((rate) => [
        rate,
        ...shown.map((epoch) => history[epoch - 1]![rate].toFixed(2)),
      ]),
    ),
  );
  console.log('');
}
await mkdir('bench/out', { recursive: true });
await writeFile(
  'bench/out/safeguards.json',
  JSON.stringify({ device: flags.device, histories }, undefined, 2),
);

async function ratesOf(method: Method, device: Device): Promise<Rates[]> {
  const set: BenchSet = {
    ...compas,
    data: { ...compas.data, tasks: compas.data.tasks.filter(({ name }) => name === 'recidivism') },
    fairness: { recidivism: opportunity },
  };
  const weighted = await loadSet(set, seed);
  // The plain loss: most answers are "no" of themselves, which leaves room on both sides.
  const model: ModelSpec = { ...weighted.model, tasks: [{ kind: 'detection', name: 'recidivism' }] };
  const loaded = { ...weighted, model };
  const { partitions, train, validation } = loaded;
  const { batch, warmupEpochs } = set;
  const trainer = await Trainer.create(
    { model, fairness: set.fairness, partitions, data: train, method, epochs, warmupEpochs, batch, seed },
    device,
  );
  const predictor = await Predictor.create(model, device);
  const history: Rates[] = [];
  while (trainer.epoch < epochs) {
    const { epoch } = await trainer.runEpoch();
    const predictions = await predictor.predict(await trainer.parameters(), validation);
    history.push({ epoch, ...rates(loaded, predictions) });
  }
  trainer.dispose();
  predictor.dispose();
  return history;
}

/** Both sides of the trade, whatever the method was asked to make equal. */
function rates(
  { model, partitions, validation }: LoadedSet,
  predictions: Parameters<typeof evaluateModel>[2],
): Omit<Rates, 'epoch'> {
  const outcomes = { tasks: model.tasks, fairness: { recidivism: odds } };
  const evaluation = evaluateModel(outcomes, partitions, predictions, validation, { resamples: 0, minCount });
  return {
    bestTpr: best(evaluation, 'y=1'),
    bestTnr: best(evaluation, 'y=0'),
    gap: known(evaluation.meanGap),
    utility: known(evaluation.meanUtility),
  };
}

function best({ tasks }: Evaluation, condition: string): number {
  const levels = tasks.flatMap(({ partitions }) =>
    partitions.flatMap(({ cells }) => cells.flatMap((cell) => cell.levels)),
  );
  const measured = levels.flatMap((level) =>
    level.condition === condition && isMeasured(level.level.value) ? [level.level.value] : [],
  );
  return Math.max(...measured);
}
