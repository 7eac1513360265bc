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

const software: Target = {
  kernelClass: 'software',
  maxStorageBuffers: 8,
  maxInvocations: 256,
  maxWorkgroups: 65_535,
  maxBindingBytes: 2 ** 27,
};

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
        0  matmul.nn                               12032 B  40960 flop  [2 1 →7]
        1  pw:add+relu+gt                          24704 B  6144 flop  [7 2 →8 →9]
        2  matmul.nn                               8576 B  4096 flop  [8 2 →10]
        3  pw:sigmoidCrossEntropy+sigmoid+sub+mul  1028 B  320 flop  [10 2 3 →11 →12]
        4  reduce.sum                              260 B  64 flop  [11 →10]
        5  pw:div                                  8 B  1 flop  [10 →13]
        6  pw:add+mul+expm1+neg                    16 B  7 flop  [→4 →10 →11]
        7  matmul.nt                               8576 B  4096 flop  [2 12 →7]
        8  pw:select                               24576 B  2048 flop  [9 7 →14]
        9  matmul.tn                               12032 B  40960 flop  [14 1 →15]
       10  matmul.tn                               8576 B  4096 flop  [8 12 →16]
       11  reduce.sum                              8320 B  2048 flop  [14 →17]
       12  reduce.sum                              260 B  64 flop  [12 →18]
       13  concat                                  3080 B  0 flop  [15 →19]
       14  concat                                  3080 B  0 flop  [16 →19]
       15  concat                                  3080 B  0 flop  [17 →19]
       16  concat                                  3080 B  0 flop  [18 →19]
       17  pw:iota+lt+select+sub                   10792 B  7315 flop  [→5 19 →6 10 11 →2 0]
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
        9  temp 8192 B  temp 9
       10  temp 256 B  temp 10
       11  temp 256 B  temp 11
       12  temp 256 B  temp 12
       13  output 4 B  div_18
       14  temp 8192 B  temp 14
       15  temp 2048 B  temp 15
       16  temp 256 B  temp 16
       17  temp 256 B  temp 17
       18  temp 256 B  temp 18
       19  temp 2048 B  temp 19
      outputs
      loss: f32[] in 13"
    `);
  });
});
