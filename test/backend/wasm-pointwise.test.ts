// Every pointwise op on WebAssembly against its definition, in every dtype it takes, with the corners of float32 and
// of the integers among the elements, and operands that broadcast, are permuted or cut.
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../src/backend/cpu/interpreter.ts';
import type { pointwise } from '../../src/backend/wasm/pointwise.ts';
import type { Graph, OpAttrs, Value } from '../../src/graph/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import { Random } from '../../src/tensor/random.ts';
import { allocate, type DType, type HostArray } from '../../src/tensor/types.ts';
import { evaluateOnWasm } from '../support/wasm.ts';

type Op = Exclude<keyof typeof pointwise, 'iota' | 'philox'>;

interface Case {
  /** Dtypes of the operands, one list a variant. */
  readonly operands: readonly (readonly DType[])[];
  /** Takes each element of an operand to one of the op's domain. */
  readonly domain?: (x: number, operand: number) => number;
  readonly attrs?: readonly OpAttrs['cast'][];
}

const f: readonly DType[] = ['f32'];
const numbers: readonly DType[] = ['f32', 'i32', 'u32'];
const all: readonly DType[] = [...numbers, 'bool'];
const same = (dtypes: readonly DType[], count: number): DType[][] =>
  dtypes.map((dtype) => Array(count).fill(dtype));
const unary = (dtypes: readonly DType[], domain?: Case['domain']): Case => ({
  operands: same(dtypes, 1),
  ...(domain && { domain }),
});
const binary = (dtypes: readonly DType[], domain?: Case['domain']): Case => ({
  operands: same(dtypes, 2),
  ...(domain && { domain }),
});

/** `sin` and `cos` are reduced exactly up to here. */
const reducible = (x: number): number => (Math.abs(x) < 1e6 ? x : x % 1000);

const cases: { readonly [K in Op]: Case } = {
  neg: unary(['f32', 'i32']),
  abs: unary(['f32', 'i32']),
  sign: unary(['f32', 'i32']),
  exp: unary(f),
  expm1: unary(f),
  log: unary(f),
  log1p: unary(f),
  sqrt: unary(f),
  rsqrt: unary(f),
  square: unary(numbers),
  reciprocal: unary(f),
  sin: unary(f, reducible),
  cos: unary(f, reducible),
  tanh: unary(f),
  sigmoid: unary(f),
  softplus: unary(f),
  relu: unary(f),
  floor: unary(f),
  ceil: unary(f),
  round: unary(f),
  not: unary(['bool']),
  isFinite: unary(f),
  cast: { operands: same(all, 1), attrs: all.map((dtype) => ({ dtype })) },
  add: binary(numbers),
  sub: binary(numbers),
  mul: binary(numbers),
  div: binary(numbers),
  pow: binary(f, (x, operand) => (operand === 0 ? Math.abs(x) : x)),
  maximum: binary(numbers),
  minimum: binary(numbers),
  eq: binary(all),
  ne: binary(all),
  lt: binary(numbers),
  le: binary(numbers),
  gt: binary(numbers),
  ge: binary(numbers),
  and: binary(['bool']),
  or: binary(['bool']),
  select: { operands: all.map((dtype): DType[] => ['bool', dtype, dtype]) },
  sigmoidCrossEntropy: binary(f),
};

const floats = [
  0,
  -0,
  1,
  -1,
  0.5,
  -2.5,
  3.5,
  1e-40,
  -1e-45,
  1e-20,
  3e38,
  -3e38,
  88.8,
  -104,
  2 ** 31,
  2 ** 32,
  NaN,
];
const corners: Record<DType, readonly number[]> = {
  f32: [...floats, Infinity, -Infinity],
  i32: [0, 1, -1, 7, -7, 2 ** 31 - 1, -(2 ** 31), 46341, 65537],
  u32: [0, 1, 7, 2 ** 31, 2 ** 32 - 1, 46341, 65537],
  bool: [0, 1],
};

/** All pairs of corners meet: the first operand runs through them slowly, the others fast. */
function draw(
  dtype: DType,
  which: number,
  length: number,
  random: Random,
  domain: NonNullable<Case['domain']> = (x) => x,
): HostArray {
  const known = corners[dtype];
  const data = allocate(dtype, length).map((_, i) => {
    const at = which === 0 ? Math.floor(i / known.length) : i;
    if (i < known.length ** 2) return domain(known[at % known.length]!, which);
    return domain(dtype === 'f32' ? 3 * random.normal() : random.uint32(), which);
  });
  return dtype === 'bool' ? data.map((x) => x % 2) : data;
}

/** Within a few units of the last place of float32; of sums, of the larger operand's last place. */
function expectSame(
  actual: HostArray,
  expected: HostArray,
  scale: (i: number) => number,
  what: string,
): void {
  expected.forEach((x, i) => {
    const want = Math.fround(x);
    const got = actual[i]!;
    if (got === want || (Number.isNaN(got) && Number.isNaN(want))) return;
    const near = Math.abs(got - x) <= 4e-7 * Math.max(Math.abs(x), scale(i)) + 2 ** -148;
    if (!near) expect.fail(`${what}, element ${i}: expected ${want}, got ${got}`);
  });
}

const shape = [11, 37];
const length = 11 * 37;

describe('pointwise ops in WebAssembly', () => {
  test.each(Object.entries(cases))(
    '%s gives what its definition gives',
    async (name, { operands, domain, attrs = [{}] }) => {
      for (const dtypes of operands) {
        for (const attr of attrs) {
          const random = new Random(5);
          const graph = newGraph();
          const inputs = dtypes.map((dtype, i) => graph.input(`x${i}`, shape, dtype));
          const feeds = new Map(inputs.map((x, i) => [x, draw(x.dtype, i, length, random, domain)]));
          const value = graph.apply(name as Op, inputs, attr as OpAttrs[Op]);
          const [expected] = evaluate([value], feeds);
          const [actual] = await evaluateOnWasm([value], feeds);
          const what = `${name} of ${dtypes.join()} ${JSON.stringify(attr)}`;
          // A cross-entropy subtracts z·t from the positive part of z: what cancels there is lost in any float32.
          const largest = (i: number): number =>
            name === 'sigmoidCrossEntropy'
              ? Math.abs(feeds.get(inputs[0]!)![i]! * (1 + Math.abs(feeds.get(inputs[1]!)![i]!)))
              : 0;
          expectSame(actual!, expected!, largest, what);
        }
      }
    },
  );

  test.each([1, 2, 3, -1, -2, 7, 16, 0])(
    'a power with the literal exponent %i takes any base',
    async (exponent) => {
      const graph = newGraph();
      const x = graph.input('x', [64]);
      const feeds = new Map([[x, Float32Array.from({ length: 64 }, (_, i) => (i - 32) / 11)]]);
      const [expected] = evaluate([x.pow(exponent)], feeds);
      const [actual] = await evaluateOnWasm([x.pow(exponent)], feeds);
      expected!.forEach((want, i) => {
        if (Number.isFinite(want)) expect(Math.abs(actual![i]! / want - 1) || 0).toBeLessThan(2e-6);
        else expect(actual![i]).toBe(want);
      });
    },
  );

  test('iota counts along its axis, also where it is cut, permuted and broadcast', async () => {
    const graph = newGraph();
    const values = [0, 1, 2].map((axis) =>
      graph.iota([3, 5, 7], axis).permute([2, 0, 1]).slice([1, 0, 2], [6, 3, 5]),
    );
    expect(await evaluateOnWasm(values)).toEqual(evaluate(values));
  });

  test('philox gives the words of the host generator', async () => {
    const graph = newGraph();
    const words = [1, 2 ** 31 + 5, 0xfffffffe, 77].map((word) => graph.constant([word], [], 'u32'));
    const values = [[1], [5], [3, 7, 11], [1000]].map((extents) =>
      graph.apply('philox', words, { shape: extents, stream: 0x80000001 }),
    );
    expect(await evaluateOnWasm(values)).toEqual(evaluate(values));
  });
});

describe('chains', () => {
  /** Operands whose walks through memory differ, under one sum. */
  async function agree(build: (graph: Graph, x: Value) => Value, extents: readonly number[]): Promise<void> {
    const graph = newGraph();
    const x = graph.input('x', extents);
    const random = new Random(9);
    const feeds = new Map([[x, Float32Array.from({ length: x.size }, () => random.normal())]]);
    const value = build(graph, x);
    const [expected] = evaluate([value], feeds);
    const [actual] = await evaluateOnWasm([value], feeds);
    expected!.forEach((want, i) => {
      expect(Math.abs(actual![i]! - want)).toBeLessThan(1e-6 * (1 + Math.abs(want)));
    });
  }

  test.each([[[6, 4]], [[1, 1]], [[5, 13]], [[13, 5]], [[64, 3]]])(
    'x + xᵀ-shaped, row and column operands over %j',
    async (extents) => {
      await agree((_, x) => {
        const column = x.narrow(1, 0, 1).tanh();
        const row = x.narrow(0, 0, 1).exp();
        const turned = x.permute([1, 0]).reshape([x.size]).reshape(x.shape);
        return x.add(column).mul(row).sub(turned).add(x.sum());
      }, extents);
    },
  );

  test('shapes whose boundaries cross: [6, 4] and [8, 3] of the same elements', async () => {
    await agree(
      (graph, x) => {
        const byRow = graph.iota([6], 0).cast('f32').unsqueeze(1);
        const byColumn = graph.iota([3], 0).cast('f32').unsqueeze(0);
        return x.add(byRow).reshape([8, 3]).mul(byColumn).reshape([24]);
      },
      [6, 4],
    );
  });

  test('a strided innermost axis, an outermost broadcast and an expanded scalar', async () => {
    await agree(
      (_, x) => {
        const strided = x.reshape([3, 10, 7]).permute([2, 1, 0]);
        const outer = strided.narrow(2, 1, 2).expand([7, 10, 3]);
        return strided.mul(outer).add(x.mean()).expand([2, 7, 10, 3]).square();
      },
      [210],
    );
  });
});
