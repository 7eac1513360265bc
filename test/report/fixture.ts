/** A run's summary from random models on random people: three tasks of every kind, groups, one too small to judge. */
import {
  type Evaluation,
  evaluateGroups,
  type RowPartition,
  type TaskOutcome,
} from '../../src/fairness/index.ts';
import type { EpochMetrics, ModelSummary, SideCounts, Summary } from '../../src/report/index.ts';
import { compare } from '../../src/run/summarise.ts';
import { Random } from '../../src/tensor/random.ts';
import { defaultSettings } from '../../src/train/index.ts';

export interface Names {
  readonly run: string;
  readonly file: string;
  readonly input: string;
  readonly detection: string;
  readonly classification: string;
  readonly regression: string;
  readonly classes: readonly [string, string, string];
  readonly columns: readonly [string, string];
  readonly sex: string;
  readonly sexes: readonly [string, string];
  readonly origin: string;
  readonly origins: readonly [string, string, string];
  readonly note: string;
}

export const plainNames: Names = {
  run: 'people',
  file: 'people.csv',
  input: 'age',
  detection: 'hired',
  classification: 'job',
  regression: 'pay',
  classes: ['clerk', 'cook', 'driver'],
  columns: ['net', 'gross'],
  sex: 'sex',
  sexes: ['female', 'male'],
  origin: 'origin',
  origins: ['north', 'south', 'elsewhere'],
  note: 'a note',
};

const ROWS = 240;
/** Members of the third origin. */
const FEW = 9;

export function makeSummary(names: Names = plainNames, seed = 1): Summary {
  const partitions = makePartitions(names);
  const [before, after] = [0.25, 0.35].map((skill, at) =>
    evaluateGroups(outcomes(names, new Random(seed).fork(`model ${at}`), skill), partitions, {
      resamples: 40,
    }),
  ) as [Evaluation, Evaluation];
  const sides: SideCounts = { train: 600, validation: 120, test: ROWS };
  return {
    version: 1,
    name: names.run,
    software: { fairmt: '0.1.0', node: 'v20.0.0', platform: 'linux x64' },
    device: { kind: 'wasm', name: 'WebAssembly (SIMD)' },
    seed,
    data: {
      file: names.file,
      rows: sides,
      inputs: [
        { column: names.input, role: 'numeric', sensitive: false },
        { column: names.sex, role: 'categorical', sensitive: true },
      ],
      split: 'at random',
      evaluatedOn: 'test',
    },
    model: { widths: [16], headWidths: [], parameters: 1234 },
    training: { epochs: 6, warmupEpochs: 2, batch: 64 },
    judging: { minCount: 20, resamples: 40, confidence: 0.95 },
    tasks: [
      {
        name: names.detection,
        type: 'detection',
        outputs: [names.detection],
        labelled: sides,
        label: `yes where ${names.detection} is 1`,
        prior: [0.5],
        notion: 'equalized-odds',
        tolerance: 0.02,
        favourable: 'positive',
      },
      {
        name: names.classification,
        type: 'classification',
        outputs: names.classes,
        labelled: sides,
        label: `the value of ${names.classification}`,
        prior: [0.4, 0.3, 0.3],
        notion: 'equal-opportunity',
        tolerance: 0.02,
      },
      {
        name: names.regression,
        type: 'regression',
        outputs: names.columns,
        labelled: sides,
        label: `the value of ${names.regression}`,
        prior: [1, 2],
        deviations: [1, 1],
        notion: 'error-parity',
        tolerance: 0.02,
      },
    ],
    partitions: partitions.map(({ name, cells, index }) => ({
      name,
      cells,
      columns: [name],
      counts: cells.map((_, cell) => ({
        train: 100,
        validation: 20,
        test: index.reduce((sum, of) => sum + Number(of === cell), 0),
      })),
      unknown: { train: 0, validation: 0, test: 0 },
    })),
    models: [modelSummary('erm', names, before), modelSummary('fairmt', names, after)],
    comparison: compare(before, after),
    guesses: [names.note],
    notices: [names.note],
    warnings: [names.note],
    clock: { ended: '2026-01-02T03:04:05.000Z', seconds: { loading: 1, training: 2, evaluation: 3 } },
  };
}

/** Without the unconstrained model. */
export function alone({ comparison: _, ...summary }: Summary): Summary {
  return { ...summary, models: summary.models.slice(1) };
}

function makePartitions({ sex, sexes, origin, origins }: Names): RowPartition[] {
  const by = (name: string, cells: readonly string[], cellOf: (row: number) => number): RowPartition => ({
    name,
    cells,
    index: Int32Array.from({ length: ROWS }, (_, row) => cellOf(row)),
  });
  return [
    by(sex, sexes, (row) => row % 2),
    by(origin, origins, (row) => (row < FEW ? 2 : Math.floor(row / 2) % 2)),
  ];
}

function outcomes(names: Names, random: Random, skill: number): TaskOutcome[] {
  const known = new Uint8Array(ROWS).fill(1);
  const labels = (classes: number): Uint32Array =>
    Uint32Array.from({ length: ROWS }, (_, row) => Math.floor(row / 3) % classes);
  const [yes, classes] = [labels(2), labels(3)];
  const chances = new Float64Array(ROWS * 3);
  classes.forEach((label, row) => {
    for (let k = 0; k < 3; k++) chances[row * 3 + k] = random.uniform() + (k === label ? skill : 0);
  });
  const truth = Float64Array.from({ length: ROWS }, () => 2 * random.uniform());
  return [
    {
      kind: 'detection',
      name: names.detection,
      labels: yes,
      known,
      probabilities: Float64Array.from(yes, (label) => (1 - skill) * random.uniform() + skill * label),
      notion: 'equalized-odds',
    },
    {
      kind: 'classification',
      name: names.classification,
      classes: 3,
      labels: classes,
      known,
      probabilities: chances,
      notion: 'equal-opportunity',
    },
    ...names.columns.map(
      (column): TaskOutcome => ({
        kind: 'regression',
        name: `${names.regression}/${column}`,
        labels: truth,
        known,
        values: truth.map((value) => value + (1 - skill) * (random.uniform() - 0.5)),
        deviation: 1,
        notion: 'error-parity',
      }),
    ),
  ];
}

function modelSummary(method: string, names: Names, evaluation: Evaluation): ModelSummary {
  const tasks = [names.detection, names.classification, names.regression];
  const byTask = (value: number) => Object.fromEntries(tasks.map((task) => [task, value]));
  const curves = Array.from(
    { length: 6 },
    (_, at): EpochMetrics => ({
      method,
      epoch: at + 1,
      warmup: at < 2,
      losses: byTask(1 / (at + 1)),
      ...(method === 'fairmt' && {
        violation: byTask(0.1 / (at + 1)),
        signal: byTask(0.1 - 0.03 * at),
        multipliers: byTask(at / 10),
        slack: byTask(0.1),
      }),
      alpha: byTask(1 / 3),
      beta: 1,
      validation: { utilities: {}, gaps: {}, meanUtility: 0.5 + at / 100, meanGap: 0.2 - at / 100 },
    }),
  );
  return { method, epoch: 5, ended: 'epochs', settings: defaultSettings, evaluation, curves };
}
