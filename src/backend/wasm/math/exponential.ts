// exp and what is made of it, as in Cephes (Moshier, expf.c): x = n·ln 2 + r with |r| ≤ ln 2 / 2, a polynomial in r,
// and 2ⁿ from exponent bits. At most 2 ulp; NaN, infinities and overflow as in Math.exp.
import { type FunctionBuilder, f32x4, i32, i32x4, type V128, v128 } from '../assembler/index.ts';
import { log1pOfUnit } from './logarithm.ts';
import { floats, integers, polynomial, powerOfTwo } from './vector.ts';

/** ln 2 in two parts; the product of the first with a whole number up to 2^15 is exact. */
const ln2High = 0.693359375;
const ln2Low = -2.1219444005469057e-4;

/** (eʳ − 1 − r) / r², by Remez's algorithm: eʳ − 1 to 1.6e-8 of itself. Cephes has a term more, and no digit. */
const tail = [1.39464973e-3, 8.36661085e-3, 4.16662805e-2, 1.66665435e-1, 0.5];

/** Added to a float of magnitude below 2^22, rounds it and leaves the whole number in the low bits. */
const rounder = 1.5 * 2 ** 23;
const bitsOfRounder = 0x4b400000;

interface Reduced {
  /** n + the rounder, as f32 lanes. */
  readonly shifted: V128;
  /** eʳ − 1, relatively exact near 0. */
  readonly power: V128;
}

/** x = n·ln 2 + r, the shift by `by`, which is `rounder` and a whole number. NaN stays in `power`. */
function reduce(f: FunctionBuilder, x: V128, by = rounder): Reduced {
  const shifted = f.let(f32x4.add(f32x4.mul(x, floats(Math.LOG2E)), floats(by)));
  const n = f.let(f32x4.sub(shifted, floats(by)));
  const coarse = f32x4.sub(x, f32x4.mul(n, floats(ln2High)));
  return { shifted, power: expm1OfSmall(f, f.let(f32x4.sub(coarse, f32x4.mul(n, floats(ln2Low))))) };
}

/** x, and the bound where it is beyond; NaN stays. */
function bounded(f: FunctionBuilder, x: V128, low: number, high: number): V128 {
  return f.let(f32x4.pmin(f32x4.pmax(x, floats(low)), floats(high)));
}

/** eʳ − 1 for |r| ≤ ln 2 / 2. */
export function expm1OfSmall(f: FunctionBuilder, r: V128): V128 {
  return f.let(f32x4.add(f32x4.mul(polynomial(f, r, tail), f32x4.mul(r, r)), r));
}

/** (1 + power)·2ⁿ for whole n (f32 lanes) in two factors, so that n may leave the range of normal numbers. */
export function scale(f: FunctionBuilder, power: V128, n: V128): V128 {
  return scaleShifted(f, { power, shifted: f32x4.add(n, floats(rounder)) });
}

function scaleShifted(f: FunctionBuilder, { power, shifted }: Reduced): V128 {
  const n = f.let(i32x4.sub(shifted, integers(bitsOfRounder)));
  const half = f.let(i32x4.shrS(n, i32.const(1)));
  const first = f32x4.mul(f32x4.add(power, floats(1)), powerOfTwo(half));
  return f.let(f32x4.mul(first, powerOfTwo(i32x4.sub(n, half))));
}

export function exp(f: FunctionBuilder, x: V128): V128 {
  return scaleShifted(f, reduce(f, bounded(f, x, -104, 89)));
}

/** eˣ for x ≤ 0 at two thirds of the price: below 2⁻¹²⁶, where numbers lose digits, it is 0. */
export function expOfNonPositive(f: FunctionBuilder, x: V128): V128 {
  const bias = 127; // at the bound the exponent's bits are 0, and so is the number
  const low = f.let(f32x4.pmax(x, floats(-bias * Math.LN2)));
  const { shifted, power } = reduce(f, low, rounder + bias);
  return f.let(f32x4.mul(f32x4.add(power, floats(1)), i32x4.shl(shifted, i32.const(23))));
}

export function expm1(f: FunctionBuilder, x: V128): V128 {
  const { shifted, power } = reduce(f, bounded(f, x, -20, 89));
  // 2·(2ⁿ⁻¹·power + (2ⁿ⁻¹ − ½)): no overflow before the last step, and exactly `power` where n = 0.
  const half = f.let(powerOfTwo(i32x4.sub(shifted, integers(bitsOfRounder + 1))));
  const sum = f.let(f32x4.add(f32x4.mul(half, power), f32x4.sub(half, floats(0.5))));
  return f.let(f32x4.add(sum, sum));
}

/** e^(−|x|), in (0, 1]. */
function expOfMinusAbs(f: FunctionBuilder, x: V128): V128 {
  const n = f32x4.neg(f32x4.abs(x));
  return exp(f, f.let(n));
}

export function sigmoid(f: FunctionBuilder, x: V128): V128 {
  const e = expOfMinusAbs(f, x);
  const numerator = v128.bitselect(e, floats(1), f32x4.lt(x, floats(0)));
  return f.let(f32x4.div(numerator, f32x4.add(e, floats(1))));
}

/** −t / (t + 2) with t = e^(−2|x|) − 1, and the sign of x. */
export function tanh(f: FunctionBuilder, x: V128): V128 {
  const t = expm1(f, f.let(f32x4.mul(f32x4.abs(x), floats(-2))));
  const magnitude = f32x4.div(f32x4.abs(t), f32x4.add(t, floats(2)));
  return f.let(v128.or(magnitude, v128.and(x, floats(-0))));
}

/** `log(1 + e^(−|x|))`, which both softplus and the cross-entropy add to their linear part. */
function softness(f: FunctionBuilder, x: V128): V128 {
  return log1pOfUnit(f, expOfMinusAbs(f, x));
}

export function softplus(f: FunctionBuilder, x: V128): V128 {
  return f.let(f32x4.add(f32x4.max(x, floats(0)), softness(f, x)));
}

/** `max(z, 0) − z·t` first: for a large logit of the right sign it cancels exactly. */
export function sigmoidCrossEntropy(f: FunctionBuilder, z: V128, t: V128): V128 {
  const linear = f32x4.sub(f32x4.max(z, floats(0)), f32x4.mul(z, t));
  return f.let(f32x4.add(linear, softness(f, z)));
}
