// Matrix products on WebAssembly: every path (tiles and their remainders, packed and in-place operands, blocks over K,
// products of rows) in every transposition, and the order of additions.
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../src/backend/cpu/interpreter.ts';
import { newGraph } from '../../src/ops/index.ts';
import { Random } from '../../src/tensor/random.ts';
import type { Shape } from '../../src/tensor/types.ts';
import { evaluateOnWasm } from '../support/wasm.ts';

interface Product {
  readonly batch?: Shape;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

const products: readonly Product[] = [
  { m: 1, n: 1, k: 1 },
  { m: 1, n: 1, k: 700 },
  { m: 1, n: 50, k: 300 },
  { m: 50, n: 1, k: 300 },
  { m: 2, n: 37, k: 129 },
  { m: 37, n: 2, k: 129 },
  { m: 3, n: 5, k: 600 },
  { m: 7, n: 3, k: 40 },
  { m: 13, n: 33, k: 17 },
  { m: 33, n: 70, k: 257 },
  { m: 66, n: 17, k: 31 },
  { m: 17, n: 24, k: 1 },
  { m: 40, n: 40, k: 2000 },
  { m: 5, n: 2100, k: 70 },
  { batch: [3], m: 5, n: 9, k: 300 },
  { batch: [2, 2], m: 19, n: 20, k: 21 },
  { batch: [3], m: 4, n: 1, k: 5 },
];

const transpositions = [
  { kind: 'nn', transA: false, transB: false },
  { kind: 'nt', transA: false, transB: true },
  { kind: 'tn', transA: true, transB: false },
  { kind: 'tt', transA: true, transB: true },
];

describe.each(transpositions)('matmul.$kind', ({ transA, transB }) => {
  test.each(products)('$batch $m×$n over $k is that of the interpreter', async ({ batch = [], m, n, k }) => {
    const random = new Random(m * 1000 + n);
    const graph = newGraph();
    const a = graph.input('a', [...batch, ...(transA ? [k, m] : [m, k])]);
    const b = graph.input('b', [...batch, ...(transB ? [n, k] : [k, n])]);
    const feeds = new Map(
      [a, b].map((x) => [x, Float32Array.from({ length: x.size }, () => random.normal())]),
    );
    const product = a.matmul(b, { transA, transB });
    const [expected] = evaluate([product], feeds);
    const [actual] = await evaluateOnWasm([product], feeds);
    // Magnitudes are about √k; blocks of 256 keep the error near that of a short sum.
    const tolerance = 2e-6 * Math.sqrt(k);
    expected!.forEach((x, i) => {
      if (!(Math.abs(actual![i]! - x) <= tolerance))
        expect.fail(`element ${i}: expected ${x}, got ${actual![i]}`);
    });
  });
});

test('NaN and infinity in an operand stay in their own rows and columns', async () => {
  const graph = newGraph();
  const a = graph.input('a', [9, 6]);
  const b = graph.input('b', [6, 11]);
  const left = new Float32Array(54).fill(1);
  left[3 * 6 + 5] = NaN;
  const right = new Float32Array(66).fill(1);
  right[2 * 11 + 10] = Infinity;
  const feeds = new Map([
    [a, left],
    [b, right],
  ]);
  const [expected] = evaluate([a.matmul(b)], feeds);
  const [actual] = await evaluateOnWasm([a.matmul(b)], feeds);
  expect(Array.from(actual!)).toEqual(Array.from(expected!));
});

test('a long product is summed in blocks: 2^18 terms of one sign are right to 1e-6', async () => {
  const k = 1 << 18;
  const graph = newGraph();
  const a = graph.input('a', [3, k]);
  const b = graph.input('b', [3, k]);
  const random = new Random(2);
  const feeds = new Map(
    [a, b].map((x) => [x, Float32Array.from({ length: x.size }, () => random.uniform())]),
  );
  const gram = a.matmul(b, { transB: true });
  const [expected] = evaluate([gram], feeds);
  const [actual] = await evaluateOnWasm([gram], feeds);
  expected!.forEach((x, i) => {
    expect(Math.abs(actual![i]! / x - 1)).toBeLessThan(1e-6);
  });
});
