// Every hand-written kernel against the op's definition, in both kernel classes on the same adapter, over odd sizes
// and operands that do not begin their buffers.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evaluate } from '../../src/backend/cpu/interpreter.ts';
import { type GpuDevice, openGpu } from '../../src/backend/webgpu/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import { Random } from '../../src/tensor/random.ts';
import { gpu as dawn } from '../support/gpu.ts';
import { draw, expectClose, kernelCases } from '../support/kernel-cases.ts';
import { type KernelClass, kernelClasses, runNode } from './run-node.ts';

const offset = fc.constantFrom(0, 1, 3, 4, 8);
const seed = fc.nat(1e6);

/** SwiftShader takes seconds to compile a kernel with barriers, hence few runs of those. */
const runs: Readonly<Record<string, Record<KernelClass, number>>> = {
  'matmul in all transpositions': { software: 40, discrete: 8 },
  'long reductions': { software: 6, discrete: 6 },
  default: { software: 20, discrete: 8 },
};

describe.skipIf(!dawn)('hand-written kernels', () => {
  let gpu: GpuDevice;
  beforeAll(async () => {
    gpu = await openGpu(dawn!);
  });
  afterAll(() => gpu.destroy());

  describe.each(kernelClasses)('of the class $name', (choice) => {
    for (const { name, cases } of kernelCases) {
      test(`${name} gives what its definition gives`, async () => {
        const target = choice.of(gpu.target);
        await fc.assert(
          fc.asyncProperty(cases, offset, offset, seed, async ({ operands, build }, first, second, s) => {
            const random = new Random(s);
            const graph = newGraph();
            const inputs = operands.map(({ shape, dtype }, i) => graph.input(`x${i}`, shape, dtype));
            const feeds = operands.map((operand) => draw(operand, random));
            const value = build(...inputs);
            fc.pre(value.node.op !== 'input');
            const [expected] = evaluate([value], new Map(inputs.map((input, i) => [input, feeds[i]!])));
            const offsets = operands.map((_, i) => (i % 2 === 0 ? first : second));
            const actual = await runNode(gpu, value, feeds, { offsets, target });
            if (value.dtype === 'f32') expectClose(actual, expected!, 2e-5);
            else expect(actual).toEqual(expected);
          }),
          { numRuns: (runs[name] ?? runs['default']!)[choice.kernelClass], seed: 1 },
        );
      });
    }
  });
});
