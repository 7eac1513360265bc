// Small pieces that all vector functions share.
import { type FunctionBuilder, f32x4, i32, i32x4, type V128, v128 } from '../assembler/index.ts';

/** The same f32 in every lane. */
export function floats(value: number): V128 {
  return v128.const(new Float32Array(4).fill(value));
}

/** The same 32 bits in every lane. */
export function integers(value: number): V128 {
  return v128.const(new Int32Array(4).fill(value));
}

/** The same f64 in both lanes. */
export function doubles(value: number): V128 {
  return v128.const(new Float64Array(2).fill(value));
}

/** A polynomial by Horner's rule, highest power first. */
export function polynomial(f: FunctionBuilder, x: V128, coefficients: readonly number[]): V128 {
  const [first, ...rest] = coefficients;
  return rest.reduce(
    (sum, coefficient) => f.let(f32x4.add(f32x4.mul(sum, x), floats(coefficient))),
    floats(first!),
  );
}

/** 2ⁿ for whole n in −126 … 127 (i32 lanes), made of its exponent bits. */
export function powerOfTwo(n: V128): V128 {
  return i32x4.shl(i32x4.add(n, integers(127)), i32.const(23));
}

/** Lanes 2 and 3 moved to 0 and 1, so that the upper half can be promoted to f64. */
export function upperHalf(x: V128): V128 {
  return i32x4.shuffle(x, x, [2, 3, 2, 3]);
}

/** Two pairs of 32-bit lanes (in lanes 0 and 1 of each) side by side. */
export function joinHalves(low: V128, high: V128): V128 {
  return i32x4.shuffle(low, high, [0, 1, 4, 5]);
}
