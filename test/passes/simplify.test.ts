// Simplification changes the graph, never an answer.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { customVjp, grads } from '../../src/autodiff/index.ts';
import { Interpreter } from '../../src/backend/cpu/interpreter.ts';
import { type Node, topologicalOrder, type Value } from '../../src/graph/index.ts';
import { Generator } from '../../src/nn/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import { literalOf } from '../../src/passes/fold.ts';
import { simplify } from '../../src/passes/simplify.ts';
import { randomGraph } from '../support/random-graph.ts';
import { difference } from '../support/traces.ts';

function simplified(...values: Value[]): Node[] {
  const rewriting = simplify(values.map(({ node }) => node));
  return values.map(({ node }) => rewriting.get(node)!);
}

/** The ops that are left, in topological order, leaves included. */
const opsOf = (...values: Value[]): string[] => topologicalOrder(simplified(...values)).map(({ op }) => op);

describe('simplify', () => {
  test('random graphs and their gradients keep every value', () => {
    const property = fc.property(randomGraph(), ({ inputs, outputs, loss }) => {
      const [gradients] = grads(
        [loss],
        inputs.map(({ value }) => value),
      );
      const roots = [...outputs, loss, ...gradients!];
      const feeds = new Map(inputs.map(({ value, data }) => [value.node, data]));
      const values = new Interpreter(
        roots.map(({ node }) => node),
        'f64',
      )
        .evaluate(feeds)
        .map((v) => v.slice());
      const after = new Interpreter(simplified(...roots), 'f64').evaluate(feeds);
      // Folded literals are rounded to float32, as they are on the device.
      values.forEach((value, i) => void expect(difference(after[i]!, value, 1e-6)).toBeUndefined());
    });
    fc.assert(property, { numRuns: 60, seed: 41 });
  });

  test('equal subexpressions are computed once', () => {
    const x = newGraph().input('x', [3]);
    const [a, b] = simplified(x.exp().add(1), x.exp().add(1));
    expect(a).toBe(b);
    expect(opsOf(x.sum().add(x.sum()))).toEqual(['input', 'sum', 'add']);
  });

  test('leaves, random streams and attributes that differ are kept apart', () => {
    const graph = newGraph();
    const generator = new Generator(graph, 1);
    const [u, v] = simplified(generator.uniform([4]), generator.uniform([4]));
    expect(u).not.toBe(v);
    const [a, b] = simplified(graph.constant([1], [1]).neg(), graph.constant([1], [1]).neg());
    expect(a).not.toBe(b);
    const x = graph.input('x', [2, 2]);
    const different = [
      [x.sum(0), x.sum(1)],
      [x.cast('i32'), x.cast('u32')],
      [x.pad([1, 0], [0, 0], Infinity), x.pad([1, 0], [0, 0], -Infinity)],
      [x.layerNorm(1e-5), x.layerNorm(1e-3)],
      [x.mul(0), x.mul(-0)],
    ];
    for (const [one, other] of different) {
      const [first, second] = simplified(one!, other!);
      expect(first).not.toBe(second);
    }
  });

  test('identities go: x + 0, x · 1, x / 1, −(−x), stretched zeros and ones', () => {
    const graph = newGraph();
    const x = graph.input('x', [2, 3]);
    const zeros = graph.literal(0).expand([2, 3]);
    const same = [x.add(0), x.sub(0), x.mul(1), x.div(1), x.neg().neg(), x.add(zeros), zeros.add(x)];
    const moved = [x.permute([0, 1]), x.sum([]), x.reshape([6]).reshape([2, 3]), x.stopGradient()];
    const decreed = customVjp(x, [x], (g) => [g]);
    for (const value of [...same, ...moved, decreed]) expect(simplified(value)[0]).toBe(x.node);
  });

  test('an operation that stretches its operand is no identity', () => {
    const graph = newGraph();
    const x = graph.input('x', [3]);
    const [sum] = simplified(x.add(graph.literal(0).expand([2, 3])));
    expect(sum!.shape).toEqual([2, 3]);
    expect(sum!.op).toBe('add');
  });

  test('arithmetic on literals alone is done, with float32 and integer rules', () => {
    const graph = newGraph();
    const value = (of: Value): number => {
      const [node] = simplified(of);
      return node!.op === 'literal' ? node.attrs.value : Number.NaN;
    };
    expect(value(graph.literal(0.1).add(0.2))).toBe(Math.fround(Math.fround(0.1) + Math.fround(0.2)));
    expect(value(graph.literal(7, 'i32').div(-2))).toBe(-3);
    expect(value(graph.literal(2 ** 31, 'u32').mul(2))).toBe(0);
    expect(value(graph.literal(1).div(0))).toBe(Infinity);
    expect(value(graph.literal(3.9).cast('u32').cast('f32'))).toBe(3);
    expect(value(graph.literal(1).gt(0).select(5, 6))).toBe(5);
    expect(opsOf(graph.literal(2).expand([4]).mul(3))).toEqual(['literal', 'expand']);
  });

  test('stretched literals of different value stay apart', () => {
    const graph = newGraph();
    const two = graph.literal(2).expand([4]);
    const [six, ten] = simplified(two.mul(3), two.mul(5));
    expect(six).not.toBe(ten);
    expect([six, ten].map((node) => literalOf(node!)?.attrs.value)).toEqual([6, 10]);
  });

  test('zero-padded pieces that touch become one concat, padded where they leave room; others are added', () => {
    const graph = newGraph();
    const piece = (name: string, low: number, width: number): Value =>
      graph.input(name, [2, width]).pad([0, low], [0, 9 - low - width]);
    const [a, b, c] = [piece('a', 0, 4), piece('b', 4, 2), piece('c', 6, 3)];
    expect(opsOf(c.add(b).add(a)).filter((op) => op !== 'input')).toEqual(['concat']);
    expect(opsOf(b.add(c)).filter((op) => op !== 'input')).toEqual(['concat', 'pad']);
    expect(opsOf(a.add(c)).filter((op) => op !== 'input')).toEqual(['pad', 'pad', 'add']);
    const overlapping = graph.input('d', [2, 3]).pad([0, 3], [0, 3]);
    expect(opsOf(a.add(overlapping))).toContain('add');
    const whole = [0, 4].map((low) => graph.input(`i${low}`, [2, 4], 'i32').pad([0, low], [0, 4 - low]));
    expect(opsOf(whole[0]!.add(whole[1]!), whole[0]!)).toEqual(['input', 'input', 'concat', 'pad']);
    const ones = graph.input('e', [2, 5]).pad([0, 4], [0, 0], 1);
    expect(opsOf(a.add(ones))).toContain('add');
  });

  test('a transposed operand becomes the product’s own flag, twice transposed none', () => {
    const graph = newGraph();
    const [a, b] = [graph.input('a', [5, 4, 3]), graph.input('b', [5, 4, 6])];
    const [product] = simplified(a.transpose().matmul(b));
    expect(product!.attrs).toEqual({ transA: true, transB: false });
    const d = graph.input('d', [5, 3, 6]);
    const [plain] = simplified(a.transpose().matmul(d.transpose(), { transA: true, transB: true }));
    expect(plain!.op === 'matmul' && plain!.attrs).toEqual({ transA: false, transB: false });
    const [other] = simplified(a.permute([1, 0, 2]).matmul(graph.input('c', [4, 3, 2])));
    expect(other!.op === 'matmul' && other!.attrs).toEqual({ transA: false, transB: false });
    expect(other!.inputs[0]!.op).toBe('permute');
  });

  test('reductions over extents of 1 are reshapes', () => {
    const x = newGraph().input('x', [3, 1, 2]);
    expect(opsOf(x.sum(1), x.max(1, true), x.min(1))).toEqual(['input', 'reshape']);
  });
});
