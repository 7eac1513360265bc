// What surprises people in autodiff engines, each with its workaround or the choice made here.
import { describe, expect, test } from 'vitest';
import { customVjp, grads } from '../../src/autodiff/index.ts';
import { evaluate } from '../../src/backend/cpu/interpreter.ts';
import type { Graph, Value } from '../../src/graph/index.ts';
import { newGraph } from '../../src/ops/index.ts';

/** d Σ f(x) / dx at `data`. */
function slope(data: readonly number[], f: (x: Value, graph: Graph) => Value): number[] {
  const graph = newGraph();
  const x = graph.state('x', [data.length], data);
  return [...evaluate(grads([f(x, graph).sum()], [x])[0]!)[0]!];
}

describe('masks', () => {
  test('a mask by product lets NaN through, a mask by select does not', () => {
    const graph = newGraph();
    const x = graph.constant([Number.NaN, 2], [2]);
    const keep = graph.constant([0, 1], [2], 'bool');
    const [product, selected] = evaluate([x.mul(keep.cast('f32')), keep.select(x, 0)]);
    expect([...product!]).toEqual([Number.NaN, 2]);
    expect([...selected!]).toEqual([0, 2]);
  });

  test('the gradient of select is exactly 0 on the side not taken', () => {
    expect(slope([-1, 4], (x) => x.gt(0).select(x.square(), x.mul(0)))).toEqual([0, 8]);
  });

  test('a function that is infinite where masked spoils the gradient: mask its argument, not only its result', () => {
    const late = slope([0, 2], (x) => x.gt(0).select(x.log(), 0));
    const early = slope([0, 2], (x) => {
      const keep = x.gt(0);
      return keep.select(keep.select(x, 1).log(), 0);
    });
    expect(late).toEqual([Number.NaN, 0.5]);
    expect(early).toEqual([0, 0.5]);
  });

  test('a quotient by a count that may be 0: the denominator is guarded, not the quotient', () => {
    expect(slope([3], (x, graph) => x.sum().div(graph.constant([0], []).maximum(1)))).toEqual([1]);
  });
});

describe('kinks and ties', () => {
  test('abs and relu have gradient 0 at 0', () => {
    expect(slope([0, -2, 2], (x) => x.abs())).toEqual([0, -1, 1]);
    expect(slope([0, -2, 2], (x) => x.relu())).toEqual([0, 0, 1]);
  });

  test('sqrt has gradient 0 at 0, so the norm of a zero vector has gradient 0 instead of NaN', () => {
    expect(slope([0, 0], (x) => x.square().sum().sqrt())).toEqual([0, 0]);
    expect(slope([6, 8], (x) => x.square().sum().sqrt().mul(10))).toEqual([6, 8]);
  });

  test('sqrt of a negative number still gives NaN, not a silent 0', () => {
    expect(slope([-1], (x) => x.sqrt())).toEqual([Number.NaN]);
  });

  test('max and min over an axis share the gradient among all ties', () => {
    expect(slope([2, 5, 5, 1], (x) => x.max())).toEqual([0, 0.5, 0.5, 0]);
    expect(slope([1, 5, 1, 1], (x) => x.min().mul(6))).toEqual([2, 0, 2, 2]);
  });

  test('maximum and minimum give half to each operand at a tie; relu(x) is not maximum(x, 0) at 0', () => {
    expect(slope([0, 1, -1], (x) => x.maximum(0))).toEqual([0.5, 1, 0]);
    expect(slope([0, 1, -1], (x) => x.minimum(0))).toEqual([0.5, 0, 1]);
    expect(slope([3], (x) => x.maximum(x))).toEqual([1]);
  });

  test('0 to the power 0 is 1 with gradient 0, and no gradient flows to the exponent of a base that is not positive', () => {
    expect(slope([0, 2], (x) => x.pow(0).add(x.mul(0)))).toEqual([0, 0]);
    expect(slope([2, 3], (b, graph) => graph.constant([0, -1], [2]).pow(b))).toEqual([0, 0]);
    expect(slope([0], (x, graph) => x.pow(graph.constant([0], [1])))).toEqual([0]);
  });
});

describe('steps without a gradient', () => {
  test('rounding, comparison, argMax and casts to integers pass zeros, not an error', () => {
    expect(slope([0.4, 1.6], (x) => x.round())).toEqual([0, 0]);
    expect(slope([0.4, 1.6], (x) => x.gt(1).cast('f32'))).toEqual([0, 0]);
    expect(slope([0.4, 1.6], (x) => x.argMax().cast('f32'))).toEqual([0, 0]);
    expect(slope([0.4, 1.6], (x) => x.cast('i32').cast('f32'))).toEqual([0, 0]);
  });

  test('a straight-through estimator is a customVjp', () => {
    expect(slope([0.4, 1.6], (x) => customVjp(x.round(), [x], (g) => [g]))).toEqual([1, 1]);
  });
});

describe('extremes', () => {
  test('log-sum-exp, softmax and cross-entropy of ±1000 are exact, and so are their gradients', () => {
    expect(slope([1000, -1000], (x) => x.logSumExp())).toEqual([1, 0]);
    expect(slope([1000, -1000], (x) => x.reshape([1, 2]).logSoftmax().narrow(1, 1, 2))).toEqual([-1, 1]);
    expect(
      slope([1000, -1000], (x, graph) =>
        x.reshape([1, 2]).softmaxCrossEntropy(graph.constant([1], [1], 'u32')),
      ),
    ).toEqual([1, -1]);
  });

  test('log-sum-exp over nothing but −∞ is −∞ with gradient 0', () => {
    expect(slope([-Infinity, -Infinity], (x) => x.logSumExp())).toEqual([0, 0]);
  });

  test('sigmoid cross-entropy of a logit of ±1000 is finite: no log of 0', () => {
    const graph = newGraph();
    const loss = graph.constant([1000, -1000], [2]).sigmoidCrossEntropy(graph.constant([0, 0], [2]));
    expect([...evaluate([loss])[0]!]).toEqual([1000, 0]);
  });

  test('layer norm of a constant row is 0 with a finite gradient', () => {
    expect(slope([2, 2, 2], (x) => x.reshape([1, 3]).layerNorm().square())).toEqual([0, 0, 0]);
  });
});
