// What integer lanes lack: division, and the random words of Philox.
import { type FunctionBuilder, f64x2, i32, i32x4, i64x2, type V128, v128 } from '../assembler/index.ts';
import { integers, joinHalves, upperHalf } from './vector.ts';

/** Truncated a / b of u32 lanes, exactly, by way of f64; a where b = 0. */
export function divideUnsigned(f: FunctionBuilder, a: V128, b: V128): V128 {
  const quotient = (x: V128, y: V128): V128 =>
    i32x4.truncSatF64x2UZero(f64x2.div(f64x2.convertLowI32x4U(x), f64x2.convertLowI32x4U(y)));
  const both = joinHalves(quotient(a, b), quotient(upperHalf(a), upperHalf(b)));
  return f.let(v128.bitselect(a, both, i32x4.eq(b, integers(0))));
}

/** Truncated towards zero; −2^31 / −1 wraps to −2^31. */
export function divideSigned(f: FunctionBuilder, a: V128, b: V128): V128 {
  const magnitude = divideUnsigned(f, f.let(i32x4.abs(a)), f.let(i32x4.abs(b)));
  const opposite = f.let(i32x4.shrS(v128.xor(a, b), i32.const(31)));
  const quotient = i32x4.sub(v128.xor(magnitude, opposite), opposite);
  return f.let(v128.bitselect(a, quotient, i32x4.eq(b, integers(0))));
}

/** Low and high words of the full products of u32 lanes. */
function fullProduct(f: FunctionBuilder, a: V128, b: V128): { low: V128; high: V128 } {
  const first = f.let(i64x2.extmulLowI32x4U(a, b));
  const second = f.let(i64x2.extmulHighI32x4U(a, b));
  return {
    low: f.let(i32x4.shuffle(first, second, [0, 2, 4, 6])),
    high: f.let(i32x4.shuffle(first, second, [1, 3, 5, 7])),
  };
}

/** Word 0 of Philox4x32-10, as `tensor/random.ts` defines it. */
export function philoxWord(
  f: FunctionBuilder,
  key: readonly [V128, V128],
  counter: readonly [V128, V128, V128, V128],
): V128 {
  let [k0, k1] = key;
  let [c0, c1, c2, c3] = counter;
  for (let round = 0; round < 10; round++) {
    const zero = fullProduct(f, integers(0xd2511f53), c0);
    const one = fullProduct(f, integers(0xcd9e8d57), c2);
    c0 = f.let(v128.xor(v128.xor(one.high, c1), k0));
    c2 = f.let(v128.xor(v128.xor(zero.high, c3), k1));
    c1 = one.low;
    c3 = zero.low;
    k0 = f.let(i32x4.add(k0, integers(0x9e3779b9)));
    k1 = f.let(i32x4.add(k1, integers(0xbb67ae85)));
  }
  return c0;
}
