// Each pointwise row's WGSL against its CPU definition, on the numbers where drivers and formulas go wrong.
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../src/backend/cpu/interpreter.ts';
import type { OpName, Value } from '../../src/graph/index.ts';
import { newGraph, ops } from '../../src/ops/index.ts';
import { compile, openDevice } from '../../src/program/index.ts';
import { Random } from '../../src/tensor/random.ts';
import type { HostArray } from '../../src/tensor/types.ts';
import { gpu } from '../support/gpu.ts';

const device = gpu && (await openDevice('webgpu', { gpu }));

/** Values of `outputs` from the GPU, and from the CPU in float64 at the very same float32 inputs. */
async function both(
  outputs: Record<string, Value>,
): Promise<Record<string, { got: HostArray; want: HostArray }>> {
  using program = await compile({ outputs }, device!);
  program.run();
  const result: Record<string, { got: HostArray; want: HostArray }> = {};
  const names = Object.keys(outputs);
  const wanted = evaluate(names.map((name) => outputs[name]!));
  for (const [i, name] of names.entries()) {
    result[name] = { got: await program.read(name), want: wanted[i]! };
  }
  return result;
}

const spread = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from * (to / from) ** (i / (count - 1)));
const bothSigns = (xs: readonly number[]): number[] => [...xs, ...xs.map((x) => -x)];

/** Relative error, with numbers below the smallest normal float32 counted as 0. */
function relativeError(got: number, want: number): number {
  if (Object.is(got, want) || got === want) return 0;
  if (Math.abs(want) < 2 ** -126) return Math.abs(got) < 2 ** -125 ? 0 : Infinity;
  return Math.abs(got - want) / Math.abs(want);
}

const hard = [0, 1e-30, 1e-8, 0.25, 0.499, 0.5, 0.7853, 0.7855, 1, 1.5, 2, 2.5, 5, 30, 88, 9999];
const float = {
  any: bothSigns([...hard, ...spread(1e-6, 80, 60)]),
  positive: [0.99999, 1, 1.0001, 1.41, 1.42, ...spread(1.2e-38, 1e30, 90)],
  aboveMinusOne: [...hard, 1e30, -1e-30, -1e-8, -0.3, -0.499, -0.5, -0.501, -0.9, -0.9999],
};

const unary: readonly [OpName & keyof Value, keyof typeof float, number][] = [
  ['neg', 'any', 0],
  ['abs', 'any', 0],
  ['sign', 'any', 0],
  ['floor', 'any', 0],
  ['ceil', 'any', 0],
  ['round', 'any', 0],
  ['relu', 'any', 0],
  ['square', 'any', 1e-7],
  ['sqrt', 'positive', 3e-7],
  ['rsqrt', 'positive', 3e-7],
  ['reciprocal', 'positive', 3e-7],
  ['log', 'positive', 1e-6],
  ['exp', 'any', 1e-6],
  ['sin', 'any', 1e-6],
  ['cos', 'any', 1e-6],
  ['log1p', 'aboveMinusOne', 1e-6],
  ['expm1', 'any', 1e-6],
  ['tanh', 'any', 1e-6],
  ['sigmoid', 'any', 1e-6],
  ['softplus', 'any', 1e-6],
];

describe.skipIf(!device)('pointwise WGSL is its CPU definition', () => {
  test('float functions, relative to the stated error, from 1e-30 to 1e4', async () => {
    const graph = newGraph();
    const outputs: Record<string, Value> = {};
    for (const [op, domain] of unary) {
      const data = Float32Array.from(float[domain]);
      outputs[op] = graph.apply(op as 'neg', [graph.constant(data, [data.length])], {});
    }
    const results = await both(outputs);
    for (const [op, domain, tolerance] of unary) {
      const { got, want } = results[op]!;
      // Beyond float32 the definition, in float64, stays finite.
      const wanted = Array.from(want, Math.fround);
      const worst = wanted.map((x, i) => relativeError(got[i]!, x));
      const at = worst.indexOf(Math.max(...worst));
      expect(worst[at], `${op} of ${float[domain][at]}: ${got[at]}, not ${wanted[at]}`).toBeLessThanOrEqual(
        tolerance,
      );
    }
  });

  test('sigmoid cross-entropy at logits of any size and targets 0, 1 and between', async () => {
    const graph = newGraph();
    const z = graph.constant(float.any, [float.any.length, 1]);
    const targets = [0, 1, 0.25];
    const { loss } = await both({ loss: z.sigmoidCrossEntropy(graph.constant(targets, [3])) });
    loss!.want.forEach((want, i) => {
      // Between the targets, two terms of the logit's size partly cancel.
      const soft = targets[i % 3] === 0.25;
      const scale = Math.max(want, 2 ** -126, soft ? Math.abs(float.any[Math.floor(i / 3)]!) : 0);
      expect(Math.abs(loss!.got[i]! - want) / scale).toBeLessThan(want < 2 ** -126 ? 1.1 : 1e-6);
    });
  });

  test('powers: whole exponents of any base as products, others of bases > 0, and 0 to the 0 is 1', async () => {
    const graph = newGraph();
    const base = graph.constant([-2.5, -1, 0, 0.3, 1, 7], [6]);
    const outputs: Record<string, Value> = {
      zero: graph.constant([0, 2], [2]).pow(graph.constant([0, 0], [2])),
    };
    for (const exponent of [0, 1, 2, 3, 7, 16]) outputs[`${exponent}`] = base.pow(exponent);
    outputs['-3'] = graph.constant([-2.5, 0.3, 7], [3]).pow(-3);
    outputs['real'] = graph.constant([0.01, 0.3, 5], [3, 1]).pow(graph.constant([-1.5, 0.5, 2.25], [3]));
    for (const [name, { got, want }] of Object.entries(await both(outputs))) {
      want.forEach((x, i) => {
        expect(relativeError(got[i]!, x), `exponent ${name}, element ${i}`).toBeLessThan(3e-6);
      });
    }
  });

  test('integers wrap, divide and compare bit for bit', async () => {
    const graph = newGraph();
    const random = new Random(11);
    const words = [
      0,
      1,
      2,
      3,
      0x7fffffff,
      0x80000000,
      0xffffffff,
      ...Array.from({ length: 57 }, () => random.uint32()),
    ];
    const outputs: Record<string, Value> = {};
    for (const dtype of ['u32', 'i32'] as const) {
      const a = graph.constant(words, [words.length], dtype);
      const b = graph.constant([...words].reverse(), [words.length], dtype);
      for (const op of [
        'add',
        'sub',
        'mul',
        'div',
        'maximum',
        'minimum',
        'eq',
        'ne',
        'lt',
        'le',
        'gt',
        'ge',
      ] as const) {
        outputs[`${dtype} ${op}`] = a[op](b);
      }
      outputs[`${dtype} square`] = a.square();
      outputs[`${dtype} as the other`] = a.cast(dtype === 'u32' ? 'i32' : 'u32');
      outputs[`${dtype} as bool`] = a.cast('bool');
      outputs[`${dtype} by zero`] = a.div(graph.constant([0], [1], dtype));
    }
    const signed = graph.constant(words, [words.length], 'i32');
    outputs['neg'] = signed.neg();
    outputs['abs'] = signed.abs();
    outputs['sign'] = signed.sign();
    for (const [name, { got, want }] of Object.entries(await both(outputs))) {
      expect([...got], name).toEqual([...want]);
    }
  });

  test('comparisons, logic, select, casts and bit tests of floats', async () => {
    const graph = newGraph();
    const a = graph.constant([-1, 0, 0.5, 2, 3e38, 1.99, -7.5, 5e9, -5e9], [9]);
    const b = graph.constant([0, 0, 0.5, -2, 1, 7, -7.5, 1, 2], [9]);
    const [p, q] = [a.gt(0), b.ge(0.5)];
    const results = await both({
      eq: a.eq(b),
      ne: a.ne(b),
      lt: a.lt(b),
      le: a.le(b),
      gt: p,
      ge: q,
      and: p.and(q),
      or: p.or(q),
      not: p.not(),
      same: p.eq(q),
      select: p.select(a, b),
      integer: a.cast('i32'),
      word: a.cast('u32'),
      bool: a.cast('bool'),
      back: p.cast('f32').add(q.cast('f32')),
      counted: p.cast('u32'),
      fromInteger: a.cast('i32').cast('f32'),
    });
    for (const [name, { got, want }] of Object.entries(results)) expect([...got], name).toEqual([...want]);
  });

  test('isFinite tells infinities and NaN, though they come in as data', async () => {
    const graph = newGraph();
    const data = Float32Array.of(1, Number.NaN, Infinity, -Infinity, 3e38, 0);
    const { finite } = await both({ finite: graph.constant(data, [6]).isFinite() });
    expect([...finite!.got]).toEqual([1, 0, 0, 0, 1, 1]);
  });

  test('NaN passes through every float function of the library, and through relu', async () => {
    const graph = newGraph();
    const x = graph.constant(Float32Array.of(Number.NaN), [1]);
    const outputs = {
      exp: x.exp(),
      expm1: x.expm1(),
      log: x.log(),
      power: x.pow(0.5),
      sin: x.sin(),
      cos: x.cos(),
      log1p: x.log1p(),
      softplus: x.softplus(),
      sigmoid: x.sigmoid(),
      tanh: x.tanh(),
      crossEntropy: x.sigmoidCrossEntropy(0),
      relu: x.relu(),
    };
    for (const [name, { got }] of Object.entries(await both(outputs))) {
      expect(got[0], name).toBeNaN();
    }
  });

  test('infinities arise and vanish as in the definition', async () => {
    const graph = newGraph();
    const data = Float32Array.of(0, -0, -1, Infinity, -Infinity, 89, -105);
    const x = graph.constant(data, [data.length]);
    const results = await both({
      log: x.log(),
      log1p: x.sub(1).log1p(),
      exp: x.exp(),
      expm1: x.expm1(),
      sigmoid: x.sigmoid(),
      softplus: x.narrow(0, 0, 4).softplus(),
      tanh: x.tanh(),
      root: x.maximum(0).pow(0.5),
      inverse: x.maximum(0).pow(-0.5),
    });
    for (const [name, { got, want }] of Object.entries(results)) {
      const wanted = Array.from(want, (y) => (Math.abs(y) < 2 ** -126 ? 0 : Math.fround(y)));
      const rounded = Array.from(got, (y, i) => (relativeError(y, wanted[i]!) < 1e-6 ? wanted[i]! : y));
      expect(rounded, name).toEqual(wanted);
    }
  });

  test('philox draws the words of the host, and iota counts', async () => {
    const graph = newGraph();
    const state = graph.state('state', [4], [0xdeadbeef, 7, 0xfffffffe, 3], 'u32');
    const words = [0, 1, 2, 3].map((at) => state.narrow(0, at, at + 1).reshape([]));
    const results = await both({
      words: graph.apply('philox', words, { shape: [7, 33], stream: 0x80000001 }),
      row: graph.iota([5, 3], 0),
      column: graph.iota([5, 3], 1),
    });
    for (const [name, { got, want }] of Object.entries(results)) expect([...got], name).toEqual([...want]);
  });

  test('every pointwise op was looked at', () => {
    const here = [
      ...unary.map(([op]) => op),
      ...['sigmoidCrossEntropy', 'pow', 'add', 'sub', 'mul', 'div', 'maximum', 'minimum'],
      ...[
        'eq',
        'ne',
        'lt',
        'le',
        'gt',
        'ge',
        'and',
        'or',
        'not',
        'select',
        'cast',
        'isFinite',
        'philox',
        'iota',
      ],
    ];
    const pointwise = (Object.keys(ops) as OpName[]).filter((op) => ops[op].lower.kind === 'pointwise');
    expect(here.sort()).toEqual(pointwise.sort());
  });
});
