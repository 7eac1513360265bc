// Random calls of every op that is no pointwise op: operand types and a graph, for comparing backends.
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Value } from '../../src/graph/index.ts';
import type { Random } from '../../src/tensor/random.ts';
import { numel } from '../../src/tensor/shape.ts';
import type { DType, HostArray, Shape } from '../../src/tensor/types.ts';

export interface Operand {
  readonly shape: Shape;
  readonly dtype: DType;
  /** Whole numbers below this, for indices; otherwise floats of either sign. */
  readonly below?: number;
}

export interface Case {
  readonly operands: readonly Operand[];
  readonly build: (...inputs: Value[]) => Value;
}

const f32 = (...shape: number[]): Operand => ({ shape, dtype: 'f32' });

export function draw({ shape, dtype, below }: Operand, random: Random): HostArray {
  const length = numel(shape);
  const from = (next: () => number): number[] => Array.from({ length }, next);
  switch (dtype) {
    case 'f32':
      return Float32Array.from(from(() => random.normal()));
    case 'i32':
      return Int32Array.from(from(() => random.int(2001) - 1000));
    case 'u32':
      return Uint32Array.from(from(() => random.int(below ?? 1000)));
    case 'bool':
      return Uint8Array.from(from(() => random.int(2)));
  }
}

const dimension = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(16, 31, 64, 65, 100));
const matmuls: fc.Arbitrary<Case> = fc
  .tuple(fc.constantFrom([], [1], [3], [2, 2]), dimension, dimension, dimension, fc.boolean(), fc.boolean())
  .map(([batch, m, n, k, transA, transB]) => ({
    operands: [f32(...batch, ...(transA ? [k, m] : [m, k])), f32(...batch, ...(transB ? [n, k] : [k, n]))],
    build: (a, b) => a!.graph.apply('matmul', [a!, b!], { transA, transB }),
  }));

const shapes = fc.array(fc.constantFrom<number[]>(1, 2, 3, 5, 8, 17), { minLength: 1, maxLength: 4 });

function reductions(op: 'sum' | 'max' | 'min' | 'logSumExp', dtypes: readonly DType[]): fc.Arbitrary<Case> {
  return fc.tuple(shapes, fc.constantFrom(...dtypes), fc.boolean()).chain(([shape, dtype, keepDims]) =>
    fc
      .subarray(
        shape.map((_, axis) => axis),
        { minLength: 1 },
      )
      .map((axes) => ({ operands: [{ shape, dtype }], build: (x: Value) => x[op](axes, keepDims) })),
  );
}

/** Few outputs and many terms: the two-pass path, aligned and not. */
const longReductions: fc.Arbitrary<Case> = fc
  .tuple(
    fc.constantFrom<[number, number, number][]>([1, 70001, 1], [1, 80000, 1], [3, 4099, 4], [2, 3000, 7]),
    fc.constantFrom('sum', 'max', 'logSumExp'),
  )
  .map(([shape, op]) => ({ operands: [f32(...shape)], build: (x) => x![op](1) }));

const argMaxes: fc.Arbitrary<Case> = fc
  .tuple(
    fc.oneof(shapes, fc.constantFrom([2, 5001], [3000, 3])),
    fc.constantFrom<DType[]>('f32', 'i32', 'u32'),
  )
  .chain(([shape, dtype]) =>
    fc.nat(shape.length - 1).map((axis) => ({
      operands: [{ shape, dtype }],
      build: (x: Value) => x.argMax(axis),
    })),
  );

const matrices = fc.tuple(dimension, fc.oneof(dimension, fc.constant(300)));

function rowOps(build: (x: Value) => Value): fc.Arbitrary<Case> {
  return matrices.map(([rows, width]) => ({ operands: [f32(rows, width)], build: (x) => build(x!) }));
}

const crossEntropies: fc.Arbitrary<Case> = matrices.map(([rows, width]) => ({
  operands: [f32(rows, width), { shape: [rows], dtype: 'u32', below: width }],
  build: (x, labels) => x!.softmaxCrossEntropy(labels!),
}));

const anyType = fc.constantFrom<DType[]>('f32', 'i32', 'u32', 'bool');

const gathers: fc.Arbitrary<Case> = fc
  .tuple(dimension, fc.constantFrom([], [1], [4], [5], [3, 8]), dimension, anyType)
  .map(([rows, row, count, dtype]) => ({
    operands: [
      { shape: [rows, ...row], dtype },
      { shape: [count], dtype: 'u32', below: rows },
    ],
    build: (table, indices) => table!.gather(indices!),
  }));

/** Long lists are merged from runs; short ones are ranked at once. */
const scatters: fc.Arbitrary<Case> = fc
  .tuple(
    dimension,
    fc.constantFrom([], [1], [4], [5]),
    fc.oneof(dimension, fc.constantFrom(1024, 1500, 3001)),
  )
  .map(([rows, row, count]) => ({
    operands: [{ shape: [count], dtype: 'u32', below: rows }, f32(count, ...row)],
    build: (indices, values) => values!.graph.apply('scatterAdd', [indices!, values!], { rows }),
  }));

const concats: fc.Arbitrary<Case> = fc
  .tuple(shapes, fc.array(fc.constantFrom(1, 2, 4, 8), { minLength: 1, maxLength: 3 }), anyType)
  .chain(([shape, others, dtype]) =>
    fc.nat(shape.length - 1).map((axis) => ({
      operands: [shape[axis]!, ...others].map((size) => ({ shape: shape.with(axis, size), dtype })),
      build: (x: Value, ...rest: Value[]) => x.concat(rest, axis),
    })),
  );

const pads: fc.Arbitrary<Case> = fc.tuple(shapes, anyType).chain(([shape, dtype]) => {
  const widths = fc.array(fc.constantFrom(0, 0, 1, 4), { minLength: shape.length, maxLength: shape.length });
  return fc.tuple(widths, widths, fc.constantFrom(0, 1)).map(([low, high, value]) => ({
    operands: [{ shape, dtype }],
    build: (x: Value) => x.pad(low, high, value),
  }));
});

const numbers: readonly DType[] = ['f32', 'i32', 'u32'];
/** One entry for each op that is a kernel of its own; matmul and reductions in several. */
export const kernelCases: readonly { readonly name: string; readonly cases: fc.Arbitrary<Case> }[] = [
  { name: 'matmul in all transpositions', cases: matmuls },
  { name: 'sum', cases: reductions('sum', numbers) },
  { name: 'max', cases: reductions('max', numbers) },
  { name: 'min', cases: reductions('min', numbers) },
  { name: 'logSumExp', cases: reductions('logSumExp', ['f32']) },
  { name: 'long reductions', cases: longReductions },
  { name: 'argMax', cases: argMaxes },
  { name: 'softmax', cases: rowOps((x) => x.softmax()) },
  { name: 'logSoftmax', cases: rowOps((x) => x.logSoftmax()) },
  { name: 'softmaxCrossEntropy', cases: crossEntropies },
  { name: 'layerNorm', cases: rowOps((x) => x.layerNorm()) },
  { name: 'gather', cases: gathers },
  { name: 'scatterAdd', cases: scatters },
  { name: 'concat', cases: concats },
  { name: 'pad', cases: pads },
];

/** Errors of sums grow with the number of terms: tolerance relative to the largest element of the result. */
export function expectClose(actual: HostArray, expected: HostArray, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  let scale = 1e-3;
  for (const x of expected) scale = Math.max(scale, Math.abs(x));
  const wrong = expected.findIndex((x, i) => !(Math.abs(actual[i]! - x) <= tolerance * scale));
  if (wrong >= 0) expect(actual[wrong], `element ${wrong}`).toBeCloseTo(expected[wrong]!, 5);
}
