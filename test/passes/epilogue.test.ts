// A chain that follows in the kernel whose result it reads: what may follow, what must not, and equal answers.
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { placeSizes } from '../../src/codegen/sizes.ts';
import type { Value } from '../../src/graph/index.ts';
import { newGraph, ops } from '../../src/ops/index.ts';
import type { ProgramSpec } from '../../src/program/index.ts';
import { gpu } from '../support/gpu.ts';
import { labels, planOf, software } from '../support/plans.ts';
import { expectAgreement, type GpuTarget, openTarget, ramp } from '../support/programs.ts';

/** A layer, whose bias and activation the product takes up. */
function layer(rows: number, inputs: number, outputs: number): { y: Value; spec: ProgramSpec } {
  const graph = newGraph();
  const x = graph.input('x', [rows, inputs]);
  const w = graph.state('w', [inputs, outputs], ramp(inputs * outputs));
  const b = graph.state('b', [outputs], ramp(outputs));
  const y = x.matmul(w).add(b).relu();
  return { y, spec: { outputs: { y } } };
}

describe('a chain in the wake of a kernel', () => {
  test('is one dispatch with it: bias and activation of a layer, the mean of a sum', () => {
    expect(labels(planOf(layer(6, 5, 4).spec))).toEqual(['matmul.nn+add+relu']);
    const x = newGraph().input('x', [6, 5]);
    expect(labels(planOf({ outputs: { mean: x.mean(0) } }))).toEqual(['reduce.sum+div']);
  });

  test('leaves the kernel’s own result in memory only where others read it', () => {
    const graph = newGraph();
    const [a, b] = [graph.input('a', [6, 5]), graph.input('b', [5, 4])];
    const product = a.matmul(b);
    const alone = planOf({ outputs: { y: product.exp() } });
    expect(alone.dispatches[0]!.bindings.filter(({ access }) => access === 'read_write')).toHaveLength(1);
    const shared = planOf({ outputs: { y: product.exp(), total: product.sum() } });
    expect(labels(shared)).toEqual(['matmul.nn+exp', 'reduce.sum']);
    expect(shared.dispatches[0]!.bindings.filter(({ access }) => access === 'read_write')).toHaveLength(2);
  });

  test('does not follow where it reads the result out of step, or where a path comes back through a third kernel', () => {
    const graph = newGraph();
    const [a, b] = [graph.input('a', [6, 5]), graph.input('b', [5, 6])];
    const product = a.matmul(b);
    expect(labels(planOf({ outputs: { y: product.transpose().exp() } }))).toEqual(['matmul.nn', 'pw:exp']);
    const normalised = product.div(product.sum(1, true));
    expect(labels(planOf({ outputs: { normalised } }))).toEqual(['matmul.nn', 'reduce.sum', 'pw:div']);
  });

  test('needs no more storage buffers than the adapter has', () => {
    const graph = newGraph();
    const product = graph.input('a', [6, 5]).matmul(graph.input('b', [5, 4]));
    const others = Array.from({ length: 6 }, (_, i) => graph.input(`x${i}`, [6, 4]));
    const y = others.reduce((sum, other) => sum.add(other), product);
    expect(labels(planOf({ outputs: { y } }))).toEqual(['matmul.nn', 'pw:add']);
    expect(labels(planOf({ outputs: { y } }, { maxStorageBuffers: 9 }))).toEqual(['matmul.nn+add']);
  });

  test('does not update in place a state that the kernel itself reads', () => {
    const graph = newGraph();
    const w = graph.state('w', [5, 5], ramp(25));
    const value = w.matmul(w).mul(0.5);
    const plan = planOf({ outputs: { total: w.sum() }, updates: [{ target: w, value }] });
    const state = plan.states['w']!.buffer;
    for (const { bindings } of plan.dispatches) {
      expect(bindings).not.toContainEqual({ buffer: state, access: 'read_write' });
    }
    expect(plan.copies).toHaveLength(1);
  });

  test('every kernel that says it has a `store` has one', () => {
    const graph = newGraph();
    const x = graph.input('x', [40, 3000]);
    const indices = graph.input('i', [40], 'u32');
    const spec = {
      outputs: {
        product: x.matmul(x, { transB: true }).exp(),
        sum: x.sum(1).exp(),
        max: x.max(0).exp(),
        min: x.min([0, 1]).exp(),
        logSumExp: x.logSumExp(1).exp(),
        scattered: graph.apply('scatterAdd', [indices, x], { rows: 7 }).exp(),
      },
    };
    for (const kernelClass of ['software', 'discrete'] as const) {
      const followed = labels(planOf(spec, { kernelClass })).filter((label) => label.endsWith('+exp'));
      expect(followed).toHaveLength(Object.keys(spec.outputs).length);
    }
    const claims = Object.values(ops).filter(
      ({ lower: { kind, ...rest } }) => kind === 'kernel' && 'hasStore' in rest,
    );
    expect(claims).toHaveLength(Object.keys(spec.outputs).length);
  });
});

describe('sizes of kernels', () => {
  test('are data on software adapters, so that layers that differ in nothing else share a pipeline', () => {
    const [one, other] = [planOf(layer(64, 5, 32).spec), planOf(layer(128, 50, 32).spec)].map(
      ({ dispatches }) => dispatches[0]!,
    );
    expect({ ...one, workgroups: 0, shapes: '', uniforms: 0, bytes: 0, flops: 0 }).toEqual({
      ...{ ...other, workgroups: 0, shapes: '', uniforms: 0, bytes: 0, flops: 0 },
    });
    expect(one!.uniforms).not.toEqual(other!.uniforms);
  });

  test('that a kernel does not declare are an error, not its default', () => {
    const call = {
      ...{
        label: 'made up',
        wgsl: 'override K: u32 = 2 * 3;',
        entryPoint: 'main',
        constants: {},
        sizes: { K: 5 },
      },
      ...{ bindings: [], workgroups: [1, 1, 1] as const, flops: 0 },
    };
    expect(() => placeSizes(call, 0, software)).toThrow("'made up' has no line 'override K: u32 = …;'");
  });

  test('are constants on discrete ones, where the compiler makes good use of them', () => {
    const [dispatch] = planOf(layer(6, 5, 4).spec, { kernelClass: 'discrete' }).dispatches;
    expect(dispatch!.uniforms).toBeUndefined();
    expect(dispatch!.constants).toMatchObject({ M: 6, N: 4, K: 5 });
  });
});

describe.skipIf(!gpu)('on the device', () => {
  let targets: readonly GpuTarget[];
  beforeAll(async () => {
    targets = [await openTarget('software'), await openTarget('discrete')];
  });

  test('layers of odd sizes, means over any axis and bool results agree with the definition', async () => {
    const extent = fc.constantFrom(1, 3, 7, 8, 19, 33);
    const property = fc.asyncProperty(extent, extent, extent, fc.nat(1), async (n, k, m, which) => {
      const graph = newGraph();
      const [x, w, b] = [graph.input('x', [n, k]), graph.input('w', [k, m]), graph.input('b', [m])];
      const y = x.matmul(w).add(b).tanh();
      const outputs = { y, up: y.gt(0.25), mean: y.mul(2).mean(0).square(), most: x.max(1).neg() };
      const feeds = { x: ramp(n * k), w: ramp(k * m), b: ramp(m) };
      await expectAgreement({ spec: { outputs }, feeds }, targets[which]!);
    });
    await fc.assert(property, { numRuns: 12, seed: 7 });
  });

  test('products split over K, batched products and long sums of any type agree with the definition', async () => {
    for (const target of targets) {
      const graph = newGraph();
      const [x, w] = [graph.input('x', [1200, 5]), graph.input('w', [1200, 3])];
      const [a, b] = [graph.input('a', [2, 3, 6, 5]), graph.input('b', [2, 3, 5, 4])];
      const [long, whole] = [graph.input('long', [2, 40_000]), graph.input('whole', [300, 8], 'i32')];
      const outputs = {
        split: x.matmul(w, { transA: true }).mul(0.5).add(1),
        batched: a
          .matmul(b)
          .add(graph.constant([1, 2, 3, 4], [4]))
          .tanh(),
        long: long.sum(1).mul(1e-3).exp(),
        columns: whole.sum(0).mul(2),
        most: whole.max(0).neg(),
      };
      const feeds = {
        ...{ x: ramp(6000), w: ramp(3600), a: ramp(180), b: ramp(120), long: ramp(80_000) },
        whole: Int32Array.from({ length: 2400 }, (_, i) => ((i * 7) % 23) - 11),
      };
      await expectAgreement({ spec: { outputs }, feeds }, target);
    }
  });

  test('a chain that follows a kernel updates a state in place, over several steps', async () => {
    const graph = newGraph();
    const x = graph.input('x', [9, 4]);
    const w = graph.state('w', [4, 4], ramp(16));
    const mean = graph.state('mean', [4], ramp(4));
    const y = x.matmul(w);
    const updates = [
      { target: w, value: x.matmul(y, { transA: true }).mul(-0.01).add(w) },
      { target: mean, value: mean.mul(0.9).add(y.sum(0).mul(0.1)) },
    ];
    const spec = { outputs: { norm: y.square().sum() }, updates };
    for (const target of targets) await expectAgreement({ spec, feeds: { x: ramp(36) }, runs: 4 }, target);
  });
});
