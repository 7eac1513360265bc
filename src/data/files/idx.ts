// IDX, the format of MNIST: magic 00 00 08 0d (unsigned bytes, d dimensions), then d big-endian sizes, then the bytes.

import type { Images } from '../encode/images.ts';
import { DataError } from '../errors.ts';
import { fileBytes, fileHead, isGzip } from './bytes.ts';

const UNSIGNED_BYTE = 0x08;

/** Reads pictures [count, height, width], gunzipped where needed. @throws DataError where the file holds none */
export async function readIdxImages(path: string): Promise<Images> {
  const { bytes, sizes } = await readIdx(path);
  if (sizes.length === 3) {
    const [count, height, width] = sizes as [number, number, number];
    return { name: path, count, height, width, pixels: bytes };
  }
  throw notIdx(path, 'pictures (3 dimensions: count, height, width)', `${sizes.length} dimensions`);
}

/** Reads labels [count]. @throws DataError where the file holds none */
export async function readIdxLabels(path: string): Promise<Uint8Array> {
  const { bytes, sizes } = await readIdx(path);
  if (sizes.length === 1) return bytes;
  throw notIdx(path, 'labels (1 dimension)', `${sizes.length} dimensions`);
}

async function readIdx(path: string): Promise<{ bytes: Uint8Array; sizes: readonly number[] }> {
  const { magic } = await fileHead(path);
  const chunks: Buffer[] = [];
  for await (const chunk of fileBytes(path, isGzip(magic), () => {})) chunks.push(chunk);
  const all = Buffer.concat(chunks);
  const dimensions = all[3] ?? 0;
  const start = 4 + 4 * dimensions;
  const isIdx = all.length >= 8 && all[0] === 0 && all[1] === 0 && all[2] === UNSIGNED_BYTE;
  if (!isIdx || dimensions === 0 || all.length < start) {
    throw notIdx(
      path,
      'an IDX file of bytes (it begins 00 00 08)',
      `one that begins ${all.subarray(0, 4).toString('hex') || 'with nothing'}`,
    );
  }
  const sizes = Array.from({ length: dimensions }, (_, d) => all.readUInt32BE(4 + 4 * d));
  const expected = sizes.reduce((product, size) => product * size, 1);
  if (all.length - start !== expected) {
    throw notIdx(path, `${expected} bytes after the header (${sizes.join(' × ')})`, `${all.length - start}`);
  }
  return { bytes: new Uint8Array(all.subarray(start)), sizes };
}

function notIdx(path: string, expected: string, got: string): DataError {
  return new DataError({
    file: path,
    expected,
    got,
    remedy: 'Check that it is the right file and was copied whole.',
  });
}
