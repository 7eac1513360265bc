// Every op that is a kernel of its own, on WebAssembly against its definition: random calls over odd sizes, with
// operands that lie contiguous, begin amid a buffer, or are permuted.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../src/backend/cpu/interpreter.ts';
import { table } from '../../src/backend/wasm/table.ts';
import type { Graph, Value } from '../../src/graph/index.ts';
import { newGraph, ops } from '../../src/ops/index.ts';
import { Random } from '../../src/tensor/random.ts';
import { numel } from '../../src/tensor/shape.ts';
import type { HostArray } from '../../src/tensor/types.ts';
import { draw, expectClose, kernelCases, type Operand } from '../support/kernel-cases.ts';
import { evaluateOnWasm } from '../support/wasm.ts';

type Placing = 'whole' | 'amid' | 'permuted';

/** An operand of that shape which lies in memory as `placing` says, and the input behind it. */
function place(
  graph: Graph,
  name: string,
  { shape, dtype }: Operand,
  placing: Placing,
): { operand: Value; input: Value } {
  if (placing === 'permuted') {
    const input = graph.input(name, shape.toReversed(), dtype);
    return { operand: input.permute(shape.map((_, axis) => shape.length - 1 - axis)), input };
  }
  if (placing === 'amid') {
    const input = graph.input(name, [numel(shape) + 5], dtype);
    return { operand: input.narrow(0, 3, numel(shape) + 3).reshape(shape), input };
  }
  const input = graph.input(name, shape, dtype);
  return { operand: input, input };
}

const placing = fc.constantFrom<Placing>('whole', 'amid', 'permuted');

describe('kernels in WebAssembly', () => {
  test.each(kernelCases)('$name gives what its definition gives', async ({ cases }) => {
    await fc.assert(
      fc.asyncProperty(
        cases,
        placing,
        placing,
        fc.nat(1e6),
        async ({ operands, build }, first, second, seed) => {
          const random = new Random(seed);
          const graph = newGraph();
          const placed = operands.map((operand, i) =>
            place(graph, `x${i}`, operand, i % 2 === 0 ? first : second),
          );
          const value = build(...placed.map(({ operand }) => operand));
          const feeds = new Map(
            placed.map(({ input }, i): [Value, HostArray] => [
              input,
              draw({ ...operands[i]!, shape: input.shape }, random),
            ]),
          );
          const [expected] = evaluate([value], feeds);
          const [actual] = await evaluateOnWasm([value], feeds);
          if (value.dtype === 'f32') expectClose(actual!, expected!, 2e-6);
          else expect(actual).toEqual(expected);
        },
      ),
      { numRuns: 60, seed: 3 },
    );
  });

  test('no kernel is left out above', () => {
    const drawn = kernelCases.flatMap(({ cases }) =>
      fc.sample(cases, { numRuns: 20, seed: 1 }).map(({ operands, build }) => {
        const graph = newGraph();
        return build(...operands.map(({ shape, dtype }, i) => graph.input(`x${i}`, shape, dtype))).node.op;
      }),
    );
    const kernels = Object.entries(table).flatMap(([name, { kind }]) => (kind === 'kernel' ? [name] : []));
    expect(kernels.filter((name) => !new Set<string>(drawn).has(name))).toEqual([]);
  });

  test('the table and the op table agree on what is a leaf, a view, pointwise or a kernel', () => {
    const same = { leaf: ['leaf'], view: ['view'], pointwise: ['lanes'], kernel: ['kernel', 'host'] };
    for (const [name, { lower }] of Object.entries(ops)) {
      expect(same[lower.kind], name).toContain(table[name as keyof typeof table].kind);
    }
  });
});
