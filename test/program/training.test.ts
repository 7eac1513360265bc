// A program is the interpreter, replayed: the same numbers over 20 steps while rates and weights change half-way.
import { describe, expect, test } from 'vitest';
import { grads } from '../../src/autodiff/index.ts';
import type { Value } from '../../src/graph/index.ts';
import { linear, mlp, Parameters } from '../../src/nn/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import { adamw, clipByGlobalNorm, warmupCosine } from '../../src/optim/index.ts';
import { compile, type Device, openDevice, type Program } from '../../src/program/index.ts';
import { Random } from '../../src/tensor/random.ts';
import { gpu } from '../support/gpu.ts';

const batch = 37;
const inputs = 5;

/** Two tasks over a small trunk, AdamW, clipping, schedule: everything that changes travels as a scalar. */
function twoTasks(): { outputs: Record<string, Value>; updates: { target: Value; value: Value }[] } {
  const graph = newGraph();
  const x = graph.input('x', [batch, inputs]);
  const y = graph.input('y', [batch, 2]);
  const rate = graph.scalar('learning rate', 0.01);
  const decay = graph.scalar('weight decay', 0.01);
  const weight = graph.scalar('second task', 1);
  const trunk = mlp('trunk', { inputs, widths: [13, 7], activation: 'gelu', layerNorm: false });
  const head = linear('head', { inputs: 7, outputs: 2 });
  const parameters = new Parameters(graph, [trunk, head], 7);
  const output = head.apply(parameters, trunk.apply(parameters, x));
  const first = output.narrow(1, 0, 1).sigmoidCrossEntropy(y.narrow(1, 0, 1)).mean();
  const second = output.narrow(1, 1, 2).sub(y.narrow(1, 1, 2)).square().mean();
  const loss = first.add(second.mul(weight));
  const [gradients] = grads([loss], parameters.values);
  const [flat] = clipByGlobalNorm([parameters.flatten(gradients!)], 1);
  const count = graph.state('step', []);
  const learningRate = rate.mul(warmupCosine(count, 4, 30));
  const updates = adamw([parameters.flat], [flat!], { learningRate, weightDecay: decay, decayed: parameters.decayed });
  return {
    outputs: { loss, first, output },
    updates: [...updates, { target: count, value: count.add(1) }],
  };
}

async function train(program: Program, steps: number, from = 0): Promise<number[]> {
  const losses: number[] = [];
  for (let step = from; step < from + steps; step++) {
    const random = new Random(100 + step);
    program.write('x', Float32Array.from({ length: batch * inputs }, () => random.normal()));
    program.write('y', Float32Array.from({ length: batch * 2 }, () => Number(random.uniform() > 0.4)));
    if (step === 10) {
      program.set('learning rate', 0.003);
      program.set('weight decay', 0.1);
      program.set('second task', 0.25);
    }
    program.run();
    losses.push(await program.readNumber('loss'));
  }
  return losses;
}

async function losses(device: Device): Promise<{ losses: number[]; parameters: ArrayLike<number> }> {
  using program = await compile(twoTasks(), device);
  return { losses: await train(program, 20), parameters: await program.readState('parameters') };
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(tolerance * (1 + Math.abs(expected[i]!)));
  }
}

describe.skipIf(!gpu)('twenty AdamW steps, with rate, decay and a loss weight changed at step 10', () => {
  test('WebGPU gives the numbers of the float64 interpreter', async () => {
    const definition = await losses(await openDevice('cpu', { precision: 'f64' }));
    const device = await openDevice('webgpu', { gpu: gpu! });
    const onGpu = await losses(device);
    expectClose(onGpu.losses, definition.losses, 1e-4);
    expectClose(onGpu.parameters, definition.parameters, 2e-3);
  });

  test('two runs are equal bit for bit', async () => {
    const device = await openDevice('webgpu', { gpu: gpu! });
    expect(await losses(device)).toEqual(await losses(device));
  });
});
