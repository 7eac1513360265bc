// Folds of many elements into one, vector by vector. Sums of floats are kept in f64, so that a sum of millions is as
// exact as the definition, which adds in doubles.
import type { DType } from '../../../tensor/types.ts';
import { type FunctionBuilder, f32x4, f64x2, i32x4, type V128, type Variable } from '../assembler/index.ts';
import { doubles, floats, integers, joinHalves, upperHalf } from '../math/index.ts';

export interface Fold {
  /** Fills the unused lanes of a partial vector. */
  readonly neutral: V128;
  /** Initial values of the registers that hold one running result for each of four lanes. */
  readonly start: readonly V128[];
  readonly add: (f: FunctionBuilder, registers: readonly Variable<'v128'>[], x: V128) => void;
  /** Folds `others` into `registers`. */
  readonly merge: (
    f: FunctionBuilder,
    registers: readonly Variable<'v128'>[],
    others: readonly V128[],
  ) => void;
  /** The four lanes' results. */
  readonly lanes: (registers: readonly V128[]) => V128;
  /** All lanes in one, in every lane. */
  readonly total: (f: FunctionBuilder, registers: readonly V128[]) => V128;
}

/** By an instruction that combines two vectors. */
function simple(neutral: V128, combine: (a: V128, b: V128) => V128): Fold {
  return {
    neutral,
    start: [neutral],
    add: (f, [result], x) => f.set(result!, combine(result!, x)),
    merge: (f, [result], [other]) => f.set(result!, combine(result!, other!)),
    lanes: ([result]) => result!,
    total: (f, [result]) => {
      const pairs = f.let(combine(result!, i32x4.shuffle(result!, result!, [2, 3, 0, 1])));
      return f.let(combine(pairs, i32x4.shuffle(pairs, pairs, [1, 0, 3, 2])));
    },
  };
}

export const sumOfFloats: Fold = {
  neutral: floats(0),
  start: [doubles(0), doubles(0)],
  add: (f, [low, high], x) => {
    f.set(low!, f64x2.add(low!, f64x2.promoteLowF32x4(x)));
    f.set(high!, f64x2.add(high!, f64x2.promoteLowF32x4(upperHalf(x))));
  },
  merge: (f, registers, others) => {
    for (const [half, register] of registers.entries()) f.set(register, f64x2.add(register, others[half]!));
  },
  lanes: ([low, high]) => joinHalves(f32x4.demoteF64x2Zero(low!), f32x4.demoteF64x2Zero(high!)),
  total: (f, [low, high]) => {
    const pair = f.let(f64x2.add(low!, high!));
    const sum = f64x2.add(pair, i32x4.shuffle(pair, pair, [2, 3, 0, 1]));
    const narrow = f.let(f32x4.demoteF64x2Zero(sum));
    return f.let(i32x4.shuffle(narrow, narrow, [0, 0, 0, 0]));
  },
};

/** Ignores NaN, at a seventh of the instructions: for a shift of exponents, where NaN shows up again by itself. */
export const shiftOfFloats = simple(floats(-Infinity), f32x4.pmax);

const ofFloats = {
  sum: sumOfFloats,
  max: simple(floats(-Infinity), f32x4.max),
  min: simple(floats(Infinity), f32x4.min),
} as const;
const ofSigned = {
  sum: simple(integers(0), i32x4.add),
  max: simple(integers(-(2 ** 31)), i32x4.maxS),
  min: simple(integers(2 ** 31 - 1), i32x4.minS),
} as const;
const ofUnsigned = {
  sum: ofSigned.sum,
  max: simple(integers(0), i32x4.maxU),
  min: simple(integers(2 ** 32 - 1), i32x4.minU),
} as const;

export function foldOf(op: 'sum' | 'max' | 'min', dtype: DType): Fold {
  return (dtype === 'f32' ? ofFloats : dtype === 'i32' ? ofSigned : ofUnsigned)[op];
}

export function startFold(f: FunctionBuilder, fold: Fold): Variable<'v128'>[] {
  return fold.start.map((value) => f.variable(value));
}
