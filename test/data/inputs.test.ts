// Inputs encoded: what is learnt of the training rows, and what becomes of every kind of cell.
import { describe, expect, test } from 'vitest';
import {
  type DataSpec,
  encodeDataset,
  inputShape,
  loadDataset,
  noticeText,
  tableOfRows,
} from '../../src/data/index.ts';
import { list, nothing, table } from './support.ts';

/** A column of `[rows, width]` numbers. */
const columnOf = (values: ArrayLike<number>, width: number, column: number): number[] =>
  list(values).filter((_, i) => i % width === column);

describe('numeric inputs', () => {
  const rows = table('x,k,side', '1,5,train', '3,5,train', ',5,train', '100,7,test', ',,test');
  const inputs = [
    { role: 'numeric', column: 'x' },
    { role: 'numeric', column: 'k' },
  ] as const;

  test('are standardised by the mean and deviation of the training rows; missing ones are 0 with an indicator', async () => {
    const { dataset, encoding } = await loadDataset(rows, { ...nothing, inputs }, 1);
    expect(encoding.inputs[0]).toMatchObject({ mean: 2, deviation: 1, indicator: true });
    expect(columnOf(dataset.numeric, 3, 0)).toEqual([-1, 1, 0, 98, 0]);
    expect(columnOf(dataset.numeric, 3, 2)).toEqual([0, 0, 1, 0, 1]);
    expect(inputShape(encoding).numeric).toEqual(['x', 'k', 'x is missing']);
  });

  test('a constant column is centred, and told; missing where training had none is the mean, and told', async () => {
    const { dataset, encoding } = await loadDataset(rows, { ...nothing, inputs }, 1);
    expect(encoding.inputs[1]).toMatchObject({ mean: 5, deviation: 1, indicator: false });
    expect(columnOf(dataset.numeric, 3, 1)).toEqual([0, 0, 0, 2, 0]);
    expect(dataset.notices.map(noticeText)).toEqual([
      '"k": 3 rows all equal in training, so that the column tells nothing (such as "5")',
      '"k": 1 row missing, which training never saw, and so given the mean of training',
    ]);
  });

  test('a column of equal values that rounding could tell apart is constant', async () => {
    const equal = table('x,side', ...Array.from({ length: 9 }, () => '0.1,train'), '0.1,test');
    const { encoding } = await loadDataset(
      equal,
      { ...nothing, inputs: [{ role: 'numeric', column: 'x' }] },
      1,
    );
    expect(encoding.inputs[0]).toMatchObject({ deviation: 1 });
  });
});

describe('ordinal inputs', () => {
  test('count up in the given order; what it lacks is missing in new rows, and told', async () => {
    const inputs = [{ role: 'ordinal', column: 'size', order: ['small', 'medium', 'large'] }] as const;
    const rows = table('size,side', 'small,train', 'large,train', 'medium,test');
    const { dataset, encoding } = await loadDataset(rows, { ...nothing, inputs }, 1);
    expect(list(dataset.numeric)).toEqual([-1, 1, 0]);
    const later = await encodeDataset(table('size', ' large', 'huge'), encoding);
    expect(list(later.numeric)).toEqual([1, 0]);
    expect(later.notices.map(noticeText)[0]).toBe(
      '"size": 1 row not in the given order, and so counted as missing (such as "huge")',
    );
  });
});

describe('categorical inputs', () => {
  const rows = table(
    'job,side',
    'cook,train',
    'clerk,train',
    'cook,train',
    'smith,train',
    'clerk,train',
    ',train',
    'baker,test',
    ' cook ,test',
  );
  const spec: DataSpec = { ...nothing, inputs: [{ role: 'categorical', column: 'job', minCount: 2 }] };

  test('are indices: missing, other, then the values of training by frequency; rare ones are folded', async () => {
    const { dataset, encoding } = await loadDataset(rows, spec, 1);
    expect(encoding.inputs[0]).toMatchObject({ vocabulary: ['clerk', 'cook'], folded: 1 });
    expect(list(dataset.categorical)).toEqual([3, 2, 3, 1, 2, 0, 1, 3]);
    expect(inputShape(encoding).categorical).toEqual([{ column: 'job', size: 4 }]);
  });

  test('an unknown value in new rows is "other", and told with a count', async () => {
    const { encoding } = await loadDataset(rows, spec, 1);
    const later = await encodeDataset(table('job', 'astronaut', 'cook', 'diver', ''), encoding);
    expect(list(later.categorical)).toEqual([1, 3, 1, 0]);
    expect(later.notices.map(noticeText)).toEqual([
      '"job": 2 rows rare, or never seen in training, and so counted as "other" (such as "astronaut")',
    ]);
  });
});

describe('text inputs', () => {
  const spec: DataSpec = {
    ...nothing,
    inputs: [{ role: 'text', column: 't', buckets: 1000, maxTokens: 5, ngrams: 2 }],
  };
  const bags = async (...texts: string[]) => {
    const rows = tableOfRows('texts', ['t', 'side'], [...texts.map((text) => [text, 'train']), ['', 'test']]);
    const { dataset } = await loadDataset(rows, spec, 1);
    const { indices, counts } = dataset.text[0]!;
    return texts.map((_, i) => list(indices.subarray(i * 5, i * 5 + counts[i]!)));
  };

  test('are buckets of words and pairs in reading order, cut at the limit and padded with 0', async () => {
    const rows = table('t,side', 'the cat,train', 'the cat sat on the mat,train', ',test');
    const { dataset } = await loadDataset(rows, spec, 1);
    const { indices, counts } = dataset.text[0]!;
    expect(list(counts)).toEqual([3, 5, 0]);
    expect(list(indices.subarray(0, 3))).toEqual(list(indices.subarray(5, 8)));
    expect(list(indices.subarray(3, 5))).toEqual([0, 0]);
    expect(indices.every((index) => index < 1000)).toBe(true);
  });

  test('letter case, punctuation and forms of one character make no difference; words and their order do', async () => {
    const [plain, shouted, wide, composed, decomposed, swapped] = await bags(
      'the cat',
      'THE, cat!',
      'ｔｈｅ cat',
      'é',
      'e\u0301',
      'cat the',
    );
    expect(shouted).toEqual(plain);
    expect(wide).toEqual(plain);
    expect(decomposed).toEqual(composed);
    expect(swapped).not.toEqual(plain);
    expect(new Set(swapped!.slice(0, 1))).toEqual(new Set([plain![1]]));
  });

  test('the hash is the same for ever (models are kept; computed apart, in Python)', async () => {
    expect(await bags('the cat')).toEqual([[240, 276, 874]]);
  });
});

describe('images', () => {
  const images = {
    name: 'faces.idx',
    count: 3,
    height: 1,
    width: 2,
    pixels: Uint8Array.of(0, 51, 102, 153, 204, 255),
  };

  test('are the pictures of the rows, 0 … 1, by place or by a column', async () => {
    const rows = table('n,side', '2,train', '0,train', '2,test');
    const byPlace = await loadDataset(rows, { ...nothing, image: {} }, 1, { images });
    expect(list(byPlace.dataset.numeric)).toEqual(
      [0, 51, 102, 153, 204, 255].map((p) => Math.fround(p / 255)),
    );
    const byColumn = await loadDataset(rows, { ...nothing, image: { column: 'n' } }, 1, { images });
    expect(list(byColumn.dataset.numeric)).toEqual(
      [204, 255, 0, 51, 204, 255].map((p) => Math.fround(p / 255)),
    );
    const besideNumbers = await loadDataset(
      rows,
      { ...nothing, image: {}, inputs: [{ role: 'numeric', column: 'n' }] },
      1,
      { images },
    );
    expect(list(besideNumbers.dataset.numeric)).toEqual(
      [1, 0, 51, -1, 102, 153, 1, 204, 255].map((p, i) => (i % 3 === 0 ? p : Math.fround(p / 255))),
    );
    expect(inputShape(byColumn.encoding).image).toEqual({ height: 1, width: 2 });
  });
});
