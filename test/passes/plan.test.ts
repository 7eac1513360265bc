// A plan is data that follows from graph and target alone; it can be printed, and a lost fusion shows as a diff.
import { describe, expect, test } from 'vitest';
import { grads } from '../../src/autodiff/index.ts';
import { lower } from '../../src/codegen/lower.ts';
import { linear, Parameters } from '../../src/nn/index.ts';
import { newGraph, type Target } from '../../src/ops/index.ts';
import { adamw } from '../../src/optim/index.ts';
import type { Plan } from '../../src/passes/plan.ts';
import { printPlan } from '../../src/passes/print.ts';
import { checkSpec } from '../../src/program/executable.ts';
import { words } from '../support/models.ts';
import { software } from '../support/plans.ts';

/** A perceptron of one hidden layer, learning by AdamW. */
function perceptron(target: Target = software): Plan {
  const graph = newGraph();
  const [x, y] = [graph.input('x', [64, 10]), graph.input('y', [64, 1])];
  const rate = graph.scalar('learning rate', 0.01);
  const hidden = linear('hidden', { inputs: 10, outputs: 32 });
  const output = linear('output', { inputs: 32, outputs: 1 });
  const parameters = new Parameters(graph, [hidden, output], 1);
  const logits = output.apply(parameters, hidden.apply(parameters, x).relu());
  const loss = logits.sigmoidCrossEntropy(y).mean();
  const [gradients] = grads([loss], parameters.values);
  const updates = adamw([parameters.flat], [parameters.flatten(gradients!)], {
    learningRate: rate,
    weightDecay: 0.01,
    decayed: parameters.decayed,
  });
  return lower(checkSpec({ outputs: { loss }, updates }), target);
}

describe('a plan', () => {
  test('is a pure function of graph and target', () => {
    expect(perceptron()).toEqual(perceptron());
    const plan = (): Plan => lower(checkSpec(words('adam').spec), software);
    expect(plan()).toEqual(plan());
    expect(perceptron({ ...software, kernelClass: 'discrete' })).not.toEqual(perceptron());
  });

  test('is plain data: a structured clone of it is equal', () => {
    expect(structuredClone(perceptron())).toEqual(perceptron());
  });

  test('is made of whole kernels: every binding is a buffer, every output and state has its place', () => {
    const { buffers, dispatches, outputs, states, inputs, scalars } = perceptron();
    for (const { bindings } of dispatches) {
      for (const { buffer } of bindings) expect(buffers[buffer]).toBeDefined();
    }
    const places = [outputs, states, inputs, scalars].flatMap((group) => Object.values(group));
    for (const { buffer, offset, shape } of places) {
      const length = shape.reduce((product, extent) => product * extent, 1);
      expect(4 * (offset + length)).toBeLessThanOrEqual(buffers[buffer]!.bytes);
    }
  });

  test('of a perceptron with AdamW, printed', () => {
    // Without the grids, which are the kernels' own business and tuned there.
    const printed = printPlan(perceptron()).replaceAll(/\d+×\d+×\d+ */g, '');
    expect(printed).toMatchInlineSnapshot(`
      "dispatches (→: written)
        0  matmul.nn+add+relu+gt                          20352 B  47104 flop  [2 1 2 →7 →8]
        1  matmul.nn+sigmoidCrossEntropy+sigmoid+sub+mul  9092 B  4416 flop  [7 2 2 3 →9 →10]
        2  reduce.sum+div                                 260 B  65 flop  [9 →11]
        3  pw:add+mul+expm1+neg                           16 B  7 flop  [→4 →9 →12]
        4  matmul.nt+select                               16768 B  6144 flop  [2 10 8 →13]
        5  matmul.tn                                      12032 B  40960 flop  [13 1 →14]
        6  matmul.tn                                      8576 B  4096 flop  [7 10 →14]
        7  reduce.sum                                     8320 B  2048 flop  [13 →14]
        8  reduce.sum                                     260 B  64 flop  [10 →14]
        9  pw:iota+lt+select+sub                          10792 B  7315 flop  [→5 14 →6 9 12 →2 0]
      buffers
        0  scalars 4 B  scalars
        1  input 2560 B  x
        2  state 1540 B  parameters
        3  input 256 B  y
        4  state 4 B  adam/step
        5  state 1540 B  parameters/mean
        6  state 1540 B  parameters/square
        7  temp 8192 B  temp 7
        8  temp 8192 B  temp 8
        9  temp 256 B  temp 9
       10  temp 256 B  temp 10
       11  output 4 B  div_18
       12  temp 256 B  temp 12
       13  temp 8192 B  temp 13
       14  temp 2048 B  temp 14
      outputs
      loss: f32[] in 11"
    `);
  });
});
