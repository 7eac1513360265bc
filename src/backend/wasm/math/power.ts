// xʸ for x ≥ 0 as e^(y·log x). The logarithm is taken in f64, since its error is multiplied by up to 128.
import { type FunctionBuilder, f32x4, f64x2, type V128, v128 } from '../assembler/index.ts';
import { expm1OfSmall, scale } from './exponential.ts';
import { decompose } from './logarithm.ts';
import { doubles, floats, joinHalves, upperHalf } from './vector.ts';

/** 2·artanh(s) / s in powers of s², highest first; |s| ≤ 0.172 makes the rest smaller than 1e−11. */
const artanh = [2 / 13, 2 / 11, 2 / 9, 2 / 7, 2 / 5, 2 / 3, 2];

/** n and r of y·log x = n·ln 2 + r in two f64 lanes, from lanes 0 and 1. */
function reduceProduct(f: FunctionBuilder, y: V128, mantissa: V128, exponent: V128): { n: V128; r: V128 } {
  const m = f.let(f64x2.promoteLowF32x4(mantissa));
  const s = f.let(f64x2.div(f64x2.sub(m, doubles(1)), f64x2.add(m, doubles(1))));
  const square = f.let(f64x2.mul(s, s));
  const [first, ...rest] = artanh;
  const series = rest.reduce(
    (sum, coefficient) => f.let(f64x2.add(f64x2.mul(sum, square), doubles(coefficient))),
    doubles(first!),
  );
  const whole = f64x2.mul(f64x2.promoteLowF32x4(exponent), doubles(Math.LN2));
  const product = f64x2.mul(f64x2.promoteLowF32x4(y), f64x2.add(whole, f64x2.mul(s, series)));
  const bounded = f.let(f64x2.pmin(f64x2.pmax(product, doubles(-104)), doubles(89)));
  const n = f.let(f64x2.nearest(f64x2.mul(bounded, doubles(Math.LOG2E))));
  return { n, r: f.let(f64x2.sub(bounded, f64x2.mul(n, doubles(Math.LN2)))) };
}

/** NaN for x < 0; x⁰ = 1 for any x. */
export function pow(f: FunctionBuilder, x: V128, y: V128): V128 {
  const { mantissa, exponent } = decompose(f, x);
  const low = reduceProduct(f, y, mantissa, exponent);
  const high = reduceProduct(f, upperHalf(y), f.let(upperHalf(mantissa)), upperHalf(exponent));
  const join = (a: V128, b: V128): V128 =>
    f.let(joinHalves(f32x4.demoteF64x2Zero(a), f32x4.demoteF64x2Zero(b)));
  const inner = scale(f, expm1OfSmall(f, join(low.r, high.r)), join(low.n, high.n));

  // 0 and ∞ have no exponent bits to take: the result is 0 or ∞ by the sign of y.
  const rises = f32x4.gt(y, floats(0));
  const atZero = v128.andNot(floats(Infinity), rises);
  const atInfinity = v128.and(floats(Infinity), rises);
  const withZero = v128.bitselect(atZero, inner, f32x4.eq(x, floats(0)));
  const withInfinity = v128.bitselect(atInfinity, withZero, f32x4.eq(x, floats(Infinity)));
  const defined = f.let(v128.or(withInfinity, v128.not(v128.and(f32x4.ge(x, floats(0)), f32x4.eq(y, y)))));
  return f.let(v128.bitselect(floats(1), defined, f32x4.eq(y, floats(0))));
}
