// The workloads as a user of FairMT writes them.
import { grads } from '../../src/autodiff/index.ts';
import type { Graph, Value } from '../../src/graph/index.ts';
import {
  gramMatrix,
  type Labels,
  layOut,
  makeHeads,
  type TaskLayout,
  taskLosses,
} from '../../src/mtl/index.ts';
import { mlp, Parameters } from '../../src/nn/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import { adam } from '../../src/optim/index.ts';
import type { ProgramSpec } from '../../src/program/index.ts';
import {
  batch,
  binaryHeads,
  classes,
  type Inputs,
  learningRate,
  tinyOps,
  trunkWidths,
  type WorkloadId,
} from './workloads.ts';

export interface Ready {
  readonly spec: ProgramSpec;
  /** Values of states, by name. */
  readonly states?: Readonly<Record<string, Float32Array>>;
  /** Inputs that are laid out otherwise than the workload's. */
  readonly inputs?: Readonly<Record<string, Float32Array>>;
}

type Feed = (name: string) => Value;

const pure = (build: (feed: Feed, graph: Graph) => Value) => {
  return (inputs: Inputs): Ready => {
    const graph = newGraph();
    const feed: Feed = (name) => graph.input(name, inputs[name]!.shape);
    return { spec: { outputs: { result: build(feed, graph) } } };
  };
};

const product = pure((feed) => feed('a').matmul(feed('b')));

export const builders: Record<WorkloadId, (inputs: Inputs) => Ready> = {
  matmul512: product,
  matmul1024: product,
  chain: pure((feed) => {
    const a = feed('a');
    return a.mul(feed('b')).add(feed('c')).tanh().mul(a);
  }),
  sum: pure((feed) => feed('x').sum()),
  softmax: pure((feed) => feed('x').softmax()),
  step: trainingStep,
  stackedStep: trainingStep,
  gram: outputSpaceGram,
  gramLoop: pure(gramOfGradients),
  gramShape: pure((feed) => feed('a').matmul(feed('b'), { transB: true })),
  tiny: pure((feed) => {
    const w = feed('w');
    let x = feed('x');
    for (let op = 0; op < tinyOps; op++) x = x.matmul(w);
    return x;
  }),
};

function stepLayout(): TaskLayout {
  return layOut([
    ...Array.from({ length: binaryHeads }, (_, t) => ({ kind: 'detection', name: `binary ${t}` }) as const),
    { kind: 'regression', name: 'regression', loss: 'mse' },
    { kind: 'classification', name: 'class', classes },
  ]);
}

const everywhere = (graph: Graph, [rows, columns]: readonly [number, number]): Value =>
  graph.constant(new Uint8Array(rows * columns).fill(1), [rows, columns], 'bool');

/** Labels and masks of all tasks side by side, as training packs them (src/train/data.ts): binary, regression, class. */
function packLabels(inputs: Inputs, columns: number): Record<string, Float32Array> {
  const values = new Float32Array(batch * columns);
  const known = new Float32Array(batch * columns).fill(1);
  for (let row = 0; row < batch; row++) {
    for (let t = 0; t < binaryHeads; t++) {
      values[row * columns + t] = inputs['labels']!.data[row * binaryHeads + t]!;
      known[row * columns + t] = inputs['mask']!.data[row * binaryHeads + t]!;
    }
    values[row * columns + binaryHeads] = inputs['target']!.data[row]!;
    values[row * columns + binaryHeads + 1] = inputs['class']!.data[row]!;
  }
  return { values, known };
}

/** Its heads are one product as the library makes them, so both variants of the step are this one. */
function trainingStep(inputs: Inputs): Ready {
  const graph = newGraph();
  const layout = stepLayout();
  const [width, ...widths] = trunkWidths;
  const trunk = mlp('trunk', { inputs: width, widths });
  const heads = makeHeads(layout, { inputs: widths[widths.length - 1]! });
  const parameters = new Parameters(graph, [trunk, heads], 1);
  const outputs = heads.apply(parameters, trunk.apply(parameters, graph.input('x', inputs['x']!.shape)));
  const values = graph.input('values', [batch, layout.labels]);
  const known = graph.input('known', [batch, layout.labels], 'bool');
  const loss = taskLosses(layout, outputs, { values, known }).losses.sum();
  const [gradients] = grads([loss], parameters.values);
  const updates = adam([parameters.flat], [parameters.flatten(gradients!)], { learningRate });
  const flat = new Float32Array(parameters.flat.shape[0]!);
  for (const { name, offset } of parameters.entries) flat.set(inputs[name]!.data, offset);
  return {
    spec: { outputs: { result: loss }, updates },
    states: { parameters: flat },
    inputs: packLabels(inputs, layout.labels),
  };
}

/** The formula for linear heads, as training uses it (src/mtl/gram.ts): no task's gradient is ever made. */
function outputSpaceGram(inputs: Inputs): Ready {
  const graph = newGraph();
  const [rows, width] = inputs['z']!.shape as [number, number];
  const tasks = inputs['y']!.shape[1]!;
  const layout = layOut(
    Array.from({ length: tasks }, (_, t) => ({ kind: 'detection', name: `${t}` }) as const),
  );
  const heads = makeHeads(layout, { inputs: width });
  const parameters = new Parameters(graph, [heads], 1);
  const z = graph.input('z', [rows, width]);
  const outputs = heads.apply(parameters, z);
  const labels: Labels = {
    values: graph.input('y', [rows, tasks]),
    known: everywhere(graph, [rows, tasks]),
  };
  const [byOutputs] = grads([taskLosses(layout, outputs, labels).losses.sum()], [outputs]);
  const gram = gramMatrix('representation', {
    ...{ layout, heads, parameters, z, outputs, taskGradient: byOutputs![0]! },
    trunkGain: graph.literal(1),
  });
  const flat = new Float32Array(parameters.flat.shape[0]!);
  flat.set(inputs['w']!.data);
  const result = gram.narrow(0, 0, tasks).narrow(1, 0, tasks);
  return { spec: { outputs: { result } }, states: { parameters: flat } };
}

function gramOfGradients(feed: Feed): Value {
  const z = feed('z');
  const w = feed('w');
  const y = feed('y');
  const each = z.matmul(w).sigmoidCrossEntropy(y).mean(0);
  const losses = Array.from({ length: w.shape[1]! }, (_, t) => each.narrow(0, t, t + 1).reshape([]));
  const [first, ...rest] = grads(losses, [z]).map(([gradient]) => gradient!.reshape([1, -1]));
  const gradients = first!.concat(rest, 0);
  return gradients.matmul(gradients, { transB: true });
}
