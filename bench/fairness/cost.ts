// npm run bench:cost [-- --device webgpu|wasm|cpu]
// What FairMT's step costs over plain multi-task training: the same trunk 128 → 256 → 256 → 128, batch 512, T heads
// (binary, one of 10 classes, one regression), medians of interleaved blocks of steps.
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { FairnessSpec, Partition } from '../../src/fairness/index.ts';
import type { Task } from '../../src/mtl/index.ts';
import { openDevice } from '../../src/node.ts';
import type { Device, DeviceKind } from '../../src/program/index.ts';
import { Random } from '../../src/tensor/random.ts';
import type { TrainingData } from '../../src/train/data.ts';
import { type MethodName, methods } from '../../src/train/method.ts';
import { Trainer } from '../../src/train/trainer.ts';
import { table } from './table.ts';

const { values: flags } = parseArgs({ options: { device: { type: 'string', default: 'webgpu' } } });
const rows = 4096;
const batch = 512;
const inputs = 128;
const stepsPerBlock = 10;
const blocks = 15;
const compared = ['erm', 'fairmt-without-qp', 'fairmt'] as const satisfies readonly MethodName[];

const partitions: readonly Partition[] = [
  { name: 'a', cells: ['0', '1'] },
  { name: 'b', cells: ['0', '1', '2'] },
];

const device = await openDevice(flags.device as DeviceKind);
const lines: { tasks: number; milliseconds: Record<string, number> }[] = [];
for (const tasks of [2, 10, 40]) lines.push({ tasks, milliseconds: await medians(tasks, device) });
console.log(
  table(
    ['tasks', ...compared.map((name) => `${name} (ms a step)`), 'fairmt / erm'],
    lines.map(({ tasks, milliseconds: of }) => [
      `${tasks}`,
      ...compared.map((name) => of[name]!.toFixed(2)),
      (of['fairmt']! / of['erm']!).toFixed(2),
    ]),
  ),
);
await mkdir('bench/out', { recursive: true });
await writeFile('bench/out/cost.json', JSON.stringify({ device: flags.device, lines }, undefined, 2));

async function medians(count: number, on: Device): Promise<Record<string, number>> {
  const tasks = tasksOf(count);
  const trainers: Record<string, Trainer> = {};
  for (const name of compared) trainers[name] = await trainerOf(name, tasks, on);
  const times: Record<string, number[]> = Object.fromEntries(compared.map((name) => [name, []]));
  for (let block = -1; block < blocks; block++) {
    for (const name of compared) {
      const took = await timeBlock(trainers[name]!);
      if (block >= 0) times[name]!.push(took); // The block before the first warms up.
    }
  }
  for (const trainer of Object.values(trainers)) trainer.dispose();
  return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]));
}

/** Milliseconds a step, the end of the last one awaited. */
async function timeBlock({ program }: Trainer): Promise<number> {
  const started = performance.now();
  for (let step = 0; step < stepsPerBlock; step++) {
    program.write(
      'batch rows',
      Uint32Array.from({ length: batch }, (_, i) => (step * batch + i) % rows),
    );
    program.run();
  }
  await program.read('losses');
  return (performance.now() - started) / stepsPerBlock;
}

function tasksOf(count: number): Task[] {
  const others: Task[] = [
    { kind: 'classification', name: 'class', classes: 10 },
    { kind: 'regression', name: 'value' },
  ];
  const kept = others.slice(0, Math.min(2, count - 1));
  const binary = Array.from(
    { length: count - kept.length },
    (_, t): Task => ({ kind: 'detection', name: `t${t}` }),
  );
  return [...binary, ...kept];
}

function trainerOf(name: MethodName, tasks: readonly Task[], on: Device): Promise<Trainer> {
  const notions = {
    detection: 'equal-opportunity',
    classification: 'accuracy-parity',
    regression: 'error-parity',
  } as const;
  const fairness = tasks.map((task): [string, FairnessSpec] => [
    task.name,
    { notion: notions[task.kind], tolerance: 0.02 },
  ]);
  return Trainer.create(
    {
      model: {
        tasks,
        features: { numeric: inputs, categories: [], texts: [] },
        trunk: { widths: [256, 256, 128] },
        headWidths: [],
      },
      fairness: Object.fromEntries(fairness),
      partitions,
      data: dataOf(tasks),
      method: methods[name],
      epochs: 1,
      warmupEpochs: 0,
      batch,
      seed: 0,
    },
    on,
  );
}

/** Noise: a step costs the same whatever it learns. A tenth of the labels is missing. */
function dataOf(tasks: readonly Task[]): TrainingData {
  const random = new Random(0);
  const labels = tasks.map((task) => {
    const value = {
      detection: () => random.int(2),
      classification: () => random.int(10),
      regression: () => random.normal(),
    };
    const values = Float32Array.from({ length: rows }, value[task.kind]);
    return [
      task.name,
      { values, known: Uint8Array.from(values, () => (random.uniform() < 0.9 ? 1 : 0)) },
    ] as const;
  });
  const groups = partitions.map(({ name, cells }) => [
    name,
    Int32Array.from({ length: rows }, () => random.int(cells.length)),
  ]);
  return {
    rows,
    numeric: Float32Array.from({ length: rows * inputs }, () => random.normal()),
    labels: Object.fromEntries(labels),
    groups: Object.fromEntries(groups),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
