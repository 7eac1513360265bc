// Logarithms after Cephes (Moshier, logf.c): x = m·2ᵉ with √½ ≤ m < √2, a polynomial in m − 1. At most 2 ulp;
// log 0 = −∞, NaN below 0.
import { type FunctionBuilder, f32x4, i32, i32x4, type V128, v128 } from '../assembler/index.ts';
import { floats, integers, polynomial } from './vector.ts';

const ln2High = 0.693359375;
const ln2Low = -2.1219444005469057e-4;
const smallestNormal = 2 ** -126;
const bitsOfRootHalf = 0x3f3504f3;

/** (log(1 + z) − z + z²/2) / z³ */
const tail = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
  2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
];

/** x = mantissa·2^exponent, the mantissa in [√½, √2), the exponent as f32 lanes; for positive finite x. */
export function decompose(f: FunctionBuilder, x: V128): { mantissa: V128; exponent: V128 } {
  const small = f.let(f32x4.lt(x, floats(smallestNormal)));
  const normal = v128.bitselect(f32x4.mul(x, floats(2 ** 23)), x, small);
  const bits = f.let(i32x4.sub(normal, integers(bitsOfRootHalf)));
  const mantissa = i32x4.add(v128.and(bits, integers(0x7fffff)), integers(bitsOfRootHalf));
  const exponent = i32x4.sub(i32x4.shrS(bits, i32.const(23)), v128.and(small, integers(23)));
  return { mantissa: f.let(mantissa), exponent: f.let(f32x4.convertI32x4S(exponent)) };
}

/** log x of positive finite x. */
function logOfPositive(f: FunctionBuilder, x: V128): V128 {
  const { mantissa, exponent } = decompose(f, x);
  const z = f.let(f32x4.sub(mantissa, floats(1)));
  const square = f.let(f32x4.mul(z, z));
  const cubic = f32x4.mul(f32x4.mul(z, square), polynomial(f, z, tail));
  const fine = f32x4.add(cubic, f32x4.mul(exponent, floats(ln2Low)));
  const low = f32x4.sub(fine, f32x4.mul(square, floats(0.5)));
  return f.let(f32x4.add(f32x4.add(z, low), f32x4.mul(exponent, floats(ln2High))));
}

export function log(f: FunctionBuilder, x: V128): V128 {
  const inner = logOfPositive(f, x);
  const above = v128.bitselect(floats(Infinity), inner, f32x4.eq(x, floats(Infinity)));
  const atZero = v128.bitselect(floats(-Infinity), above, f32x4.eq(x, floats(0)));
  return f.let(v128.or(atZero, v128.not(f32x4.ge(x, floats(0)))));
}

/** What rounding 1 + x to `u` lost, as a correction of log u. */
function correction(x: V128, u: V128): V128 {
  return f32x4.div(f32x4.sub(x, f32x4.sub(u, floats(1))), u);
}

export function log1p(f: FunctionBuilder, x: V128): V128 {
  const u = f.let(f32x4.add(x, floats(1)));
  const inside = v128.and(f32x4.gt(u, floats(0)), f32x4.lt(u, floats(Infinity)));
  return f.let(f32x4.add(log(f, u), v128.and(inside, correction(x, u))));
}

/** log(1 + x) for x in [0, 1] or NaN. */
export function log1pOfUnit(f: FunctionBuilder, x: V128): V128 {
  const u = f.let(f32x4.add(x, floats(1)));
  return f.let(f32x4.add(logOfPositive(f, u), correction(x, u)));
}
