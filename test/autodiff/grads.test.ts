import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { customVjp, grads, hvp, stopGradient, vjp } from '../../src/autodiff/index.ts';
import { evaluate } from '../../src/backend/cpu/interpreter.ts';
import type { Graph, Value } from '../../src/graph/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import { GraphError } from '../../src/tensor/errors.ts';
import { Random } from '../../src/tensor/random.ts';
import { randomGraph } from '../support/random-graph.ts';

const numbers = (length: number, seed: number): number[] => {
  const random = new Random(seed);
  return Array.from({ length }, () => random.normal());
};

interface Network {
  readonly parameters: readonly Value[];
  readonly losses: readonly Value[];
}

/** One hidden layer, two losses over it. */
function network(graph: Graph): Network {
  const x = graph.constant(numbers(15, 1), [5, 3]);
  const w1 = graph.state('w1', [3, 4], numbers(12, 2));
  const b1 = graph.state('b1', [4], numbers(4, 3));
  const w2 = graph.state('w2', [4, 2], numbers(8, 4));
  const hidden = x.matmul(w1).add(b1).tanh();
  const logits = hidden.matmul(w2);
  const labels = graph.constant([0, 1, 1, 0, 1], [5], 'u32');
  const losses = [logits.softmaxCrossEntropy(labels).mean(), hidden.square().sum().mul(0.1)];
  return { parameters: [w1, b1, w2], losses };
}

const gradsOf = (loss: Value, ...wrt: readonly Value[]): Value[] => grads([loss], wrt)[0]!;

describe('grads', () => {
  test('of many losses are those of each loss alone, bit for bit', () => {
    fc.assert(
      fc.property(randomGraph(), ({ inputs, outputs }) => {
        const wrt = inputs.map(({ value }) => value);
        const losses = outputs.map((output) => output.square().mean());
        const together = grads(losses, wrt).flat();
        const alone = losses.flatMap((loss) => grads([loss], wrt)[0]!);
        const feeds = new Map(inputs.map(({ value, data }) => [value, data]));
        expect(evaluate(together, feeds)).toEqual(evaluate(alone, feeds));
      }),
      { numRuns: 20, seed: 5 },
    );
  });

  test('share the forward nodes: a second loss adds none of them', () => {
    const graph = newGraph();
    const { parameters, losses } = network(graph);
    const forward = graph.nodes.length;
    grads(losses, parameters);
    const added = graph.nodes.slice(forward);
    expect(added.filter(({ op }) => op === 'softmaxCrossEntropy')).toEqual([]);
    expect(added.filter(({ op }) => op === 'tanh')).toEqual([]);
  });

  test('with respect to an inner value stop there, and sum over all its uses', () => {
    const graph = newGraph();
    const x = graph.constant([1, 2, 3], [3]);
    const z = x.square();
    const loss = z.mul(z).add(z.mul(2)).sum();
    const [dz] = gradsOf(loss, z);
    expect([...evaluate([dz!])[0]!]).toEqual([4, 10, 20]);
  });

  test('with respect to a value and what it is made of count both fully', () => {
    const graph = newGraph();
    const x = graph.state('x', [2], [3, 4]);
    const z = x.mul(2);
    const [dx, dz] = gradsOf(z.square().sum(), x, z);
    expect(evaluate([dx!, dz!]).map((array) => [...array])).toEqual([
      [24, 32],
      [12, 16],
    ]);
  });

  test('are zeros of its shape where the loss does not depend on a value', () => {
    const graph = newGraph();
    const used = graph.state('used', [2], [1, 2]);
    const unused = graph.state('unused', [2, 3]);
    const [gradient] = gradsOf(used.sum(), unused);
    expect(gradient!.shape).toEqual([2, 3]);
    expect([...evaluate([gradient!])[0]!]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('of a chain of 20,000 nodes need no deep stack and a linear number of nodes', () => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0; // each node records its line, which costs more than all the rest here
    const graph = newGraph();
    const x = graph.state('x', [1], [0.5]);
    let y: Value = x;
    for (let i = 0; i < 20_000; i++) y = y.neg();
    const before = graph.nodes.length;
    const [gradient] = gradsOf(y.sum(), x);
    Error.stackTraceLimit = stackTraceLimit;
    expect(graph.nodes.length - before).toBeLessThan(2.1 * before);
    expect(evaluate([gradient!])[0]![0]).toBe(1);
  });

  test('of a value used twice in each of 40 steps grow linearly, not as 2^40', () => {
    const graph = newGraph();
    const x = graph.state('x', [1], [1]);
    let y: Value = x;
    for (let i = 0; i < 40; i++) y = y.add(y);
    const [gradient] = gradsOf(y.sum(), x);
    expect(evaluate([gradient!])[0]![0]).toBe(2 ** 40);
  });

  test('name their nodes after the forward node they belong to', () => {
    const graph = newGraph();
    const x = graph.state('x', [2]);
    const y = graph.scope('mlp', () => x.tanh());
    const [gradient] = gradsOf(y.sum(), x);
    expect(gradient!.node.name).toMatch(/^grad\/mlp\/tanh_1\/mul_\d+$/);
  });
});

describe('hvp', () => {
  test('agrees with central differences of the gradient', () => {
    const graph = newGraph();
    const { parameters, losses } = network(graph);
    const loss = losses[0]!.add(losses[1]!);
    const vectors = parameters.map((parameter, i) =>
      graph.constant(numbers(parameter.size, 10 + i), parameter.shape),
    );
    const products = evaluate(hvp(loss, parameters, vectors));
    const gradients = grads([loss], parameters)[0]!;
    const at = (step: number): Float64Array[] => {
      const feeds = parameters.map((parameter, i): [Value, Float64Array] => {
        const [start, direction] = evaluate([parameter, vectors[i]!]);
        return [parameter, Float64Array.from(start!, (x, j) => x + step * direction![j]!)];
      });
      return evaluate(gradients, new Map(feeds)).map((array) => Float64Array.from(array));
    };
    const h = 1e-5;
    const [ahead, behind] = [at(h), at(-h)];
    products.forEach((product, i) => {
      product.forEach((x, j) => {
        expect(x).toBeCloseTo((ahead[i]![j]! - behind[i]![j]!) / (2 * h), 7);
      });
    });
  });

  test('of a quadratic form is its matrix times the vector', () => {
    const graph = newGraph();
    const x = graph.state('x', [2, 1], [0.3, -0.2]);
    const matrix = graph.constant([2, 1, 1, 3], [2, 2]);
    const form = x.matmul(matrix.matmul(x), { transA: true }).mul(0.5);
    const [product] = hvp(form, [x], [graph.constant([1, 10], [2, 1])]);
    expect([...evaluate([product!])[0]!]).toEqual([12, 31]);
  });

  test('holds its vectors constant, even where they depend on the parameters', () => {
    const graph = newGraph();
    const x = graph.state('x', [1], [3]);
    const [product] = hvp(x.square().sum(), [x], [x]);
    expect(evaluate([product!])[0]![0]).toBe(6);
  });
});

describe('gradients by decree', () => {
  test('stopGradient lets values through and no gradient', () => {
    const graph = newGraph();
    const x = graph.state('x', [2], [2, 3]);
    const y = stopGradient(x).mul(x);
    const [gradient] = gradsOf(y.sum(), x);
    expect(evaluate([y, gradient!]).map((array) => [...array])).toEqual([
      [4, 9],
      [2, 3],
    ]);
  });

  test('customVjp sends its own gradient to its inputs and none through the forward computation', () => {
    const graph = newGraph();
    const x = graph.state('x', [2], [0.2, 0.7]);
    const straightThrough = customVjp(x.round(), [x], (g) => [g]);
    const reversed = customVjp(x.square(), [x], (g) => [g.mul(-3)]);
    const [first] = gradsOf(straightThrough.mul(5).sum(), x);
    const [second] = gradsOf(reversed.sum(), x);
    expect(evaluate([straightThrough, first!, second!]).map((array) => [...array])).toEqual([
      [0, 1],
      [5, 5],
      [-3, -3],
    ]);
  });

  test('a gradient of the wrong shape names the op, both types and the line of customVjp', () => {
    const graph = newGraph();
    const x = graph.state('x', [2, 3]);
    const y = customVjp(x.tanh(), [x], (g) => [g.sum(0)]);
    expect(() => grads([y.sum()], [x])).toThrow(
      /^backward of customVjp 'customVjp_2': expected f32\[2,3\] for 'x', got f32\[3\] \(at .*grads\.test\.ts:\d+:\d+\)$/,
    );
  });
});

describe('wrong calls', () => {
  const graph = newGraph();
  const x = graph.state('x', [2, 3]);
  const count = graph.input('count', [4], 'u32');
  const total = graph.input('total', [], 'u32');

  test.each([
    [
      'a loss of several elements',
      () => grads([x], [x]),
      "grads: expected one element for loss 'x', got f32[2,3]",
    ],
    ['a loss that is not f32', () => grads([total], [x]), "vjp: expected f32 for 'total', got u32[]"],
    [
      'a gradient with respect to integers',
      () => grads([x.sum()], [count]),
      "vjp: expected f32 for 'count', got u32[4]",
    ],
    ['a cotangent too few', () => vjp([x], [], [x]), 'vjp: expected 1 cotangents, one an output, got 0'],
    [
      'a cotangent of another shape',
      () => vjp([x], [x.sum(0)], [x]),
      "vjp: expected a cotangent f32[2,3] for 'x', got f32[3]",
    ],
    ['a vector too many', () => hvp(x.sum(), [x], [x, x]), 'hvp: expected 1 vectors, got 2'],
    [
      'a vector of another shape',
      () => hvp(x.square().sum(), [x], [x.sum()]),
      'expected a cotangent f32[2,3]',
    ],
  ])('%s is a GraphError', (_, call, message) => {
    expect(call).toThrow(GraphError);
    expect(call).toThrow(message);
  });
});
