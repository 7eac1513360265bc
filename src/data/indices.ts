// Whole numbers in as few bytes as the largest of them needs: codes, categories, classes, cells of a partition.
import type { Indices, SignedIndices } from '../tensor/types.ts';

interface ArrayType<A> {
  new (of: number | ArrayBuffer): A;
  readonly BYTES_PER_ELEMENT: number;
}

/** The narrowest type that holds 0 … `largest`. */
export function indexType(largest: number): ArrayType<Indices> {
  if (largest < 2 ** 8) return Uint8Array;
  return largest < 2 ** 16 ? Uint16Array : Uint32Array;
}

/** The narrowest type that holds −1 … `largest`. */
export function signedIndexType(largest: number): ArrayType<SignedIndices> {
  if (largest < 2 ** 7) return Int8Array;
  return largest < 2 ** 15 ? Int16Array : Int32Array;
}

export function largestOf(indices: Indices): number {
  let largest = 0;
  for (let i = 0; i < indices.length; i++) if (indices[i]! > largest) largest = indices[i]!;
  return largest;
}
