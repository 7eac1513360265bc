// FairMT's training step on noise, for what its cost depends on: trunk 128 → 256 → 256 → 128, batch 512, T heads.
import type { FairnessSpec, Partition } from '../src/fairness/index.ts';
import type { Task } from '../src/mtl/index.ts';
import type { Device } from '../src/program/index.ts';
import { Random } from '../src/tensor/random.ts';
import type { TrainingData } from '../src/train/data.ts';
import { type MethodName, methods } from '../src/train/method.ts';
import { Trainer } from '../src/train/trainer.ts';

const rows = 4096;
const batch = 512;
const inputs = 128;

const partitions: readonly Partition[] = [
  { name: 'a', cells: ['0', '1'] },
  { name: 'b', cells: ['0', '1', '2'] },
];

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

/** `count` heads: binary, one of 10 classes, one regression. */
export function trainerOf(name: MethodName, count: number, on: Device): Promise<Trainer> {
  const tasks = tasksOf(count);
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
