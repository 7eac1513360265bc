import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { grads } from '../../src/autodiff/index.ts';
import { Interpreter } from '../../src/backend/cpu/interpreter.ts';
import type { OpName } from '../../src/graph/index.ts';
import { ops } from '../../src/ops/index.ts';
import type { HostArray, Precision } from '../../src/tensor/types.ts';
import { type RandomGraph, randomGraph } from '../support/random-graph.ts';

function valuesAndGradients({ inputs, outputs, loss }: RandomGraph, precision: Precision): HostArray[] {
  const [gradients] = grads(
    [loss],
    inputs.map(({ value }) => value),
  );
  const roots = [...outputs, loss, ...gradients!].map(({ node }) => node);
  const leaves = new Map(inputs.map(({ value, data }) => [value.node, data]));
  return [...new Interpreter(roots, precision).evaluate(leaves)];
}

/** The largest difference in units of max(1, largest magnitude) of its tensor. */
function distance(a: readonly HostArray[], b: readonly HostArray[]): number {
  return Math.max(
    ...a.map((left, i) => {
      const right = b[i]!;
      const scale = Math.max(1, ...left.map(Math.abs));
      return Math.max(...Array.from(left, (x, at) => Math.abs(x - right[at]!))) / scale;
    }),
  );
}

describe('random graphs', () => {
  test('are well-conditioned: float32 agrees with float64, values and gradients', () => {
    fc.assert(
      fc.property(randomGraph(), (graph) => {
        const definition = valuesAndGradients(graph, 'f64');
        expect(definition.every((array) => array.every(Number.isFinite))).toBe(true);
        expect(distance(definition, valuesAndGradients(graph, 'f32'))).toBeLessThan(2e-5);
      }),
      { numRuns: 120, seed: 3 },
    );
  });

  test('hold every differentiable op, and mostly more than 20 nodes', () => {
    const seen = new Set<OpName>();
    const sizes: number[] = [];
    for (const { graph } of fc.sample(randomGraph(), { numRuns: 200, seed: 4 })) {
      sizes.push(graph.nodes.length);
      for (const { op } of graph.nodes) seen.add(op);
    }
    const differentiable = (Object.keys(ops) as OpName[]).filter((op) => ops[op].vjp !== 'none');
    expect(differentiable.filter((op) => !seen.has(op))).toEqual([]);
    sizes.sort((a, b) => a - b);
    expect(sizes[50]).toBeGreaterThan(20);
  });
});
