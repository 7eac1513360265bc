// For every op of the table: how to draw a call of it, and whether it has second derivatives. The type demands a case
// for a new op.
import fc from 'fast-check';
import { customVjp } from '../../src/autodiff/index.ts';
import type { GradcheckInput } from '../../src/backend/cpu/gradcheck.ts';
import type { Graph, OpName, Value } from '../../src/graph/index.ts';
import { numel } from '../../src/tensor/shape.ts';
import {
  anyShape,
  broadcastable,
  distinct,
  extent,
  indices,
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

type Build = Call['build'];

function unary(apply: (x: Value) => Value, low = -2, high = 2): OpCase {
  const calls = anyShape
    .chain((shape) => tensor(shape, low, high))
    .map((input): Call => ({ build: ([x]) => apply(x!), inputs: [input] }));
  return { calls, smooth: true };
}

function kinked(apply: (x: Value) => Value): OpCase {
  const calls = anyShape
    .chain(nonzero)
    .map((input): Call => ({ build: ([x]) => apply(x!), inputs: [input] }));
  return { calls, smooth: false };
}

function binary(
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
function extremum(apply: (a: Value, b: Value) => Value): OpCase {
  const { calls } = binary(
    apply,
    (shape) => onGrid(shape, 1 / 16),
    (shape) => onGrid(shape, 0),
  );
  return { calls, smooth: false };
}

function reduction(op: 'sum' | 'max' | 'min' | 'logSumExp', smooth: boolean): OpCase {
  const calls = anyShape
    .chain((shape) => fc.tuple(distinct(shape), someAxes(shape), fc.boolean()))
    .map(([input, axes, keepDims]): Call => ({ build: ([x]) => x![op](axes, keepDims), inputs: [input] }));
  return { calls, smooth };
}

function lastAxis(apply: (x: Value) => Value): OpCase {
  const calls = shapeOfRank(1, 3)
    .chain((shape) => tensor(shape))
    .map((input): Call => ({ build: ([x]) => apply(x!), inputs: [input] }));
  return { calls, smooth: true };
}

/** An op of one input whose attributes `build` is drawn from its shape. */
function moving(build: (shape: readonly number[]) => fc.Arbitrary<Build>): OpCase {
  const calls = anyShape
    .chain((shape) => fc.tuple(tensor(shape), build(shape)))
    .map(([input, apply]): Call => ({ build: apply, inputs: [input] }));
  return { calls, smooth: true };
}

const widths = (shape: readonly number[]) =>
  fc.array(fc.nat(2), { minLength: shape.length, maxLength: shape.length });

const power: OpCase = {
  calls: fc.oneof(
    binary(
      (a, b) => a.pow(b),
      (shape) => tensor(shape),
      (shape) => tensor(shape, 0.4, 2),
    ).calls,
    fc
      .tuple(anyShape.chain(nonzero), fc.integer({ min: -3, max: 5 }))
      .map(([input, exponent]): Call => ({ build: ([x]) => x!.pow(exponent), inputs: [input] })),
  ),
  smooth: true,
};

const select: OpCase = {
  calls: broadcastable(3)
    .chain(([condition, yes, no]) => fc.tuple(onGrid(condition!, 0), tensor(yes!), tensor(no!)))
    .map(
      ([condition, yes, no]): Call => ({
        build: ([a, b], graph) =>
          graph
            .constant(
              condition.data.map((x) => (x > 0 ? 1 : 0)),
              condition.shape,
              'bool',
            )
            .select(a!, b!.square()),
        inputs: [yes, no],
      }),
    ),
  smooth: true,
};

const concat: OpCase = {
  calls: shapeOfRank(1, 3)
    .chain((shape) =>
      fc.tuple(fc.constant(shape), fc.nat(shape.length - 1), fc.array(extent, { maxLength: 2 })),
    )
    .chain(([shape, axis, others]) =>
      fc
        .tuple(
          tensor(shape),
          ...others.map((size) => tensor(shape.map((extent, a) => (a === axis ? size : extent)))),
        )
        .map(
          (inputs): Call => ({
            build: ([x, ...rest], graph) => graph.apply('concat', [x!, ...rest], { axis }),
            inputs,
          }),
        ),
    ),
  smooth: true,
};

const matmul: OpCase = {
  calls: fc
    .tuple(shapeOfRank(0, 1), extent, extent, extent, fc.boolean(), fc.boolean())
    .chain(([batch, m, k, n, transA, transB]) =>
      fc
        .tuple(
          tensor([...batch, ...(transA ? [k, m] : [m, k])]),
          tensor([...batch, ...(transB ? [n, k] : [k, n])]),
        )
        .map((inputs): Call => ({ build: ([a, b]) => a!.matmul(b!, { transA, transB }), inputs })),
    ),
  smooth: true,
};

const crossEntropy: OpCase = {
  calls: fc
    .tuple(extent, extent)
    .chain(([n, classes]) => fc.tuple(tensor([n, classes]), indices(n, classes)))
    .map(
      ([logits, labels]): Call => ({
        build: ([x], graph) => x!.softmaxCrossEntropy(graph.constant(labels, [labels.length], 'u32')),
        inputs: [logits],
      }),
    ),
  smooth: true,
};

const gather: OpCase = {
  calls: fc
    .tuple(shapeOfRank(1, 3), shapeOfRank(0, 2))
    .chain(([table, at]) => fc.tuple(tensor(table), fc.constant(at), indices(numel(at), table[0]!)))
    .map(
      ([table, at, rows]): Call => ({
        build: ([x], graph) => x!.gather(graph.constant(rows, at, 'u32')),
        inputs: [table],
      }),
    ),
  smooth: true,
};

const scatterAdd: OpCase = {
  calls: fc
    .tuple(shapeOfRank(0, 2), shapeOfRank(0, 2), extent)
    .chain(([at, row, rows]) =>
      fc.tuple(fc.constant(at), tensor([...at, ...row]), indices(numel(at), rows), fc.constant(rows)),
    )
    .map(
      ([at, values, into, rows]): Call => ({
        build: ([x], graph) => graph.apply('scatterAdd', [graph.constant(into, at, 'u32'), x!], { rows }),
        inputs: [values],
      }),
    ),
  smooth: true,
};

/** `'none'`: no gradient flows, and the row must say so. */
export const opCases: { readonly [K in OpName]: OpCase | 'none' } = {
  input: 'none',
  state: 'none',
  scalar: 'none',
  constant: 'none',
  literal: 'none',
  iota: 'none',

  neg: unary((x) => x.neg()),
  abs: kinked((x) => x.abs()),
  sign: 'none',
  exp: unary((x) => x.exp()),
  expm1: unary((x) => x.expm1()),
  log: unary((x) => x.log(), 0.3, 3),
  log1p: unary((x) => x.log1p(), -0.6, 3),
  sqrt: unary((x) => x.sqrt(), 0.3, 3),
  rsqrt: unary((x) => x.rsqrt(), 0.4, 3),
  square: unary((x) => x.square()),
  reciprocal: unary((x) => x.reciprocal(), 0.4, 3),
  sin: unary((x) => x.sin()),
  cos: unary((x) => x.cos()),
  tanh: unary((x) => x.tanh()),
  sigmoid: unary((x) => x.sigmoid()),
  softplus: unary((x) => x.softplus()),
  relu: kinked((x) => x.relu()),
  floor: 'none',
  ceil: 'none',
  round: 'none',
  not: 'none',
  isFinite: 'none',
  cast: unary((x) => x.graph.apply('cast', [x.square()], { dtype: 'f32' })),

  add: binary((a, b) => a.add(b)),
  sub: binary((a, b) => a.sub(b)),
  mul: binary((a, b) => a.mul(b)),
  div: binary(
    (a, b) => a.div(b),
    (shape) => tensor(shape, 0.4, 2),
  ),
  pow: power,
  maximum: extremum((a, b) => a.maximum(b)),
  minimum: extremum((a, b) => a.minimum(b)),
  eq: 'none',
  ne: 'none',
  lt: 'none',
  le: 'none',
  gt: 'none',
  ge: 'none',
  and: 'none',
  or: 'none',
  select,
  sigmoidCrossEntropy: binary(
    (z, t) => z.sigmoidCrossEntropy(t),
    (shape) => tensor(shape, 0, 1),
  ),

  reshape: moving((shape) => fc.constant(([x]) => x!.reshape([1, numel(shape)]))),
  permute: moving((shape) => {
    const axes = shape.map((_, axis) => axis);
    return fc.shuffledSubarray(axes, { minLength: axes.length }).map(
      (order): Build =>
        ([x]) =>
          x!.permute(order),
    );
  }),
  expand: moving((shape) =>
    fc.tuple(shapeOfRank(0, 1), extent).map(
      ([lead, stretch]): Build =>
        ([x]) =>
          x!.expand([...lead, ...shape.map((size) => (size === 1 ? stretch : size))]),
    ),
  ),
  slice: moving((shape) =>
    fc.tuple(...shape.map((size) => fc.tuple(fc.nat(size - 1), fc.nat(size - 1)))).map(
      (bounds): Build =>
        ([x]) =>
          x!.slice(
            bounds.map(([a, b]) => Math.min(a, b)),
            bounds.map(([a, b]) => Math.max(a, b) + 1),
          ),
    ),
  ),
  concat,
  pad: moving((shape) =>
    fc.tuple(widths(shape), widths(shape)).map(
      ([low, high]): Build =>
        ([x]) =>
          x!.pad(low, high, 0.5),
    ),
  ),

  sum: reduction('sum', true),
  max: reduction('max', false),
  min: reduction('min', false),
  logSumExp: reduction('logSumExp', true),
  argMax: 'none',

  matmul,
  softmax: lastAxis((x) => x.softmax()),
  logSoftmax: lastAxis((x) => x.logSoftmax()),
  softmaxCrossEntropy: crossEntropy,
  layerNorm: lastAxis((x) => x.layerNorm(0.1)),

  gather,
  scatterAdd,
  philox: 'none',

  stopGradient: 'none',
  customVjp: unary((x) => customVjp(x.tanh(), [x], (g) => [g.mul(x.tanh().square().neg().add(1))])),
  customKernel: 'none',
};
