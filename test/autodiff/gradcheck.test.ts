import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { customVjp, vjp } from '../../src/autodiff/index.ts';
import { gradcheck } from '../../src/backend/cpu/gradcheck.ts';
import type { OpName, Value } from '../../src/graph/index.ts';
import { ops } from '../../src/ops/index.ts';
import type { Call } from '../support/op-calls.ts';
import { opCases } from '../support/op-cases.ts';

const names = Object.keys(ops) as OpName[];
const differentiable = names.flatMap((name) => {
  const opCase = opCases[name];
  return opCase === 'none' ? [] : [{ name, ...opCase }];
});

/** All gradients of ⟨f, cotangent⟩ in one vector, for a cotangent whose elements differ. */
function gradientOf(build: Call['build']): Call['build'] {
  return (values, graph) => {
    const output = build(values, graph);
    const cotangent = Array.from({ length: output.size }, (_, i) => 0.5 + 0.25 * (i % 5));
    const [first, ...rest] = vjp([output], [graph.constant(cotangent, output.shape)], values).map(
      (gradient): Value => gradient.reshape([-1]),
    );
    return first!.concat(rest, 0);
  };
}

describe('gradients, in the middle of a graph (rule 2)', () => {
  test('the table and the cases agree on which ops have one', () => {
    expect(names.filter((name) => ops[name].vjp !== 'none')).toEqual(differentiable.map(({ name }) => name));
  });

  test.each(differentiable)('$name agrees with central differences', ({ calls }) => {
    fc.assert(
      fc.property(calls, ({ build, inputs }) => gradcheck(build, inputs)),
      { numRuns: 25, seed: 1 },
    );
  });

  test.each(differentiable.filter(({ smooth }) => smooth))(
    'the gradient of $name has itself a gradient that agrees',
    ({ calls }) => {
      fc.assert(
        fc.property(calls, ({ build, inputs }) => gradcheck(gradientOf(build), inputs)),
        { numRuns: 15, seed: 2 },
      );
    },
  );
});

describe('gradcheck itself', () => {
  const input = { shape: [2, 3], data: [0.3, -0.7, 1.1, 0.2, -1.3, 0.9] };
  const wrong = (backward: (g: Value, x: Value) => Value): (() => void) => {
    return () => gradcheck(([x]) => customVjp(x!.sin(), [x!], (g) => [backward(g, x!)]), [input]);
  };

  test('passes a right rule', () => {
    expect(wrong((g, x) => g.mul(x.cos()))).not.toThrow();
  });
  test('finds a rule that forgets its upstream gradient', () => {
    expect(wrong((_, x) => x.cos())).toThrow(/element 0 of input 0 \(\[2,3\]\): the gradient is/);
  });
  test('finds a factor of 1 ± 1e-5', () => {
    expect(wrong((g, x) => g.mul(x.cos()).mul(1 + 1e-5))).toThrow('gradcheck');
  });
  test('finds a rule that sums its upstream gradient too early', () => {
    expect(wrong((g, x) => g.mean().mul(x.cos()))).toThrow('gradcheck');
  });
});
