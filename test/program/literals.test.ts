// Rule 6: a number printed into a kernel is the number that was meant, to the last bit.
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { printLiteral } from '../../src/codegen/literal.ts';
import { newGraph } from '../../src/ops/index.ts';
import { compile } from '../../src/program/index.ts';
import type { DType, HostArray } from '../../src/tensor/types.ts';
import { gpu } from '../support/gpu.ts';
import { expectAgreement, type GpuTarget, openTarget, ramp } from '../support/programs.ts';

const smallest = 2 ** -149;
const special = [
  0,
  -0,
  1,
  -1,
  0.1,
  -0.1,
  1 / 3,
  16777217,
  1e21,
  -1e21,
  1e-7,
  3.4028234663852886e38,
  1.17549435e-38,
];
const nonFinite = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const subnormal = [smallest, -smallest, 1e-45, 3e-45, 1e-40, -1.1754942e-38];

describe('printed literals (rule 6)', () => {
  test('stand in brackets or are a call, so that a sign never meets an operator', () => {
    for (const value of [...special, ...nonFinite, ...subnormal]) {
      expect(printLiteral(value, 'f32')).toMatch(/^(\(-?[\d.e+-]+f\)|f32_from_bits\(0x[0-9a-f]{8}u\))$/);
    }
    expect(printLiteral(-5, 'i32')).toBe('i32(-5)');
    expect(printLiteral(4294967295, 'u32')).toBe('4294967295u');
    expect(printLiteral(1, 'bool')).toBe('true');
  });

  test('read back as the float32 they are', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (x) => {
        fc.pre(!Object.is(x, -0));
        expect(Number(printLiteral(x, 'f32').slice(1, -2))).toBe(x);
      }),
    );
  });
});

describe.skipIf(!gpu)('literals on the GPU (rule 6)', () => {
  let target: GpuTarget;
  beforeAll(async () => {
    target = await openTarget();
  });

  /** Each value as a literal in one kernel that picks one for each element, and each as it passes through as data. */
  async function throughKernel(
    values: readonly number[],
    dtype: DType,
  ): Promise<{ printed: HostArray; passed: HostArray }> {
    const graph = newGraph();
    const index = graph.iota([values.length]);
    const data = graph.constant(values, [values.length], dtype);
    const printed = values.reduce(
      (rest, value, at) => index.eq(at).select(graph.literal(value, dtype), rest),
      graph.literal(0, dtype).expand([values.length]),
    );
    const passed = index.ge(0).select(data, graph.literal(0, dtype));
    using program = await compile({ outputs: { printed, passed } }, target);
    program.run();
    return { printed: await program.read('printed'), passed: await program.read('passed') };
  }

  test('floats arrive bit for bit: random ones, both zeros, the largest, infinities and NaN', async () => {
    const random = fc.sample(fc.float({ noNaN: true }), { numRuns: 80, seed: 5 });
    const normal = random.filter((x) => x === 0 || Math.abs(x) >= 2 ** -126);
    const values = [...normal, ...special, ...nonFinite];
    const { printed } = await throughKernel(values, 'f32');
    expect([...printed]).toEqual([...Float32Array.from(values)]);
  });

  test('subnormals arrive as the adapter keeps data: whole, or as zeros', async () => {
    const { printed, passed } = await throughKernel(subnormal, 'f32');
    const kept = [...Float32Array.from(subnormal)];
    const whole = [...passed].every((x, at) => x === kept[at]);
    if (whole) expect([...printed]).toEqual(kept);
    else for (const [at, x] of printed.entries()) expect([0, kept[at]]).toContain(x === 0 ? 0 : x);
  });

  test('integers arrive bit for bit, the largest and the most negative too', async () => {
    const u32 = [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 16777217, 0x7fc00001];
    expect([...(await throughKernel(u32, 'u32')).printed]).toEqual(u32);
    const i32 = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), -16777217];
    expect([...(await throughKernel(i32, 'i32')).printed]).toEqual(i32);
    expect([...(await throughKernel([1, 0, 1], 'bool')).printed]).toEqual([1, 0, 1]);
  });

  test('arithmetic on literals alone is done beforehand, and equals the interpreter’s', async () => {
    const graph = newGraph();
    const x = graph.input('x', [50]);
    const two = graph.literal(2);
    const outputs = {
      mean: x.mul(two.div(50).exp().sub(1)),
      overflow: x.gt(100).select(two.mul(1e38).mul(1e38), 1),
      divided: x.gt(-100).select(graph.literal(1).div(0), 0),
      stretched: two.expand([50]).mul(3).add(x),
      integers: graph
        .literal(7, 'u32')
        .div(2)
        .add(graph.iota([50])),
      flags: graph.literal(3).gt(2).select(x, 0),
      alone: two.add(3).expand([2, 2]),
    };
    await expectAgreement({ spec: { outputs }, feeds: { x: ramp(50) } }, target);
  });

  test('whole powers are products: exact for negative bases', async () => {
    const x = newGraph().input('x', [7]);
    const outputs = Object.fromEntries([-3, -1, 0, 1, 2, 3, 7, 16].map((n) => [`power ${n}`, x.pow(n)]));
    const feeds = { x: Float32Array.of(-2, -1.5, -1, 0.5, 1, 1.25, 2) };
    await expectAgreement({ spec: { outputs }, feeds }, target, 1e-6);
  });

  test('equal attributes but for NaN, an infinity or a zero’s sign are not taken for one', async () => {
    const x = newGraph().input('x', [3]);
    const outputs = Object.fromEntries(
      [...nonFinite, 0, -0].map((value, at) => [`pad ${at}`, x.pad([1], [1], value)]),
    );
    await expectAgreement({ spec: { outputs }, feeds: { x: ramp(3) } }, target);
  });
});
