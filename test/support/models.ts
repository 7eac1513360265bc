// Training steps for tests of programs: small, but with everything a real one has. No test framework is imported, since
// they also run in a browser.
import { grads } from '../../src/autodiff/index.ts';
import type { Update, Value } from '../../src/graph/index.ts';
import {
  dropout,
  embedding,
  embeddingBag,
  Generator,
  layerNorm,
  linear,
  mlp,
  Parameters,
} from '../../src/nn/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import { adam, adamw, clipByGlobalNorm, sgd, warmupCosine } from '../../src/optim/index.ts';
import type { ProgramSpec } from '../../src/program/index.ts';
import { Random } from '../../src/tensor/random.ts';
import type { HostArray } from '../../src/tensor/types.ts';

export interface Training {
  readonly spec: ProgramSpec;
  /** What to write before run 0, 1 … */
  readonly feeds: (run: number) => Readonly<Record<string, HostArray>>;
  /** What to set before a run: half-way, everything that a user may change changes. */
  readonly scalars: (run: number) => Readonly<Record<string, number>>;
}

const batch = 37;

const normals = (random: Random, length: number): Float32Array =>
  Float32Array.from({ length }, () => random.normal());

/** Two tasks over a small trunk; AdamW, clipping by norm, warm-up and cosine. */
export function twoTasks(): Training {
  const graph = newGraph();
  const inputs = 5;
  const x = graph.input('x', [batch, inputs]);
  const y = graph.input('y', [batch, 2]);
  const rate = graph.scalar('learning rate', 0.01);
  const weightDecay = graph.scalar('weight decay', 0.01);
  const weight = graph.scalar('second task', 1);
  const trunk = mlp('trunk', { inputs, widths: [13, 7], activation: 'gelu' });
  const head = linear('head', { inputs: 7, outputs: 2 });
  const parameters = new Parameters(graph, [trunk, head], 7);
  const output = head.apply(parameters, trunk.apply(parameters, x));
  const first = output
    .narrow(1, 0, 1)
    .sigmoidCrossEntropy(y.narrow(1, 0, 1))
    .mean();
  const second = output
    .narrow(1, 1, 2)
    .sub(y.narrow(1, 1, 2))
    .square()
    .mean();
  const loss = first.add(second.mul(weight));
  const [gradients] = grads([loss], parameters.values);
  const [flat] = clipByGlobalNorm([parameters.flatten(gradients!)], 1);
  const count = graph.state('step', []);
  const learningRate = rate.mul(warmupCosine(count, 4, 30));
  const updates = adamw([parameters.flat], [flat!], {
    learningRate,
    weightDecay,
    decayed: parameters.decayed,
  });
  return {
    spec: {
      outputs: { loss, first, output },
      updates: [...updates, { target: count, value: count.add(1) }],
    },
    feeds: (run) => {
      const random = new Random(100 + run);
      return {
        x: normals(random, batch * inputs),
        y: Float32Array.from({ length: batch * 2 }, () => Number(random.uniform() > 0.4)),
      };
    },
    scalars: (run): Record<string, number> =>
      run === 10 ? { 'learning rate': 0.003, 'weight decay': 0.1, 'second task': 0.25 } : {},
  };
}

export const optimizers = {
  adam: (parameters, gradients, learningRate) => adam(parameters, gradients, { learningRate }),
  adamw: (parameters, gradients, learningRate) =>
    adamw(parameters, gradients, { learningRate, weightDecay: 0.05 }),
  'sgd with momentum': (parameters, gradients, learningRate) =>
    sgd(parameters, gradients, { learningRate, momentum: 0.9 }),
  'sgd with nesterov': (parameters, gradients, learningRate) =>
    sgd(parameters, gradients, { learningRate, momentum: 0.8, nesterov: true }),
} satisfies Record<string, (parameters: Value[], gradients: Value[], learningRate: Value) => Update<Value>[]>;

/** Words by an embedding and a bag, layer norm, dropout, softmax cross-entropy; each parameter a state of its own. */
export function words(optimizer: keyof typeof optimizers): Training {
  const graph = newGraph();
  const [rows, width, classes, longest] = [11, 6, 4, 5];
  const word = graph.input('word', [batch], 'u32');
  const bag = graph.input('bag', [batch, longest], 'u32');
  const counts = graph.input('counts', [batch], 'u32');
  const labels = graph.input('labels', [batch], 'u32');
  const rate = graph.scalar('learning rate', 0.02);
  const one = embedding('word', { rows, width });
  const many = embeddingBag('bag', { rows, width });
  const norm = layerNorm('norm', 2 * width);
  const head = linear('head', { inputs: 2 * width, outputs: classes });
  const parameters = new Parameters(graph, [one, many, norm, head], 3);
  const generator = new Generator(graph, 2 ** 40 + 17);
  const seen = one.apply(parameters, word).concat([many.apply(parameters, bag, counts)], 1);
  const hidden = dropout(norm.apply(parameters, seen).tanh(), 0.3, generator);
  const losses = head.apply(parameters, hidden).softmaxCrossEntropy(labels);
  const loss = losses.mean();
  const [gradients] = grads([loss], parameters.values);
  const updates = optimizers[optimizer]([parameters.flat], [parameters.flatten(gradients!)], rate);
  return {
    spec: { outputs: { loss, losses, hidden }, updates: [...updates, generator.advance()] },
    feeds: (run) => {
      const random = new Random(200 + run);
      const draw = (length: number, below: number): Uint32Array =>
        Uint32Array.from({ length }, () => random.int(below));
      return {
        word: draw(batch, rows),
        bag: draw(batch * longest, rows),
        counts: draw(batch, longest + 1),
        labels: draw(batch, classes),
      };
    },
    scalars: (run): Record<string, number> => (run === 10 ? { 'learning rate': 0.005 } : {}),
  };
}
