// Numbers where definitions differ between languages and drivers: ties, wrap-around, saturation, tiny and huge.
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../src/backend/cpu/interpreter.ts';
import type { Value } from '../../src/graph/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import { philox4x32 } from '../../src/tensor/random.ts';

const evaluated = (value: Value): number[] => [...evaluate([value])[0]!];

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((x, i) => {
    expect(Math.abs(x - expected[i]!)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(expected[i]!)));
  });
}

describe('numbers', () => {
  const floats = (data: readonly number[], build: (x: Value) => Value): number[] =>
    evaluated(build(newGraph().constant(Float64Array.from(data), [data.length])));
  const integers = (
    dtype: 'i32' | 'u32',
    a: number[],
    b: number[],
    build: (a: Value, b: Value) => Value,
  ): number[] => {
    const graph = newGraph();
    const value = build(graph.constant(a, [a.length], dtype), graph.constant(b, [b.length], dtype));
    return evaluated(value);
  };

  test('round breaks ties to even', () => {
    const halves = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4, 2.6, -2.6];
    expect(floats(halves, (x) => x.round())).toEqual([-2, -2, -0, 0, 2, 2, 2, 3, -3]);
  });

  test('a cast to an integer truncates and saturates, NaN gives 0', () => {
    const wide = [1.9, -1.9, 1e20, -1e20, Number.NaN, Infinity];
    expect(floats(wide, (x) => x.cast('i32'))).toEqual([1, -1, 2147483520, -2147483648, 0, 2147483520]);
    expect(floats(wide, (x) => x.cast('u32'))).toEqual([1, 0, 4294967040, 0, 0, 4294967040]);
  });

  test('casts between integers keep the bits, casts to bool are ≠ 0', () => {
    expect(integers('i32', [-1, 5], [0, 0], (a) => a.cast('u32'))).toEqual([4294967295, 5]);
    expect(integers('u32', [4294967295, 5], [0, 0], (a) => a.cast('i32'))).toEqual([-1, 5]);
    expect(floats([0, -0, 0.1, -3], (x) => x.cast('bool').cast('f32'))).toEqual([0, 0, 1, 1]);
  });

  test('integers wrap modulo 2^32, exactly in the low bits', () => {
    const [a, b] = [
      [0xffffffff, 0x9e3779b9],
      [2, 0x85ebca6b],
    ];
    expect(integers('u32', a, b, (x, y) => x.mul(y))).toEqual(
      a.map((x, i) => Number((BigInt(x) * BigInt(b[i]!)) % 2n ** 32n)),
    );
    expect(integers('u32', a, b, (x, y) => y.sub(x))).toEqual([3, 0x85ebca6b - 0x9e3779b9 + 2 ** 32]);
    expect(integers('i32', [2147483647], [1], (x, y) => x.add(y))).toEqual([-2147483648]);
  });

  test('integer division truncates; a divisor of 0 gives the dividend', () => {
    expect(integers('i32', [7, -7, 7, 5, -2147483648], [2, 2, -2, 0, -1], (x, y) => x.div(y))).toEqual([
      3, -3, -3, 5, -2147483648,
    ]);
  });

  test('isFinite is false for NaN and both infinities', () => {
    const finite = floats([1, Number.NaN, Infinity, -Infinity, 3e38], (x) => x.isFinite().cast('f32'));
    expect(finite).toEqual([1, 0, 0, 0, 1]);
  });

  test('expm1, log1p, softplus, sigmoid and tanh keep their digits at 1e-8 and do not overflow at 1e4', () => {
    const at = [1e-8, -1e-8, 30, -30, 88, -88, 1e4, -1e4];
    expect(floats([1e-8], (x) => x.expm1())).toEqual([1.0000000050000001e-8]);
    expect(floats([1e-8], (x) => x.log1p())).toEqual([9.999999950000001e-9]);
    expectClose(
      floats(at, (x) => x.softplus()),
      [
        0.6931471855599453, 0.6931471755599453, 30.000000000000092, 9.357622968839299e-14, 88,
        6.054601895401186e-39, 1e4, 0,
      ],
    );
    expectClose(
      floats(at, (x) => x.sigmoid()),
      [0.5000000025, 0.4999999975, 0.9999999999999065, 9.357622968839299e-14, 1, 6.054601895401186e-39, 1, 0],
    );
    expect(floats([1e-8, 1e4, -1e4], (x) => x.tanh())).toEqual([1e-8, 1, -1]);
  });

  test('iota counts along its axis', () => {
    const graph = newGraph();
    expect([...evaluate([graph.iota([2, 3], 1)])[0]!]).toEqual([0, 1, 2, 0, 1, 2]);
    expect([...evaluate([graph.iota([2, 3], 0)])[0]!]).toEqual([0, 0, 0, 1, 1, 1]);
  });

  test('philox draws word 0 of block (element, stream, counter) under the key', () => {
    const graph = newGraph();
    const [k0, k1, c0, c1] = [0xdeadbeef, 7, 0xffffffff, 3];
    const words = [k0, k1, c0, c1].map((word) => graph.literal(word, 'u32'));
    const drawn = evaluate([graph.apply('philox', words, { shape: [2, 3], stream: 9 })])[0]!;
    expect([...drawn]).toEqual([0, 1, 2, 3, 4, 5].map((i) => philox4x32([k0, k1], [i, 9, c0, c1])[0]!));
  });

  test('a custom kernel computes what its CPU function says', () => {
    const graph = newGraph();
    const x = graph.constant([1, 2, 3], [3]);
    const reversed = graph.apply('customKernel', [x], {
      label: 'reverse',
      output: { shape: [3], dtype: 'f32' },
      wgsl: '',
      constants: {},
      workgroups: [1, 1, 1],
      cpu: ([input], output) => output.set([...input!].reverse()),
    });
    expect([...evaluate([reversed])[0]!]).toEqual([3, 2, 1]);
  });
});
