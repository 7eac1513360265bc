// sin and cos: x = n·π/2 + r reduced in f64, then the polynomials of Cephes (Moshier, sinf.c). The absolute error stays
// below 1e−7 for |x| < 2^20; from 2^31 on, where the quadrant cannot be told, they are NaN.
import { type FunctionBuilder, f32x4, f64x2, i32, i32x4, type V128, v128 } from '../assembler/index.ts';
import { doubles, floats, integers, joinHalves, polynomial, upperHalf } from './vector.ts';

/** π/2 in two parts; the product of the first with a whole number up to 2^20 is exact. */
const halfPiHigh = 1.5707963267341256;
const halfPiLow = 6.077100506506192e-11;

const sineTail = [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1];
const cosineTail = [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2];

/** r as f32 and n as i32, each in lanes 0 and 1. */
function reduceHalf(f: FunctionBuilder, half: V128): { r: V128; n: V128 } {
  const x = f.let(f64x2.promoteLowF32x4(half));
  const n = f.let(f64x2.nearest(f64x2.mul(x, doubles(2 / Math.PI))));
  const coarse = f64x2.sub(x, f64x2.mul(n, doubles(halfPiHigh)));
  const r = f64x2.sub(coarse, f64x2.mul(n, doubles(halfPiLow)));
  return { r: f32x4.demoteF64x2Zero(r), n: i32x4.truncSatF64x2SZero(n) };
}

/** sin(x + quarters·π/2). */
function sine(f: FunctionBuilder, x: V128, quarters: number): V128 {
  const low = reduceHalf(f, x);
  const high = reduceHalf(f, upperHalf(x));
  const r = f.let(joinHalves(low.r, high.r));
  const n = f.let(i32x4.add(joinHalves(low.n, high.n), integers(quarters)));
  const square = f.let(f32x4.mul(r, r));
  const odd = f32x4.add(f32x4.mul(polynomial(f, square, sineTail), f32x4.mul(square, r)), r);
  const flat = f32x4.sub(floats(1), f32x4.mul(square, floats(0.5)));
  const even = f32x4.add(f32x4.mul(polynomial(f, square, cosineTail), f32x4.mul(square, square)), flat);
  const usesCosine = i32x4.eq(v128.and(n, integers(1)), integers(1));
  const sign = i32x4.shl(v128.and(n, integers(2)), i32.const(30));
  const reducible = f32x4.lt(f32x4.abs(x), floats(2 ** 31));
  return f.let(v128.or(v128.xor(v128.bitselect(even, odd, usesCosine), sign), v128.not(reducible)));
}

export const sin = (f: FunctionBuilder, x: V128): V128 => sine(f, x, 0);
export const cos = (f: FunctionBuilder, x: V128): V128 => sine(f, x, 1);
