// Where the rows of a table go, and arrays for them.
import { DataError } from '../errors.ts';

/** Where rows come from and go to. */
export interface Placement {
  /** [rows]: the place of each row of the table in the dataset. */
  readonly places: Uint32Array;
  /** The number of the first row in the table, where that was encoded before in part. */
  readonly firstRow: number;
}

/** Every row where it was. */
export function inOrder(rows: number, firstRow = 0): Placement {
  const places = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) places[row] = row;
  return { places, firstRow };
}

/** [rows, width] zeros. @throws DataError where there is no such memory, or no array is that long (2^32 elements) */
export function allocate<A extends { readonly BYTES_PER_ELEMENT: number }>(
  Type: { new (length: number): A; readonly BYTES_PER_ELEMENT: number },
  rows: number,
  width: number,
): A {
  try {
    return new Type(rows * width);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const gigabytes = ((rows * width * Type.BYTES_PER_ELEMENT) / 1e9).toFixed(1);
    throw new DataError(
      {
        expected: 'a table that fits into memory',
        got: `${rows} rows of ${width} numbers, ${gigabytes} GB in one array`,
        remedy: 'Take fewer rows (a condition under "rows", or a sample) or fewer columns.',
      },
      { cause: error },
    );
  }
}
