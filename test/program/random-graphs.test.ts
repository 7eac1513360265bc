// 500 random graphs, values and gradients: WebGPU gives what the float64 interpreter defines.
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { grads } from '../../src/autodiff/index.ts';
import type { ProgramSpec } from '../../src/program/index.ts';
import { gpu } from '../support/gpu.ts';
import {
  define,
  expectTrace,
  type GpuTarget,
  openTarget,
  type Scenario,
  trace,
} from '../support/programs.ts';
import { type RandomGraph, randomGraph } from '../support/random-graph.ts';

const tolerance = 2e-5;

/** Outputs, loss and the loss's gradients with respect to every input. */
function valuesAndGradients({ inputs, outputs, loss }: RandomGraph): Scenario {
  const [gradients] = grads(
    [loss],
    inputs.map(({ value }) => value),
  );
  const spec: ProgramSpec = {
    outputs: Object.fromEntries([
      ['loss', loss],
      ...outputs.map((output, i) => [`output ${i}`, output] as const),
      ...gradients!.map((gradient, i) => [`gradient ${i}`, gradient] as const),
    ]),
  };
  return { spec, feeds: Object.fromEntries(inputs.map(({ value, data }) => [value.node.name, data])) };
}

async function agree(
  graph: RandomGraph,
  target: GpuTarget,
  options: { fused?: boolean } = {},
): Promise<void> {
  const scenario = valuesAndGradients(graph);
  expectTrace(await trace(scenario, target, options), await define(scenario), tolerance);
}

describe.skipIf(!gpu)('random graphs, values and gradients', () => {
  const holds = (
    numRuns: number,
    seed: number,
    check: (graph: RandomGraph) => Promise<void>,
  ): Promise<void> =>
    fc.assert(fc.asyncProperty(randomGraph(), check), { numRuns, seed, endOnFailure: true });

  test('400 agree with the interpreter, by kernels for software adapters', async () => {
    const target = await openTarget('software');
    await holds(400, 21, (graph) => agree(graph, target));
  }, 900_000);

  test('60 agree with the interpreter, by kernels for discrete adapters', async () => {
    const target = await openTarget('discrete');
    await holds(60, 22, (graph) => agree(graph, target));
  }, 900_000);

  test('40 agree with the interpreter where nothing is fused', async () => {
    const target = await openTarget('software');
    await holds(40, 23, (graph) => agree(graph, target, { fused: false }));
  }, 900_000);
});
