// Pointwise ops of one operand. Where a derivative is not defined, the row says which value it takes:
// abs, relu and sign have 0 at 0, sqrt has 0 at 0 (so a norm has gradient 0 at the origin), and floor, ceil, round
// pass nothing. NaN in, NaN out on the CPU; a driver may drop NaN in WGSL's sign, floor, ceil and round.
import type { DType } from '../tensor/types.ts';
import { elementwise, ensure, single } from './infer.ts';
import { mapElements, type Scalar } from './loops.ts';
import { pointwise } from './pointwise.ts';
import type { OpSpec } from './spec.ts';

const float = elementwise(1, ['f32']);
const signed = elementwise(1, ['f32', 'i32']);

/** To the nearest whole number, ties to even, as WGSL rounds. */
function roundTiesToEven(x: number): number {
  const up = Math.round(x);
  return Math.abs(x % 1) === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

function sigmoid(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** Bounds of a saturating cast: the outermost f32 that the integer type can hold. */
const castRange = { i32: [-2147483648, 2147483520], u32: [0, 4294967040] } as const;

function convert(from: DType, to: DType): Scalar {
  if (to === 'bool') return (x) => (x !== 0 ? 1 : 0);
  if (from !== 'f32' || to === 'f32') return (x) => x;
  const [low, high] = castRange[to];
  return (x) => (Number.isNaN(x) ? 0 : Math.trunc(Math.min(Math.max(x, low), high)));
}

function convertWgsl(x: string | undefined, from: DType, to: DType): string {
  if (from !== 'f32' || to === 'f32' || to === 'bool') return `${to}(${x})`;
  const [low, high] = castRange[to];
  return `${to}(clamp(${x}, f32(${low}), f32(${high})))`;
}

export const unary = {
  neg: pointwise({
    infer: signed,
    scalar: (x) => -x,
    wgsl: ([x]) => `(-${x})`,
    vjp: ({ g }) => [g.neg()],
  }),
  abs: pointwise({
    infer: signed,
    scalar: Math.abs,
    wgsl: ([x]) => `abs(${x})`,
    vjp: ({ g, inputs: [x] }) => [g.mul(x!.sign())],
  }),
  sign: pointwise({
    infer: signed,
    scalar: Math.sign,
    wgsl: ([x]) => `sign(${x})`,
    vjp: 'none',
  }),
  exp: pointwise({
    infer: float,
    scalar: Math.exp,
    wgsl: ([x]) => `exp_f32(${x})`,
    vjp: ({ g, output }) => [g.mul(output)],
  }),
  expm1: pointwise({
    infer: float,
    scalar: Math.expm1,
    wgsl: ([x]) => `expm1_f32(${x})`,
    vjp: ({ g, output }) => [g.mul(output.add(1))],
  }),
  /** −∞ at 0, NaN below. Guard the *argument* by `select` where it may be masked: `mask.select(x, 1).log()`. */
  log: pointwise({
    infer: float,
    scalar: Math.log,
    wgsl: ([x]) => `log_f32(${x})`,
    vjp: ({ g, inputs: [x] }) => [g.div(x!)],
  }),
  log1p: pointwise({
    infer: float,
    scalar: Math.log1p,
    wgsl: ([x]) => `log1p_f32(${x})`,
    vjp: ({ g, inputs: [x] }) => [g.div(x!.add(1))],
  }),
  sqrt: pointwise({
    infer: float,
    scalar: Math.sqrt,
    wgsl: ([x]) => `sqrt(${x})`,
    vjp: ({ g, inputs: [x], output }) => {
      const zero = x!.eq(0);
      return [zero.select(0, g.div(zero.select(1, output).mul(2)))];
    },
  }),
  rsqrt: pointwise({
    infer: float,
    scalar: (x) => 1 / Math.sqrt(x),
    wgsl: ([x]) => `inverseSqrt(${x})`,
    vjp: ({ g, inputs: [x], output }) => [g.mul(output.div(x!)).mul(-0.5)],
  }),
  square: pointwise({
    infer: elementwise(1, ['f32', 'i32', 'u32']),
    scalar: (x) => x * x,
    integer: (x) => Math.imul(x, x),
    wgsl: ([x]) => `(${x} * ${x})`,
    vjp: ({ g, inputs: [x] }) => [g.mul(x!).mul(2)],
  }),
  reciprocal: pointwise({
    infer: float,
    scalar: (x) => 1 / x,
    wgsl: ([x]) => `(1.0 / ${x})`,
    vjp: ({ g, output }) => [g.mul(output.square()).neg()],
  }),
  sin: pointwise({
    infer: float,
    scalar: Math.sin,
    wgsl: ([x]) => `sin_f32(${x})`,
    vjp: ({ g, inputs: [x] }) => [g.mul(x!.cos())],
  }),
  cos: pointwise({
    infer: float,
    scalar: Math.cos,
    wgsl: ([x]) => `cos_f32(${x})`,
    vjp: ({ g, inputs: [x] }) => [g.mul(x!.sin()).neg()],
  }),
  tanh: pointwise({
    infer: float,
    scalar: Math.tanh,
    wgsl: ([x]) => `tanh_f32(${x})`,
    vjp: ({ g, output }) => [g.mul(output.square().neg().add(1))],
  }),
  sigmoid: pointwise({
    infer: float,
    scalar: sigmoid,
    wgsl: ([x]) => `sigmoid_f32(${x})`,
    vjp: ({ g, output }) => [g.mul(output).mul(output.neg().add(1))],
  }),
  softplus: pointwise({
    infer: float,
    scalar: softplus,
    wgsl: ([x]) => `softplus_f32(${x})`,
    vjp: ({ g, inputs: [x] }) => [g.mul(x!.sigmoid())],
  }),
  /** By comparison rather than `max`, so that NaN passes on every driver. */
  relu: pointwise({
    infer: float,
    scalar: (x) => (x < 0 ? 0 : x),
    wgsl: ([x]) => `select(${x}, 0.0, ${x} < 0.0)`,
    vjp: ({ g, inputs: [x] }) => [x!.gt(0).select(g, 0)],
  }),
  floor: pointwise({
    infer: float,
    scalar: Math.floor,
    wgsl: ([x]) => `floor(${x})`,
    vjp: 'none',
  }),
  ceil: pointwise({
    infer: float,
    scalar: Math.ceil,
    wgsl: ([x]) => `ceil(${x})`,
    vjp: 'none',
  }),
  round: pointwise({
    infer: float,
    scalar: roundTiesToEven,
    wgsl: ([x]) => `round(${x})`,
    vjp: 'none',
  }),
  not: pointwise({
    infer: elementwise(1, ['bool']),
    scalar: (x) => 1 - x,
    wgsl: ([x]) => `(!${x})`,
    vjp: 'none',
  }),
  isFinite: pointwise({
    infer: elementwise(1, ['f32'], 'bool'),
    scalar: (x) => (Number.isFinite(x) ? 1 : 0),
    wgsl: ([x]) => `((bitcast<u32>(${x}) & 0x7f800000u) != 0x7f800000u)`,
    vjp: 'none',
  }),
  /**
   * f32 to an integer truncates and saturates at the outermost f32 of its range (NaN: 0 on the CPU, any number on
   * the GPU); between integers the bits stay; to bool is `x ≠ 0`.
   */
  cast: {
    infer: (inputs, { dtype }) => {
      const dtypes: readonly DType[] = ['f32', 'i32', 'u32', 'bool'];
      ensure(dtypes.includes(dtype), `a dtype of ${dtypes.join(', ')}`, String(dtype));
      return { shape: single(inputs, dtypes).shape, dtype };
    },
    vjp: ({ g, inputs: [x] }) => [x!.dtype === 'f32' ? g : null],
    cpu: (node, inputs, output) =>
      mapElements(node, inputs, output, convert(node.inputs[0]!.dtype, node.dtype)),
    lower: {
      kind: 'pointwise',
      wgsl: ([x], node) => convertWgsl(x, node.inputs[0]!.dtype, node.dtype),
    },
  },
} satisfies {
  [K in
    | 'neg'
    | 'abs'
    | 'sign'
    | 'exp'
    | 'expm1'
    | 'log'
    | 'log1p'
    | 'sqrt'
    | 'rsqrt'
    | 'square'
    | 'reciprocal'
    | 'sin'
    | 'cos'
    | 'tanh'
    | 'sigmoid'
    | 'softplus'
    | 'relu'
    | 'floor'
    | 'ceil'
    | 'round'
    | 'not'
    | 'isFinite'
    | 'cast']: OpSpec<K>;
};
