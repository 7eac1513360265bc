// Instructions as typed functions from operands to an expression, under their names in the text format:
// `f32x4.add(a, b)`. An expression is code that leaves one value on the stack; use it once, or `let` it first.
import { bytesOf, type Code, signed, unsigned, type ValueType } from './encoding.ts';

export interface Expr<T extends ValueType> {
  readonly type: T;
  readonly code: Code;
}
export type I32 = Expr<'i32'>;
/** Four f32, i32 or u32 lanes, two f64 lanes, or a mask with lanes of all ones or all zeros. */
export type V128 = Expr<'v128'>;

/** An instruction without a result. */
export type Statement = Code;

const make = <T extends ValueType>(type: T, ...code: Code[]): Expr<T> => ({ type, code });

function unary<A extends ValueType, R extends ValueType>(result: R, ...opcode: Code[]) {
  return (a: Expr<A>): Expr<R> => make(result, a.code, ...opcode);
}
function binary<A extends ValueType, R extends ValueType, B extends ValueType = A>(
  result: R,
  ...opcode: Code[]
) {
  return (a: Expr<A>, b: Expr<B>): Expr<R> => make(result, a.code, b.code, ...opcode);
}

/** `offset` and the alignment that the address is known to have (elements are four bytes wide). */
function memoryArgument(offset: number): Code {
  return [2, unsigned(offset)];
}
function load<R extends ValueType>(result: R, ...opcode: Code[]) {
  return (address: I32, offset = 0): Expr<R> => make(result, address.code, ...opcode, memoryArgument(offset));
}
function store<A extends ValueType>(...opcode: Code[]) {
  return (address: I32, value: Expr<A>, offset = 0): Statement => [
    address.code,
    value.code,
    ...opcode,
    memoryArgument(offset),
  ];
}

export const i32 = {
  const: (value: number): I32 => make('i32', 0x41, signed(value)),
  load: load('i32', 0x28),
  store: store<'i32'>(0x36),
  eq: binary<'i32', 'i32'>('i32', 0x46),
  ltU: binary<'i32', 'i32'>('i32', 0x49),
  geU: binary<'i32', 'i32'>('i32', 0x4f),
  add: binary<'i32', 'i32'>('i32', 0x6a),
  sub: binary<'i32', 'i32'>('i32', 0x6b),
  mul: binary<'i32', 'i32'>('i32', 0x6c),
  divU: binary<'i32', 'i32'>('i32', 0x6e),
  remU: binary<'i32', 'i32'>('i32', 0x70),
  shl: binary<'i32', 'i32'>('i32', 0x74),
  shrU: binary<'i32', 'i32'>('i32', 0x76),
};

export const memory = {
  copy: (to: I32, from: I32, bytes: I32): Statement => [to.code, from.code, bytes.code, 0xfc, 10, 0, 0],
  fill: (to: I32, byte: I32, bytes: I32): Statement => [to.code, byte.code, bytes.code, 0xfc, 11, 0],
};

/** The opcode of a vector instruction. */
const simd = (opcode: number): Code => [0xfd, unsigned(opcode)];

const vectorUnary = (opcode: number) => unary<'v128', 'v128'>('v128', simd(opcode));
const vectorBinary = (opcode: number) => binary<'v128', 'v128'>('v128', simd(opcode));
const vectorShift = (opcode: number) => binary<'v128', 'v128', 'i32'>('v128', simd(opcode));
export const v128 = {
  load: load('v128', simd(0)),
  /** One 32-bit element into all four lanes. */
  load32Splat: load('v128', simd(9)),
  /** One 32-bit element into lane 0, zeros beside it. */
  load32Zero: load('v128', simd(92)),
  load64Zero: load('v128', simd(93)),
  load32Lane: (address: I32, into: V128, lane: number, offset = 0): V128 =>
    make('v128', address.code, into.code, simd(86), memoryArgument(offset), lane),
  store: store<'v128'>(simd(11)),
  store32Lane: (address: I32, value: V128, lane: number, offset = 0): Statement => [
    address.code,
    value.code,
    simd(90),
    memoryArgument(offset),
    lane,
  ],
  store64Lane: (address: I32, value: V128, lane: number, offset = 0): Statement => [
    address.code,
    value.code,
    simd(91),
    memoryArgument(offset),
    lane,
  ],
  const: (lanes: Float32Array | Float64Array | Int32Array | Uint32Array): V128 =>
    make('v128', simd(12), bytesOf(lanes)),
  not: vectorUnary(77),
  and: vectorBinary(78),
  /** `a & ~b`. */
  andNot: vectorBinary(79),
  or: vectorBinary(80),
  xor: vectorBinary(81),
  /** Bits of `yes` where `mask` has ones, of `no` elsewhere. */
  bitselect: (yes: V128, no: V128, mask: V128): V128 => make('v128', yes.code, no.code, mask.code, simd(82)),
};

export const i32x4 = {
  splat: unary<'i32', 'v128'>('v128', simd(17)),
  replaceLane: (into: V128, value: I32, lane: number): V128 =>
    make('v128', into.code, value.code, simd(28), lane),
  eq: vectorBinary(55),
  ne: vectorBinary(56),
  ltS: vectorBinary(57),
  ltU: vectorBinary(58),
  gtS: vectorBinary(59),
  gtU: vectorBinary(60),
  leS: vectorBinary(61),
  leU: vectorBinary(62),
  geS: vectorBinary(63),
  geU: vectorBinary(64),
  abs: vectorUnary(160),
  neg: vectorUnary(161),
  shl: vectorShift(171),
  shrS: vectorShift(172),
  add: vectorBinary(174),
  sub: vectorBinary(177),
  mul: vectorBinary(181),
  minS: vectorBinary(182),
  minU: vectorBinary(183),
  maxS: vectorBinary(184),
  maxU: vectorBinary(185),
  truncSatF32x4S: vectorUnary(248),
  truncSatF32x4U: vectorUnary(249),
  /** Two lanes from f64, two zeros. */
  truncSatF64x2SZero: vectorUnary(252),
  truncSatF64x2UZero: vectorUnary(253),
  /** Lanes of `a` (0–3) and `b` (4–7) in any order. */
  shuffle: (a: V128, b: V128, lanes: readonly [number, number, number, number]): V128 =>
    make(
      'v128',
      a.code,
      b.code,
      simd(13),
      lanes.map((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte)),
    ),
};

export const i64x2 = {
  /** Full products of lanes 0 and 1. */
  extmulLowI32x4U: vectorBinary(222),
  /** Full products of lanes 2 and 3. */
  extmulHighI32x4U: vectorBinary(223),
};

export const f32x4 = {
  eq: vectorBinary(65),
  ne: vectorBinary(66),
  lt: vectorBinary(67),
  gt: vectorBinary(68),
  le: vectorBinary(69),
  ge: vectorBinary(70),
  /** Two lanes from f64, two zeros. */
  demoteF64x2Zero: vectorUnary(94),
  ceil: vectorUnary(103),
  floor: vectorUnary(104),
  nearest: vectorUnary(106),
  abs: vectorUnary(224),
  neg: vectorUnary(225),
  sqrt: vectorUnary(227),
  add: vectorBinary(228),
  sub: vectorBinary(229),
  mul: vectorBinary(230),
  div: vectorBinary(231),
  min: vectorBinary(232),
  max: vectorBinary(233),
  /** `b < a ? b : a`: one instruction, and a NaN in `a` passes. */
  pmin: vectorBinary(234),
  /** `a < b ? b : a`: one instruction, and a NaN in `a` passes. */
  pmax: vectorBinary(235),
  convertI32x4S: vectorUnary(250),
  convertI32x4U: vectorUnary(251),
};

export const f64x2 = {
  /** Lanes 0 and 1 of an f32 vector. */
  promoteLowF32x4: vectorUnary(95),
  nearest: vectorUnary(148),
  add: vectorBinary(240),
  sub: vectorBinary(241),
  mul: vectorBinary(242),
  div: vectorBinary(243),
  pmin: vectorBinary(246),
  pmax: vectorBinary(247),
  convertLowI32x4U: vectorUnary(255),
};
