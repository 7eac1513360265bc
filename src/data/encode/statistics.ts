// What is counted and averaged over training rows. Sums run in row order, so the same rows give the same bits.

import type { Indices } from '../../tensor/types.ts';
import type { Block } from '../collect/blocks.ts';

export interface Statistics {
  /** Rows that were not missing. */
  readonly count: number;
  readonly mean: number;
  /** Of the population; 0 where all values are equal, whatever the rounding of their mean says. */
  readonly deviation: number;
}

/** Per column of a row-major matrix, over the rows whose flag is 1; NaN is missing. Goes through the blocks twice. */
export function columnStatistics(
  matrix: { readonly width: number; blocks(): Iterable<Block<Float32Array>> },
  flags: Uint8Array,
): Statistics[] {
  const { width } = matrix;
  const count = new Float64Array(width);
  const sum = new Float64Array(width);
  eachCell(matrix, flags, (c, value) => {
    count[c]!++;
    sum[c]! += value;
  });
  const mean = sum.map((total, c) => (count[c] === 0 ? 0 : total / count[c]!));
  const squares = new Float64Array(width);
  const first = new Float64Array(width).fill(Number.NaN);
  const differ = new Uint8Array(width);
  eachCell(matrix, flags, (c, value) => {
    const distance = value - mean[c]!;
    squares[c]! += distance * distance;
    if (Number.isNaN(first[c]!)) first[c] = value;
    else if (value !== first[c]) differ[c] = 1;
  });
  return Array.from({ length: width }, (_, c) => ({
    count: count[c]!,
    mean: mean[c]!,
    deviation: differ[c] === 1 ? Math.sqrt(squares[c]! / count[c]!) : 0,
  }));
}

function eachCell(
  matrix: { readonly width: number; blocks(): Iterable<Block<Float32Array>> },
  flags: Uint8Array,
  visit: (column: number, value: number) => void,
): void {
  const { width } = matrix;
  for (const { first, rows, data } of matrix.blocks()) {
    for (let i = 0; i < rows; i++) {
      if (flags[first + i] !== 1) continue;
      for (let c = 0; c < width; c++) {
        const value = data[i * width + c]!;
        if (!Number.isNaN(value)) visit(c, value);
      }
    }
  }
}

/** How often each code below `size` occurs among the rows whose flag is 1. */
export function textCounts(codes: Indices, size: number, flags: Uint8Array): Float64Array {
  const counts = new Float64Array(size);
  for (let i = 0; i < codes.length; i++) if (flags[i] === 1) counts[codes[i]!]!++;
  return counts;
}

/** The keys, the most frequent first; ties in order of their code units. */
export function byFrequency(counts: ReadonlyMap<string, number>): string[] {
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([key]) => key);
}
