// Small grey pictures, one after the other, and those that belong to the rows of a table.
import type { RawTable } from '../collect/collect.ts';
import { DataError } from '../errors.ts';
import type { ImageSpec } from '../spec.ts';
import type { ImageEncoding } from './encoding.ts';
import type { Placement } from './rows.ts';

export interface Images {
  /** The file, for messages. */
  readonly name: string;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** [count, height, width], 0 … 255. */
  readonly pixels: Uint8Array;
}

/** Where the pixels of a row belong among its numbers. */
export interface PixelPlace {
  /** [rows, width]. */
  readonly numeric: Float32Array;
  readonly width: number;
  readonly from: number;
}

/**
 * Writes the pixels, 0 … 1, of the picture that each row's column numbers, or of the one at its place in the table.
 * @throws DataError where there is no such picture, or its size is not the one that was learnt
 */
export function encodeImages(
  encoding: ImageEncoding,
  raw: RawTable,
  images: Images | undefined,
  { places, firstRow }: Placement,
  to: PixelPlace,
): void {
  const { column, height, width } = encoding;
  const size = height * width;
  if (images?.height !== height || images.width !== width) {
    throw new DataError({
      ...(images && { file: images.name }),
      expected: `pictures of ${height} × ${width}, as in training`,
      got: images ? `${images.height} × ${images.width}` : 'no pictures',
      remedy: 'Give the IDX file that belongs to this table.',
    });
  }
  for (let row = 0; row < raw.rows; row++) {
    const number = raw.images ? raw.images[row]! : firstRow + row;
    if (!(Number.isInteger(number) && number >= 0 && number < images.count)) {
      throw new DataError({
        file: images.name,
        row: firstRow + row + 1,
        ...(column !== undefined && { column }),
        expected: `the number of a picture, 0 to ${images.count - 1}`,
        got: Number.isNaN(number) ? 'nothing' : String(number),
        remedy: 'Check that the IDX file belongs to this table: it needs a picture for every row.',
      });
    }
    const picture = images.pixels.subarray(number * size, (number + 1) * size);
    const at = places[row]! * to.width + to.from;
    for (let i = 0; i < size; i++) to.numeric[at + i] = picture[i]! / 255;
  }
}

/** @throws DataError where there are no pictures, or, without a column that numbers them, not one for every row */
export function checkImages({ column }: ImageSpec, images: Images | undefined, rows: number): void {
  if (images && (column !== undefined || images.count === rows)) return;
  throw new DataError({
    ...(images && { file: images.name }),
    expected: `${rows} pictures, one for every row of the table`,
    got: images ? `${images.count}` : 'none',
    remedy: 'Give the file that belongs to the table.',
  });
}
