// Rows encoded by what was learnt of the training rows: the same rows always give the same bits.
import type { RowBlocks } from '../collect/blocks.ts';
import type { RawTable } from '../collect/collect.ts';
import type { Dataset, NoticeBoard, TextBags } from '../dataset.ts';
import { type Encoding, FIRST_CATEGORY, isCategory, isNumber, MISSING, OTHER } from './encoding.ts';
import { encodeGroup } from './groups.ts';
import { encodeImages, type Images } from './images.ts';
import { encodeTask } from './labels.ts';

/** Uses `raw` up: its memory is given back while the dataset takes shape. `firstRow` numbers its rows in the table. */
export function encode(
  encoding: Encoding,
  raw: RawTable,
  images: Images | undefined,
  board: NoticeBoard,
  firstRow = 0,
): Dataset {
  const image = encoding.image && encodeImages(encoding.image, raw, images, firstRow);
  return {
    rows: raw.rows,
    ...encodeNumbers(encoding, raw, board),
    categorical: encodeCategories(encoding, raw, board),
    text: raw.text.map((blocks) => encodeText(blocks, raw.rows)),
    ...(image && { image }),
    labels: encoding.tasks.map((task, t) => encodeTask(task, raw.labels[t]!, board)),
    groups: encoding.groups.map((group, g) => encodeGroup(group, raw.groups[g]!, board)),
    notices: board.notices,
  };
}

function encodeNumbers(
  encoding: Encoding,
  { rows, numeric: raw }: RawTable,
  board: NoticeBoard,
): Pick<Dataset, 'numeric' | 'missing'> {
  const columns = encoding.inputs.filter(isNumber);
  const width = columns.length;
  const mean = Float64Array.from(columns, (column) => column.mean);
  const deviation = Float64Array.from(columns, (column) => column.deviation);
  const indicated = columns.filter(({ indicator }) => indicator);
  const indicatorOf = Int32Array.from(columns, (column) => indicated.indexOf(column));
  const imputed = new Float64Array(width);
  const numeric = new Float32Array(rows * width);
  const missing = new Uint8Array(rows * indicated.length);
  for (const { first, data } of raw.drain()) {
    for (let at = 0, row = first; at < data.length; row++) {
      for (let c = 0; c < width; c++, at++) {
        const value = data[at]!;
        if (!Number.isNaN(value)) numeric[row * width + c] = (value - mean[c]!) / deviation[c]!;
        else if (indicatorOf[c]! >= 0) missing[row * indicated.length + indicatorOf[c]!] = 1;
        else imputed[c]!++;
      }
    }
  }
  imputed.forEach((count, c) => {
    if (count > 0) board.add('missing-imputed', columns[c]!.column, '', count);
  });
  return { numeric, missing };
}

function encodeCategories(
  encoding: Encoding,
  { rows, categorical, categories }: RawTable,
  board: NoticeBoard,
): Uint32Array {
  const columns = encoding.inputs.filter(isCategory);
  const width = columns.length;
  const indexOf = columns.map(({ vocabulary }, c) => {
    const places = new Map(vocabulary.map((text, place) => [text, FIRST_CATEGORY + place]));
    return Uint32Array.from(categories[c]!, (text, code) =>
      code === 0 ? MISSING : (places.get(text) ?? OTHER),
    );
  });
  const unknown = categories.map((texts) => new Float64Array(texts.length));
  const encoded = new Uint32Array(rows * width);
  for (const { first, rows: count, data } of categorical.drain()) {
    for (let i = 0; i < count * width; i++) {
      const c = i % width;
      const code = data[i]!;
      const index = indexOf[c]![code]!;
      encoded[first * width + i] = index;
      if (index === OTHER) unknown[c]![code]!++;
    }
  }
  unknown.forEach((counts, c) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    const example = categories[c]![counts.findIndex((count) => count > 0)];
    if (total > 0) board.add('unknown-category', columns[c]!.column, example, total);
  });
  return encoded;
}

function encodeText(blocks: RowBlocks<'u32'>, rows: number): TextBags {
  const maxTokens = blocks.width - 1;
  const indices = new Uint32Array(rows * maxTokens);
  const counts = new Uint32Array(rows);
  for (const { first, rows: count, data } of blocks.drain()) {
    for (let i = 0; i < count; i++) {
      const bag = data.subarray(i * blocks.width, (i + 1) * blocks.width);
      indices.set(bag.subarray(0, maxTokens), (first + i) * maxTokens);
      counts[first + i] = bag[maxTokens]!;
    }
  }
  return { indices, counts };
}
