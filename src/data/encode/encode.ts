// Rows encoded by what was learnt of the training rows: the same rows always give the same bits.

import type { Indices } from '../../tensor/types.ts';
import type { RowBlocks } from '../collect/blocks.ts';
import type { RawTable } from '../collect/collect.ts';
import type { Dataset, NoticeBoard, TextBags } from '../dataset.ts';
import { indexType } from '../indices.ts';
import { type Encoding, FIRST_CATEGORY, isCategory, isNumber, isText, MISSING, OTHER } from './encoding.ts';
import { encodeGroup } from './groups.ts';
import { encodeImages, type Images } from './images.ts';
import { encodeTask } from './labels.ts';
import { allocate, type Placement } from './rows.ts';

/** Uses `raw` up: its memory is given back while the dataset takes shape. @throws DataError for want of memory */
export function encode(
  encoding: Encoding,
  raw: RawTable,
  images: Images | undefined,
  board: NoticeBoard,
  placement: Placement,
): Dataset {
  const { places } = placement;
  const texts = encoding.inputs.filter(isText);
  return {
    rows: raw.rows,
    numeric: encodeNumbers(encoding, raw, images, board, placement),
    categorical: encodeCategories(encoding, raw, board, places),
    text: raw.text.map((blocks, t) => encodeText(blocks, texts[t]!.buckets, places)),
    labels: encoding.tasks.map((task, t) => encodeTask(task, raw.labels[t]!, board, places)),
    groups: encoding.groups.map((group, g) => encodeGroup(group, raw.groups[g]!, board, places)),
    notices: board.notices,
  };
}

function encodeNumbers(
  encoding: Encoding,
  raw: RawTable,
  images: Images | undefined,
  board: NoticeBoard,
  placement: Placement,
): Float32Array {
  const columns = encoding.inputs.filter(isNumber);
  const { places } = placement;
  const { image } = encoding;
  const mean = Float64Array.from(columns, (column) => column.mean);
  const deviation = Float64Array.from(columns, (column) => column.deviation);
  const indicated = columns.filter(({ indicator }) => indicator);
  const indicatorOf = Int32Array.from(columns, (column) => indicated.indexOf(column));
  const imputed = new Float64Array(columns.length);
  const pixelsAt = columns.length + indicated.length;
  const width = pixelsAt + (image ? image.height * image.width : 0);
  const numeric = allocate(Float32Array, raw.rows, width);
  for (const { first, rows, data } of raw.numeric.drain()) {
    for (let i = 0, at = 0; i < rows; i++) {
      const to = places[first + i]! * width;
      for (let c = 0; c < columns.length; c++, at++) {
        const value = data[at]!;
        if (!Number.isNaN(value)) numeric[to + c] = (value - mean[c]!) / deviation[c]!;
        else if (indicatorOf[c]! >= 0) numeric[to + columns.length + indicatorOf[c]!] = 1;
        else imputed[c]!++;
      }
    }
  }
  imputed.forEach((count, c) => {
    if (count > 0) board.add('missing-imputed', columns[c]!.column, '', count);
  });
  if (image) encodeImages(image, raw, images, placement, { numeric, width, from: pixelsAt });
  return numeric;
}

function encodeCategories(
  encoding: Encoding,
  { rows, categorical, categories }: RawTable,
  board: NoticeBoard,
  places: Uint32Array,
): Indices {
  const columns = encoding.inputs.filter(isCategory);
  const width = columns.length;
  const indexOf = columns.map(({ vocabulary }, c) => {
    const indices = new Map(vocabulary.map((text, place) => [text, FIRST_CATEGORY + place]));
    return Uint32Array.from(categories[c]!, (text, code) =>
      code === 0 ? MISSING : (indices.get(text) ?? OTHER),
    );
  });
  const largest = Math.max(0, ...columns.map(({ vocabulary }) => FIRST_CATEGORY + vocabulary.length - 1));
  const unknown = categories.map((texts) => new Float64Array(texts.length));
  const encoded = allocate(indexType(largest), rows, width);
  for (const { first, rows: count, data } of categorical.drain()) {
    for (let i = 0, at = 0; i < count; i++) {
      const to = places[first + i]! * width;
      for (let c = 0; c < width; c++, at++) {
        const code = data[at]!;
        const index = indexOf[c]![code]!;
        encoded[to + c] = index;
        if (index === OTHER) unknown[c]![code]!++;
      }
    }
  }
  unknown.forEach((counts, c) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    const example = categories[c]![counts.findIndex((count) => count > 0)];
    if (total > 0) board.add('unknown-category', columns[c]!.column, example, total);
  });
  return encoded;
}

function encodeText(blocks: RowBlocks<'u32'>, buckets: number, places: Uint32Array): TextBags {
  const maxTokens = blocks.width - 1;
  const indices = allocate(indexType(buckets - 1), places.length, maxTokens);
  const counts = allocate(indexType(maxTokens), places.length, 1);
  for (const { first, rows, data } of blocks.drain()) {
    for (let i = 0; i < rows; i++) {
      const place = places[first + i]!;
      const bag = data.subarray(i * blocks.width, (i + 1) * blocks.width);
      indices.set(bag.subarray(0, maxTokens), place * maxTokens);
      counts[place] = bag[maxTokens]!;
    }
  }
  return { indices, counts };
}
