// Pointwise ops on vectors of four elements: the counterpart of each row's WGSL expression. Arguments are locals or
// constants, so they may be used more than once; bools are masks.
import type { OpName } from '../../graph/attrs.ts';
import type { Node, NodeWith } from '../../graph/node.ts';
import { contiguousStrides } from '../../tensor/shape.ts';
import type { DType } from '../../tensor/types.ts';
import { type FunctionBuilder, f32x4, i32x4, type V128, v128 } from './assembler/index.ts';
import * as math from './math/index.ts';

export interface Lanes<K extends OpName> {
  readonly kind: 'lanes';
  readonly emit: (f: FunctionBuilder, args: readonly V128[], node: NodeWith<K>) => V128;
  /** Strides over the node's shape: the index that they give to each element (u32) is passed as the last argument. */
  readonly index?: (node: NodeWith<K>) => readonly number[];
}

const { floats, integers } = math;

/** Of one operand, which is f32 unless the op takes `node` to see. */
function one<K extends OpName>(emit: (f: FunctionBuilder, x: V128, node: NodeWith<K>) => V128): Lanes<K> {
  return { kind: 'lanes', emit: (f, [x], node) => emit(f, x!, node) };
}

function two<K extends OpName>(
  emit: (f: FunctionBuilder, a: V128, b: V128, node: NodeWith<K>) => V128,
): Lanes<K> {
  return { kind: 'lanes', emit: (f, [a, b], node) => emit(f, a!, b!, node) };
}

type Instruction = (a: V128, b: V128) => V128;

/** An instruction by the operands' dtype; `u32` is `i32` unless given, and masks are compared as integers. */
function byType<K extends OpName>(f32: Instruction, i32: Instruction, u32 = i32): Lanes<K> {
  const table: Record<DType, Instruction> = { f32, i32, u32, bool: i32 };
  return two((_, a, b, node) => table[node.inputs[0]!.dtype](a, b));
}

const ones = floats(1);
const signBit = floats(-0);

function sign(x: V128, dtype: DType): V128 {
  if (dtype === 'i32') return i32x4.sub(i32x4.gtS(integers(0), x), i32x4.gtS(x, integers(0)));
  const unit = v128.or(v128.and(x, signBit), ones);
  return v128.bitselect(unit, x, f32x4.gt(f32x4.abs(x), floats(0)));
}

/** Above this magnitude, exponents go through `pow`, as in the WGSL. */
const largestProduct = 16;

/** x to a whole power ≥ 1 by repeated squaring. */
function powerAsProduct(f: FunctionBuilder, x: V128, exponent: number): V128 {
  if (exponent === 1) return x;
  const half = powerAsProduct(f, x, Math.floor(exponent / 2));
  const square = f.let(f32x4.mul(half, half));
  return exponent % 2 === 0 ? square : f.let(f32x4.mul(square, x));
}

function pow(f: FunctionBuilder, x: V128, y: V128, exponent: Node): V128 {
  if (exponent.op !== 'literal') return math.pow(f, x, y);
  const { value } = exponent.attrs;
  if (!Number.isInteger(value) || Math.abs(value) > largestProduct) return math.pow(f, x, y);
  if (value === 0) return ones;
  const power = powerAsProduct(f, x, Math.abs(value));
  return value > 0 ? power : f32x4.div(ones, power);
}

/** Outermost f32 that an i32 can hold; u32 and the lower bounds saturate by themselves. */
const largestInteger = { i32: 2147483520, u32: 4294967040 } as const;

function cast(x: V128, from: DType, to: DType): V128 {
  if (from === to) return x;
  if (to === 'bool') return from === 'f32' ? f32x4.ne(x, floats(0)) : i32x4.ne(x, integers(0));
  if (from === 'bool') return v128.and(x, to === 'f32' ? ones : integers(1));
  if (to === 'f32') return from === 'i32' ? f32x4.convertI32x4S(x) : f32x4.convertI32x4U(x);
  if (from !== 'f32') return x;
  const bounded = f32x4.pmin(x, floats(largestInteger[to]));
  return to === 'i32' ? i32x4.truncSatF32x4S(bounded) : i32x4.truncSatF32x4U(bounded);
}

export const pointwise = {
  neg: one((_, x, node) => (node.dtype === 'f32' ? f32x4.neg(x) : i32x4.neg(x))),
  abs: one((_, x, node) => (node.dtype === 'f32' ? f32x4.abs(x) : i32x4.abs(x))),
  sign: one((_, x, node) => sign(x, node.dtype)),
  exp: one(math.exp),
  expm1: one(math.expm1),
  log: one(math.log),
  log1p: one(math.log1p),
  sqrt: one((_, x) => f32x4.sqrt(x)),
  rsqrt: one((_, x) => f32x4.div(ones, f32x4.sqrt(x))),
  square: one((_, x, node) => (node.dtype === 'f32' ? f32x4.mul(x, x) : i32x4.mul(x, x))),
  reciprocal: one((_, x) => f32x4.div(ones, x)),
  sin: one(math.sin),
  cos: one(math.cos),
  tanh: one(math.tanh),
  sigmoid: one(math.sigmoid),
  softplus: one(math.softplus),
  /** By a mask, so that NaN passes. */
  relu: one((_, x) => v128.andNot(x, f32x4.lt(x, floats(0)))),
  floor: one((_, x) => f32x4.floor(x)),
  ceil: one((_, x) => f32x4.ceil(x)),
  round: one((_, x) => f32x4.nearest(x)),
  not: one((_, x) => v128.not(x)),
  isFinite: one((_, x) => i32x4.ne(v128.and(x, integers(0x7f800000)), integers(0x7f800000))),
  cast: one((_, x, node) => cast(x, node.inputs[0]!.dtype, node.dtype)),

  add: byType(f32x4.add, i32x4.add),
  sub: byType(f32x4.sub, i32x4.sub),
  mul: byType(f32x4.mul, i32x4.mul),
  div: two((f, a, b, node) => {
    if (node.dtype === 'f32') return f32x4.div(a, b);
    return node.dtype === 'i32' ? math.divideSigned(f, a, b) : math.divideUnsigned(f, a, b);
  }),
  pow: two((f, a, b, node) => pow(f, a, b, node.inputs[1]!)),
  maximum: byType(f32x4.max, i32x4.maxS, i32x4.maxU),
  minimum: byType(f32x4.min, i32x4.minS, i32x4.minU),
  eq: byType(f32x4.eq, i32x4.eq),
  ne: byType(f32x4.ne, i32x4.ne),
  lt: byType(f32x4.lt, i32x4.ltS, i32x4.ltU),
  le: byType(f32x4.le, i32x4.leS, i32x4.leU),
  gt: byType(f32x4.gt, i32x4.gtS, i32x4.gtU),
  ge: byType(f32x4.ge, i32x4.geS, i32x4.geU),
  and: two((_, a, b) => v128.and(a, b)),
  or: two((_, a, b) => v128.or(a, b)),
  select: { kind: 'lanes', emit: (_, [condition, yes, no]) => v128.bitselect(yes!, no!, condition!) },
  sigmoidCrossEntropy: two(math.sigmoidCrossEntropy),

  iota: {
    kind: 'lanes',
    index: ({ shape, attrs }) => shape.map((_, axis) => (axis === attrs.axis ? 1 : 0)),
    emit: (_, [index]) => index!,
  },
  philox: {
    kind: 'lanes',
    index: ({ shape }) => contiguousStrides(shape),
    emit: (f, [keyLow, keyHigh, counterLow, counterHigh, index], node) =>
      math.philoxWord(
        f,
        [keyLow!, keyHigh!],
        [index!, integers(node.attrs.stream), counterLow!, counterHigh!],
      ),
  },
} satisfies { readonly [K in OpName]?: Lanes<K> };

type PointwiseOp = keyof typeof pointwise;

/** The row of a node that has one. */
export function lanesOf(node: Node): Lanes<OpName> {
  const row: { readonly [K in OpName]?: Lanes<K> } = pointwise;
  const lanes = row[node.op as PointwiseOp];
  if (!lanes) throw new Error(`${node.op} is not pointwise`);
  return lanes as unknown as Lanes<OpName>;
}
