// Whole numbers from 0 on, in as few bytes as the largest of them needs: codes, categories, classes.

export type Indices = Uint8Array | Uint16Array | Uint32Array;

interface IndexType {
  new (of: number | ArrayBuffer): Indices;
  readonly BYTES_PER_ELEMENT: number;
}

/** The narrowest type that holds 0 … `largest`. */
export function indexType(largest: number): IndexType {
  if (largest < 2 ** 8) return Uint8Array;
  return largest < 2 ** 16 ? Uint16Array : Uint32Array;
}

export function largestOf(indices: Indices): number {
  let largest = 0;
  for (let i = 0; i < indices.length; i++) if (indices[i]! > largest) largest = indices[i]!;
  return largest;
}
