// Ways to draw a call of an op, shared by ops of one kind.
import fc from 'fast-check';
import type { GradcheckInput } from '../../src/backend/cpu/gradcheck.ts';
import type { Graph, Value } from '../../src/graph/index.ts';
import {
  anyShape,
  broadcastable,
  distinct,
  nonzero,
  onGrid,
  shapeOfRank,
  someAxes,
  tensor,
} from './tensors.ts';

/** A call of the op with the inputs that gradients are checked for. */
export interface Call {
  readonly build: (values: readonly Value[], graph: Graph) => Value;
  readonly inputs: readonly GradcheckInput[];
}

export interface OpCase {
  readonly calls: fc.Arbitrary<Call>;
  /** Twice differentiable where the calls are drawn. */
  readonly smooth: boolean;
}

export type Build = Call['build'];

export function unary(apply: (x: Value) => Value, low = -2, high = 2): OpCase {
  const calls = anyShape
    .chain((shape) => tensor(shape, low, high))
    .map((input): Call => ({ build: ([x]) => apply(x!), inputs: [input] }));
  return { calls, smooth: true };
}

export function kinked(apply: (x: Value) => Value): OpCase {
  const calls = anyShape
    .chain(nonzero)
    .map((input): Call => ({ build: ([x]) => apply(x!), inputs: [input] }));
  return { calls, smooth: false };
}

export function binary(
  apply: (a: Value, b: Value) => Value,
  second = (shape: readonly number[]) => tensor(shape),
  first = (shape: readonly number[]) => tensor(shape),
): OpCase {
  const calls = broadcastable(2)
    .chain(([a, b]) => fc.tuple(first(a!), second(b!)))
    .map((inputs): Call => ({ build: ([a, b]) => apply(a!, b!), inputs }));
  return { calls, smooth: true };
}

/** Ties are left to tests of their own, since no central difference agrees there. */
export function extremum(apply: (a: Value, b: Value) => Value): OpCase {
  const { calls } = binary(
    apply,
    (shape) => onGrid(shape, 1 / 16),
    (shape) => onGrid(shape, 0),
  );
  return { calls, smooth: false };
}

export function reduction(op: 'sum' | 'max' | 'min' | 'logSumExp', smooth: boolean): OpCase {
  const calls = anyShape
    .chain((shape) => fc.tuple(distinct(shape), someAxes(shape), fc.boolean()))
    .map(([input, axes, keepDims]): Call => ({ build: ([x]) => x![op](axes, keepDims), inputs: [input] }));
  return { calls, smooth };
}

export function lastAxis(apply: (x: Value) => Value): OpCase {
  const calls = shapeOfRank(1, 3)
    .chain((shape) => tensor(shape))
    .map((input): Call => ({ build: ([x]) => apply(x!), inputs: [input] }));
  return { calls, smooth: true };
}

/** An op of one input whose attributes `build` is drawn from its shape. */
export function moving(build: (shape: readonly number[]) => fc.Arbitrary<Build>): OpCase {
  const calls = anyShape
    .chain((shape) => fc.tuple(tensor(shape), build(shape)))
    .map(([input, apply]): Call => ({ build: apply, inputs: [input] }));
  return { calls, smooth: true };
}
