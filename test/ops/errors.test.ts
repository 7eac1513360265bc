import { describe, expect, test } from 'vitest';
import { evaluate, Interpreter } from '../../src/backend/cpu/interpreter.ts';
import type { Value } from '../../src/graph/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import { GraphError, ProgramError } from '../../src/tensor/errors.ts';
import type { DType, Shape } from '../../src/tensor/types.ts';

const graph = newGraph();
const value = (shape: Shape, dtype: DType = 'f32'): Value =>
  graph.input(`v${graph.nodes.length}`, shape, dtype);

const [scalar, vector, matrix, batch] = [value([]), value([4]), value([2, 3]), value([5, 2, 3])];
const [labels, flag] = [value([2], 'u32'), value([2, 3], 'bool')];

describe('a call that does not fit is a GraphError with what was wanted, all that came, and the line', () => {
  test.each<[string, () => Value, string]>([
    ['shapes', () => matrix.add(vector), 'add: expected shapes that broadcast, got [2,3] and [4]'],
    [
      'dtypes',
      () => matrix.add(flag),
      'add: expected 2 operands of f32 or i32 or u32, got f32[2,3] and bool[2,3]',
    ],
    ['mixed dtypes', () => labels.add(vector), 'add: expected operands of one dtype, got u32[2] and f32[4]'],
    [
      'logic on floats',
      () => matrix.and(flag),
      'and: expected 2 operands of bool, got f32[2,3] and bool[2,3]',
    ],
    ['a float function of integers', () => labels.exp(), 'exp: expected 1 operand of f32, got u32[2]'],
    [
      'select by a float',
      () => matrix.select(matrix, 0),
      'select: expected a bool condition and two sides of one dtype, got f32[2,3] and f32[2,3] and f32[]',
    ],
    [
      'select of two dtypes',
      () => flag.select(matrix, labels),
      'select: expected a bool condition and two sides of one dtype, got bool[2,3] and f32[2,3] and u32[2]',
    ],
    [
      'select of shapes',
      () => flag.select(vector, 0),
      'select: expected shapes that broadcast, got [2,3] and [4] and []',
    ],
    [
      'reshape',
      () => matrix.reshape([4, 2]),
      'reshape: expected a shape of 6 elements, as [2,3] has, got [4,2]',
    ],
    [
      'reshape with −1',
      () => matrix.reshape([-1, 4]),
      'reshape: expected a shape of 6 elements, as [2,3] has, got [1.5,4]',
    ],
    ['permute', () => matrix.permute([0, 0]), 'permute: expected each axis of [2,3] once, got [0,0]'],
    [
      'expand',
      () => matrix.expand([2, 2, 2]),
      'expand: expected a shape that [2,3] stretches to, got [2,2,2]',
    ],
    [
      'slice',
      () => matrix.slice([0, 1], [2, 4]),
      'slice: expected 0 ≤ start < end ≤ extent on each axis of [2,3], got starts [0,1], ends [2,4]',
    ],
    ['an empty slice', () => matrix.slice([0, 1], [2, 1]), 'got starts [0,1], ends [2,1]'],
    [
      'pad',
      () => matrix.pad([1], [0]),
      'pad: expected whole widths ≥ 0 for each axis of [2,3], got low [1], high [0]',
    ],
    [
      'concat',
      () => matrix.concat([batch], 0),
      'concat: expected one dtype, and one shape but for axis 0, got f32[2,3] and f32[5,2,3]',
    ],
    ['an axis out of range', () => matrix.sum(2), 'sum: expected different axes in −2 … 1, got [2]'],
    ['an axis twice', () => matrix.max([1, -1]), 'max: expected different axes in −2 … 1, got [1,-1]'],
    [
      'matmul',
      () => matrix.matmul(matrix),
      'matmul: expected […, m, k] and […, k, n] with equal leading extents, got f32[2,3] and f32[2,3]',
    ],
    [
      'matmul, transposed',
      () => matrix.matmul(value([4, 2]), { transB: true }),
      'matmul: expected […, m, k] and […, n, k] with equal leading extents, got f32[2,3] and f32[4,2]',
    ],
    ['softmax of a scalar', () => scalar.softmax(), 'softmax: expected a last axis, got f32[]'],
    [
      'cross-entropy',
      () => matrix.softmaxCrossEntropy(value([3], 'u32')),
      'softmaxCrossEntropy: expected logits f32[n,C] and labels u32[n], got f32[2,3] and u32[3]',
    ],
    ['layerNorm', () => matrix.layerNorm(0), 'layerNorm: expected epsilon > 0, got 0'],
    [
      'gather by floats',
      () => matrix.gather(vector),
      'gather: expected a table [N,…] and u32 indices, got f32[2,3] and f32[4]',
    ],
    [
      'scatterAdd',
      () => graph.apply('scatterAdd', [labels, vector], { rows: 3 }),
      'scatterAdd: expected u32 indices […] and f32 values […, row…], got u32[2] and f32[4]',
    ],
    [
      'philox',
      () => graph.apply('philox', [labels, labels, labels, labels], { shape: [2], stream: 0 }),
      'philox: expected four u32 scalars: key low, key high, counter low, counter high, got u32[2] and u32[2]',
    ],
    ['iota', () => graph.iota([2, 0]), 'iota: expected positive whole extents, got [2,0]'],
    ['iota axis', () => graph.iota([2], 1), 'iota: expected an axis of [2], got 1'],
    [
      'a leaf by apply',
      () => graph.apply('input', [], { name: 'x' }),
      'input: expected a call of graph.input(…), got graph.apply',
    ],
    [
      'a value of another graph',
      () => matrix.add(newGraph().literal(1)),
      'add: expected values of one graph',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(GraphError);
    expect(call).toThrow(message);
    expect(call).toThrow(/\(at .*errors\.test\.ts:\d+:\d+\)$/);
  });
});

describe('the interpreter', () => {
  const table = graph.constant([1, 2, 3, 4], [2, 2]);

  test('names node, index and limit of a gather out of range', () => {
    const call = (): unknown => evaluate([table.gather(graph.constant([0, 2], [2], 'u32'))]);
    expect(call).toThrow(ProgramError);
    expect(call).toThrow(
      /^gather 'gather_\d+': expected row indices below 2, got 2 at position 1 \(at .*errors\.test\.ts/,
    );
  });

  test('names node, index and limit of a scatterAdd and a label out of range', () => {
    const out = graph.constant([5], [1], 'u32');
    expect(() => evaluate([graph.apply('scatterAdd', [out, graph.constant([1], [1])], { rows: 5 })])).toThrow(
      'expected row indices below 5, got 5 at position 0',
    );
    expect(() => evaluate([table.narrow(0, 0, 1).softmaxCrossEntropy(out)])).toThrow(
      'expected labels below 2, got 5 in row 0',
    );
  });

  test('names an input that was never written, and one of the wrong length', () => {
    const x = graph.input('batch', [3]);
    expect(() => evaluate([x.exp()])).toThrow("run: expected input 'batch' to be written first, got nothing");
    expect(() => evaluate([x.exp()], new Map([[x, [1, 2]]]))).toThrow(
      "run 'batch': expected 3 elements for f32[3], got 2",
    );
  });

  test('starts states and scalars at their initial values, unless it is given others', () => {
    const sum = graph.state('s', [2], [1, 2]).add(graph.scalar('rate', 0.5));
    expect([...evaluate([sum])[0]!]).toEqual([1.5, 2.5]);
    expect([...evaluate([sum], new Map([[graph.leaf('rate')!, [10]]]))[0]!]).toEqual([11, 12]);
  });

  test('computes again from the same arrays, and follows leaves that changed in place', () => {
    const x = graph.input('changing', [2]);
    const interpreter = new Interpreter([x.square().node], 'f64');
    const data = Float64Array.of(1, 2);
    const leaves = new Map([[x.node, data]]);
    const [first] = interpreter.evaluate(leaves);
    expect([...first!]).toEqual([1, 4]);
    data.set([3, 4]);
    const [second] = interpreter.evaluate(leaves);
    expect([...second!]).toEqual([9, 16]);
    expect(second).toBe(first);
  });

  test('rounds to float32 after each op in f32, never in f64', () => {
    const third = graph.constant([1], [1]).div(3);
    expect(evaluate([third], new Map(), 'f64')[0]![0]).toBe(1 / 3);
    expect(evaluate([third], new Map(), 'f32')[0]![0]).toBe(Math.fround(1 / 3));
  });
});
