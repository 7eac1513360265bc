// What the random cases of kernels.test.ts do not reach: accuracy over millions of terms, NaN and infinity, indices
// out of range, limits, and shapes that other libraries got wrong.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evaluate } from '../../src/backend/cpu/interpreter.ts';
import { type GpuDevice, openGpu } from '../../src/backend/webgpu/index.ts';
import { newGraph, type Target } from '../../src/ops/index.ts';
import { DeviceError } from '../../src/tensor/errors.ts';
import { Random } from '../../src/tensor/random.ts';
import { gpu as dawn } from '../support/gpu.ts';
import { kernelClasses, lowerNode, runNode } from './run-node.ts';

const shaders = new URL('../../shaders/', import.meta.url);

describe.skipIf(!dawn)('hand-written kernels', () => {
  let gpu: GpuDevice;
  beforeAll(async () => {
    gpu = await openGpu(dawn!);
  });
  afterAll(() => gpu.destroy());

  test.for(readdirSync(shaders).filter((file) => file.endsWith('.wgsl')))(
    '%s is valid alone',
    async (file, context) => {
      const code = readFileSync(new URL(file, shaders), 'utf8');
      if (code.includes('enable subgroups;') && !gpu.device.features.has('subgroups')) {
        context.skip('no subgroups on this adapter');
      }
      const module = gpu.device.createShaderModule({ code });
      const { messages } = await module.getCompilationInfo();
      expect(messages.filter((message) => message.type === 'error')).toEqual([]);
    },
  );

  describe.each(kernelClasses)('of the class $name', (choice) => {
    const target = (): Target => choice.of(gpu.target);

    // tfjs 4.22 on WebGPU gets this shape wrong: matMul(A, B, false, true) with K ≥ 2000 and a small output.
    test.each([
      { m: 8, n: 8, k: 2000, transA: false, transB: true },
      { m: 40, n: 40, k: 4099, transA: false, transB: true },
      { m: 5, n: 3, k: 2500, transA: true, transB: false },
    ])('a Gram-like product of $m×$n over K = $k is right', async ({ m, n, k, transA, transB }) => {
      const random = new Random(7);
      const graph = newGraph();
      const a = graph.input('a', transA ? [k, m] : [m, k]);
      const b = graph.input('b', transB ? [n, k] : [k, n]);
      const feeds = [a, b].map((x) => Float32Array.from({ length: x.size }, () => random.normal()));
      const product = a.matmul(b, { transA, transB });
      const [expected] = evaluate(
        [product],
        new Map([
          [a, feeds[0]!],
          [b, feeds[1]!],
        ]),
      );
      const actual = await runNode(gpu, product, feeds, { target: target() });
      expected!.forEach((x, i) => void expect(Math.abs(actual[i]! - x)).toBeLessThan(1e-3));
      expect(lowerNode(product.node, { target: target(), offsets: [0, 0] }).calls.length).toBeGreaterThan(1);
    });

    // Large enough for the largest tiles of each kernel, and no multiple of any.
    test.each([
      { batch: [], m: 409, n: 411, k: 401 },
      { batch: [64], m: 250, n: 249, k: 3 },
    ])('a large product $batch $m×$k×$n is right', async ({ batch, m, n, k }) => {
      const random = new Random(9);
      const graph = newGraph();
      const [a, b] = [graph.input('a', [...batch, m, k]), graph.input('b', [...batch, k, n])];
      const feeds = [a, b].map((x) => Float32Array.from({ length: x.size }, () => random.int(9) - 4));
      const product = a.matmul(b);
      const [expected] = evaluate(
        [product],
        new Map([
          [a, feeds[0]!],
          [b, feeds[1]!],
        ]),
        'f32',
      );
      const actual = await runNode(gpu, product, feeds, { target: target() });
      expect(Buffer.compare(Buffer.from(actual.buffer), Buffer.from(expected!.buffer))).toBe(0);
    });

    test('a sum of four million floats is right to 1e-6', async () => {
      const length = 4 << 20;
      const random = new Random(3);
      const data = Float32Array.from({ length }, () => random.uniform());
      const sum = newGraph().input('x', [length]).sum();
      const exact = data.reduce((total, x) => total + x, 0);
      const [actual] = await runNode(gpu, sum, [data], { target: target() });
      expect(Math.abs(actual! / exact - 1)).toBeLessThan(1e-6);
    });

    test('a NaN wins max and min wherever it stands, and infinities are kept', async () => {
      for (const data of [
        [1, Number.NaN, 2],
        [Number.NaN, 1, 2],
        [1, 2, Number.NaN],
        [-Infinity, 3, Infinity],
        Array.from({ length: 300 }, (_, i) => (i === 290 ? Number.NaN : i)),
      ]) {
        const x = newGraph().input('x', [data.length]);
        for (const value of [x.max(), x.min()]) {
          const [expected] = evaluate([value], new Map([[x, data]]));
          const actual = await runNode(gpu, value, [Float32Array.from(data)], { target: target() });
          expect([...actual]).toEqual([...expected!]);
        }
      }
    });

    test('logSumExp of −∞ alone is −∞, of any +∞ is +∞, and large logits do not overflow', async () => {
      const rows = [
        [-Infinity, -Infinity],
        [Infinity, 0],
        [1000, 1000],
        [Infinity, Number.NaN],
      ];
      const value = newGraph().input('x', [4, 2]).logSumExp(1);
      const actual = await runNode(gpu, value, [Float32Array.from(rows.flat())], { target: target() });
      expect(actual[0]).toBe(-Infinity);
      expect(actual[1]).toBe(Infinity);
      expect(actual[2]).toBeCloseTo(1000 + Math.log(2), 3);
      expect(actual[3]).toBeNaN();
    });

    test('softmax and its cross-entropy stay finite for logits of ±1000', async () => {
      const graph = newGraph();
      const x = graph.input('x', [2, 3]);
      const labels = graph.input('labels', [2], 'u32');
      const logits = Float32Array.of(1000, 0, -1000, -1000, -1000, -1000);
      const softmax = await runNode(gpu, x.softmax(), [logits], { target: target() });
      expect([...softmax.slice(0, 3)]).toEqual([1, 0, 0]);
      const losses = [logits, Uint32Array.of(2, 1)];
      const entropy = await runNode(gpu, x.softmaxCrossEntropy(labels), losses, { target: target() });
      expect(entropy[0]).toBeCloseTo(2000, 3);
      expect(entropy[1]).toBeCloseTo(Math.log(3), 5);
    });

    test('argMax takes the first of equal maxima and never a NaN', async () => {
      const rows = Float32Array.from([Number.NaN, 2, 5, 5, Number.NaN, 1, 0, 0, 0, 0]);
      const value = newGraph().input('x', [2, 5]).argMax(1);
      expect([...(await runNode(gpu, value, [rows], { target: target() }))]).toEqual([2, 0]);
    });
  });

  test('an index out of range means the last row, in gather and in its transpose', async () => {
    const graph = newGraph();
    const table = graph.input('table', [3, 2]);
    const indices = graph.input('indices', [2], 'u32');
    const at = Uint32Array.of(7, 0xffffffff);
    const rows = await runNode(gpu, table.gather(indices), [Float32Array.of(1, 2, 3, 4, 5, 6), at]);
    expect([...rows]).toEqual([5, 6, 5, 6]);
    const values = graph.input('values', [2, 2]);
    const sums = graph.apply('scatterAdd', [indices, values], { rows: 3 });
    expect([...(await runNode(gpu, sums, [at, Float32Array.of(1, 2, 3, 4)]))]).toEqual([0, 0, 0, 0, 4, 6]);
  });

  test('scatterAdd of a hot row gives the same bits every time', async () => {
    const random = new Random(5);
    const graph = newGraph();
    const indices = graph.input('indices', [3000], 'u32');
    const sums = graph.apply('scatterAdd', [indices, graph.input('values', [3000, 3])], { rows: 10 });
    const feeds = [
      Uint32Array.from({ length: 3000 }, () => (random.uniform() < 0.9 ? 4 : random.int(10))),
      Float32Array.from({ length: 9000 }, () => random.normal()),
    ];
    expect(await runNode(gpu, sums, feeds)).toEqual(await runNode(gpu, sums, feeds));
  });

  test('a custom kernel sees operands that begin at 0, wherever they lie', async () => {
    const graph = newGraph();
    const x = graph.input('x', [5]);
    const doubled = graph.apply('customKernel', [x], {
      label: 'double',
      output: { shape: [5], dtype: 'f32' },
      wgsl: `
        override FACTOR: f32;
        @group(0) @binding(0) var<storage, read> x: array<f32>;
        @group(0) @binding(1) var<storage, read_write> y: array<f32>;
        @compute @workgroup_size(5) fn main(@builtin(local_invocation_index) i: u32) { y[i] = x[i] * FACTOR; }`,
      constants: { FACTOR: 2 },
      workgroups: [1, 1, 1],
      cpu: ([input], output) => output.set(input!.map((value) => 2 * value)),
    });
    const feeds = [Float32Array.of(1, 2, 3, 4, 5)];
    for (const offset of [0, 3]) {
      expect([...(await runNode(gpu, doubled, feeds, { offsets: [offset] }))]).toEqual([2, 4, 6, 8, 10]);
    }
  });

  test('more than 65,535 workgroups are folded into two dimensions', async () => {
    const target = { ...gpu.target, maxWorkgroups: 7 };
    const x = newGraph().input('x', [60, 51]);
    const data = Float32Array.from({ length: 3060 }, (_, i) => i);
    const actual = await runNode(gpu, x.pad([0, 1], [0, 0]), [data], { target });
    expect(actual).toEqual(
      Float32Array.from({ length: 60 * 52 }, (_, i) => (i % 52 === 0 ? 0 : i - Math.floor(i / 52) - 1)),
    );
  });

  test('a kernel over the limits of the adapter names its node, the need and the limit', () => {
    const graph = newGraph();
    const sum = graph.input('x', [1000]).sum();
    const context = { target: { ...gpu.target, maxBindingBytes: 3999 }, offsets: [0] };
    expect(() => lowerNode(sum.node, context)).toThrow(DeviceError);
    expect(() => lowerNode(sum.node, context)).toThrow(
      /sum_\d+: sum needs a buffer of 4000 bytes, but the adapter allows 3999 bytes/,
    );
    const copies = { target: { ...gpu.target, maxWorkgroups: 2 }, offsets: [0] };
    expect(() => lowerNode(graph.input('y', [1000]).pad([1], [0]).node, copies)).toThrow(
      /pad needs 16 workgroups, but the adapter allows 2 × 2/,
    );
  });
});
