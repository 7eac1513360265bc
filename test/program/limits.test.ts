// Plans keep within the adapter's limits, and give the same answers however narrow these are.
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { grads } from '../../src/autodiff/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import { compile } from '../../src/program/index.ts';
import { gpu } from '../support/gpu.ts';
import {
  define,
  expectAgreement,
  expectTrace,
  type GpuTarget,
  openTarget,
  ramp,
  trace,
} from '../support/programs.ts';
import { randomGraph } from '../support/random-graph.ts';

describe.skipIf(!gpu)('limits (rule 4)', () => {
  let target: GpuTarget;
  beforeAll(async () => {
    target = await openTarget();
  });

  test('a chain over 20 tensors is cut so that no kernel binds more buffers than the adapter allows', async () => {
    const graph = newGraph();
    const inputs = Array.from({ length: 20 }, (_, i) => graph.input(`x${i}`, [70]));
    const product = inputs.reduce((acc, x, i) => acc.mul(0.5).add(x.mul(i + 1)));
    const partials = inputs.slice(5, 15).map((x, i) => x.mul(product).tanh().add(i));
    const outputs = { product, ...Object.fromEntries(partials.map((value, i) => [`p${i}`, value])) };
    const feeds = Object.fromEntries(inputs.map((_, i) => [`x${i}`, ramp(70, 1 + i / 7)]));
    using program = await compile({ outputs }, target);
    const most = target.gpu.target.maxStorageBuffers;
    for (const { bindings } of program.plan!.dispatches) expect(bindings.length).toBeLessThanOrEqual(most);
    expect(program.plan!.dispatches.length).toBeLessThan(15);
    await expectAgreement({ spec: { outputs }, feeds }, target);
  });

  test('random graphs agree with the interpreter with four buffers a kernel and grids folded at five workgroups', async () => {
    const narrow = await openTarget('discrete', { maxStorageBuffers: 4, maxWorkgroups: 5 });
    const property = fc.asyncProperty(randomGraph(), async ({ inputs, outputs, loss }) => {
      const [gradients] = grads(
        [loss],
        inputs.map(({ value }) => value),
      );
      const named = [...outputs, loss, ...gradients!].map((value, i) => [`${i}`, value] as const);
      const feeds = Object.fromEntries(inputs.map(({ value, data }) => [value.node.name, data]));
      const scenario = { spec: { outputs: Object.fromEntries(named) }, feeds };
      expectTrace(await trace(scenario, narrow), await define(scenario), 2e-5);
    });
    await fc.assert(property, { numRuns: 8, seed: 31, endOnFailure: true });
  });

  test('more than 65,535 workgroups are folded into a second dimension', async () => {
    const graph = newGraph();
    const length = 65_535 * 64 + 65;
    const index = graph.iota([length]);
    const value = index.cast('f32').mul(0.5);
    const last = value.gather(graph.constant([0, 4_194_239, 4_194_240, length - 1], [4], 'u32'));
    using program = await compile({ outputs: { value, last, most: index.max() } }, target);
    const chain = program.plan!.dispatches.find(({ label }) => label.startsWith('pw:'))!;
    expect(chain.workgroups[1]).toBeGreaterThan(1);
    program.run();
    expect([...(await program.read('last'))]).toEqual([0, 2_097_119.5, 2_097_120, (length - 1) / 2]);
    expect(await program.readNumber('most')).toBe(length - 1);
    const all = await program.read('value');
    expect(all.findIndex((x, i) => x !== Math.fround(i / 2))).toBe(-1);
  });

  test.each(['software', 'discrete'] as const)(
    'the Gram matrix on which tfjs is wrong (A·Aᵀ, K ≥ 2000, small output) is right, %s kernels',
    async (kernelClass) => {
      const own = await openTarget(kernelClass);
      for (const [rows, k] of [
        [3, 2000],
        [10, 4097],
        [40, 2500],
      ] as const) {
        const a = newGraph().input('a', [rows, k]);
        const spec = { outputs: { gram: a.matmul(a, { transB: true }), same: a.matmul(a.transpose()) } };
        const scenario = { spec, feeds: { a: ramp(rows * k) } };
        expectTrace(await trace(scenario, own), await define(scenario), 2e-6);
      }
    },
  );

  test('a tensor just under a limit that is no power of two still gets its buffer', async () => {
    const narrow = await openTarget('software', { maxBindingBytes: 3000 });
    const x = newGraph().input('x', [740]);
    const scenario = {
      spec: { outputs: { sum: x.add(1).sum().add(x.softmax().sum()) } },
      feeds: { x: ramp(740) },
    };
    expectTrace(await trace(scenario, narrow), await define(scenario), 1e-6);
  });
});
