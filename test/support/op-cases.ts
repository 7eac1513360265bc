// For every op of the table: how to draw a call of it, and whether it has second derivatives. The type demands a case
// for a new op.
import fc from 'fast-check';
import { customVjp } from '../../src/autodiff/index.ts';
import type { OpName } from '../../src/graph/index.ts';
import { numel } from '../../src/tensor/shape.ts';
import {
  type Build,
  binary,
  type Call,
  extremum,
  kinked,
  lastAxis,
  moving,
  type OpCase,
  reduction,
  unary,
} from './op-calls.ts';
import { anyShape, broadcastable, extent, indices, nonzero, onGrid, shapeOfRank, tensor } from './tensors.ts';

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
