// Learns from the census who earns more than $50,000 a year, by a small network on the engine alone, on each device in
// turn. The table lies on the device; each step draws its own minibatch there.
//
//   node scripts/run.mjs examples/adult.ts [path of adult.csv.gz]
//
// Ends with code 1 where a device does not reach an AUC of 0.90 on the file's own test rows, or its first 50 losses
// differ from the interpreter's by more than 1e-3.

import { openTable } from '../src/data/files/index.ts';
import { type DataSpec, inputShape, type LoadedData, loadDataset } from '../src/data/index.ts';
import { rocAuc } from '../src/fairness/metrics/index.ts';
import {
  adamw,
  compile,
  type Device,
  embedding,
  grads,
  linear,
  minibatches,
  mlp,
  newGraph,
  openDevice,
  Parameters,
  type Program,
  type ProgramSpec,
  type Value,
  warmupCosine,
} from '../src/node.ts';

const path = process.argv[2] ?? '../shared/data/adult.csv.gz';
const steps = 700;
const batch = 256;
const compared = 50;

// `fnlwgt` is a survey weight and `education` repeats `education-num`: neither is a feature.
const spec: DataSpec = {
  derived: [],
  inputs: [
    ...['age', 'education-num', 'capital-gain', 'capital-loss', 'hours-per-week'].map(
      (column) => ({ role: 'numeric', column }) as const,
    ),
    ...['workclass', 'marital-status', 'occupation', 'relationship', 'race', 'sex', 'native-country'].map(
      (column) => ({ role: 'categorical', column, minCount: 20 }) as const,
    ),
  ],
  tasks: [
    {
      name: 'income',
      type: 'detection',
      attributes: [{ name: '>50K', column: 'income', positive: ['>50K'] }],
    },
  ],
  groups: [],
  split: {
    by: 'column',
    column: 'split',
    values: { train: ['train'], validation: [], test: ['test'] },
    validation: 0,
    stratify: false,
  },
};

interface Steps {
  readonly train: ProgramSpec;
  readonly predict: ProgramSpec;
}

/** One graph with two steps: learning from a batch that is drawn in it, and the logits of all test rows. */
function build({ dataset, encoding, sides }: LoadedData): Steps {
  const graph = newGraph();
  const { categorical } = inputShape(encoding);
  const numbers = graph.input('numbers', [dataset.rows, dataset.numeric.length / dataset.rows]);
  const codes = graph.input('codes', [dataset.rows, categorical.length], 'u32');
  const labels = graph.input('labels', [dataset.rows, 1]);
  const testRows = graph.input('test rows', [sides.test.rows], 'u32');

  // One table of embeddings for all columns, each column's rows after those of the one before.
  const sizes = categorical.map(({ size }) => size);
  const starts = sizes.map((_, at) => sizes.slice(0, at).reduce((sum, size) => sum + size, 0));
  const firstRow = graph.constant(starts, [starts.length], 'u32');
  const width = 6;
  const words = embedding('words', { rows: sizes.reduce((sum, size) => sum + size), width });
  const inputs = numbers.shape[1]! + width * sizes.length;
  const trunk = mlp('trunk', { inputs, widths: [64, 32] });
  const head = linear('head', { inputs: 32, outputs: 1 });
  const parameters = new Parameters(graph, [words, trunk, head], 1);
  const logitsOf = (rows: Value): Value => {
    const embedded = words.apply(parameters, codes.gather(rows).add(firstRow)).reshape([rows.size, -1]);
    return head.apply(parameters, trunk.apply(parameters, embedded.concat([numbers.gather(rows)], 1)));
  };

  const batches = minibatches(graph, { rows: sides.train.rows, size: batch, seed: 2026 });
  const drawn = batches.rows; // those of training come first
  const loss = logitsOf(drawn).sigmoidCrossEntropy(labels.gather(drawn)).mean();
  const [gradients] = grads([loss], parameters.values);
  const count = graph.state('step', []);
  const updates = adamw([parameters.flat], [parameters.flatten(gradients!)], {
    learningRate: warmupCosine(count, 50, steps).mul(0.004),
    weightDecay: 0.02,
    decayed: parameters.decayed,
  });
  return {
    train: {
      outputs: { loss },
      updates: [...updates, batches.advance(), { target: count, value: count.add(1) }],
    },
    predict: { outputs: { logits: logitsOf(testRows) } },
  };
}

function writeTable(program: Program, { dataset, sides }: LoadedData): void {
  const table = {
    numbers: dataset.numeric,
    codes: Uint32Array.from(dataset.categorical),
    labels: Float32Array.from(dataset.labels[0]!.values),
    'test rows': Uint32Array.from({ length: sides.test.rows }, (_, row) => sides.train.rows + row),
  };
  for (const [name, data] of Object.entries(table)) if (name in program.inputs) program.write(name, data);
}

interface Result {
  readonly device: string;
  readonly losses: readonly number[];
  readonly last: number;
  readonly auc: number;
  readonly seconds: number;
}

async function learn(device: Device, data: LoadedData): Promise<Result> {
  const { train, predict } = build(data);
  using training = await compile(train, device);
  using predicting = await compile(predict, device);
  writeTable(training, data);
  writeTable(predicting, data);
  const losses: number[] = [];
  const stop = training.watch('loss', { every: 1 }, ([loss]) => void losses.push(loss!));
  const start = performance.now();
  for (let step = 1; step <= steps; step++) {
    training.run();
    if (step === compared) stop();
    if (step % compared === 0) await training.readNumber('loss'); // lets the device catch up
  }
  await training.settled();
  const last = await training.readNumber('loss');
  const seconds = (performance.now() - start) / 1000;
  predicting.restore({ parameters: await training.readState('parameters') });
  predicting.run();
  const auc = rocAuc(await predicting.read('logits'), data.sides.test.labels[0]!.values);
  if (typeof auc !== 'number') throw new Error(`AUC: ${auc}`);
  const name =
    device.kind === 'webgpu' ? `webgpu, ${device.gpu.adapter.split(/[:(]/)[0]!.trim()}` : device.kind;
  if (device.kind === 'webgpu') device.gpu.destroy();
  return { device: name, losses, last, auc, seconds };
}

const data = await loadDataset(await openTable(path), spec, 1);
console.log(
  `${data.sides.train.rows} rows to learn from, ${data.sides.test.rows} to test on; ${steps} steps of ${batch}\n`,
);
console.log(`${'device'.padEnd(36)}  loss 1   loss ${compared}  loss ${steps}  off by   AUC     seconds`);
let reference: Result | undefined;
for (const kind of ['cpu', 'wasm', 'webgpu'] as const) {
  const result = await learn(await openDevice(kind), data);
  const { device, losses, last, auc, seconds } = result;
  reference ??= result;
  const off = Math.max(...losses.map((loss, at) => Math.abs(loss - reference!.losses[at]!)));
  const numbers = [losses[0]!, losses.at(-1)!, last].map((loss) => loss.toFixed(5));
  console.log(
    [device.padEnd(36), ...numbers, '', off.toExponential(1), auc.toFixed(4), seconds.toFixed(1)].join('  '),
  );
  if (!(auc >= 0.9 && off <= 1e-3)) process.exitCode = 1;
}
