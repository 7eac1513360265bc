// Numbers as WGSL text: exact, and in brackets so that a sign never meets an operator.
import type { DType } from '../tensor/types.ts';

/** Needed beside a literal that is NaN, infinite (WGSL refuses both in constant expressions) or −0 (Tint makes it 0). */
export const bitsHelper = 'fn f32_from_bits(bits: u32) -> f32 { return bitcast<f32>(bits); }';

export function printLiteral(value: number, dtype: DType): string {
  switch (dtype) {
    case 'bool':
      return value === 0 ? 'false' : 'true';
    case 'u32':
      return `${value >>> 0}u`;
    case 'i32':
      return value | 0 ? `i32(${value | 0})` : '0i';
    case 'f32':
      return printFloat(Math.fround(value));
  }
}

function printFloat(value: number): string {
  if (Number.isNaN(value)) return 'f32_from_bits(0x7fc00000u)';
  if (!Number.isFinite(value)) return `f32_from_bits(${value > 0 ? '0x7f800000u' : '0xff800000u'})`;
  if (Object.is(value, -0)) return 'f32_from_bits(0x80000000u)';
  // A float32 is exact as a double, and JavaScript prints a double so that it reads back as itself.
  return `(${value}f)`;
}
