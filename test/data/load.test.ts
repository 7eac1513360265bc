// From tables to datasets: what is learnt of training rows alone, and that the same rows always give the same bits.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type DataSpec,
  type Dataset,
  type Encoding,
  encodeBatches,
  encodeDataset,
  gatherNumbers,
  inputShape,
  inputsOnly,
  type Labels,
  loadDataset,
  noticeText,
  outputs,
  type RegressionEncoding,
  tableOfRows,
  toUnit,
} from '../../src/data/index.ts';
import { table } from './support.ts';

const bySide = {
  by: 'column',
  column: 'side',
  values: { train: ['train'], validation: ['dev'], test: ['test'] },
  validation: 0,
  stratify: false,
} as const;
const nothing = { derived: [], inputs: [], tasks: [], groups: [], split: bySide } satisfies DataSpec;

/** An encoding as it comes back from `model.json`. */
const reloaded = (encoding: Encoding): Encoding => JSON.parse(JSON.stringify(encoding)) as Encoding;

const list = (values: ArrayLike<number>): number[] => Array.from(values);

describe('numeric inputs', () => {
  const rows = table('x,k,side', '1,5,train', '3,5,train', ',5,train', '100,7,test', ',,test');
  const inputs = [
    { role: 'numeric', column: 'x' },
    { role: 'numeric', column: 'k' },
  ] as const;

  test('are standardised by the mean and deviation of the training rows; missing ones are 0 with an indicator', async () => {
    const { dataset, encoding } = await loadDataset(rows, { ...nothing, inputs }, 1);
    expect(encoding.inputs[0]).toMatchObject({ mean: 2, deviation: 1, indicator: true });
    expect(list(dataset.numeric).filter((_, i) => i % 2 === 0)).toEqual([-1, 1, 0, 98, 0]);
    expect(list(dataset.missing)).toEqual([0, 0, 1, 0, 1]);
    expect(inputShape(encoding).numeric).toEqual(['x', 'k', 'x is missing']);
  });

  test('a constant column is centred, and told; missing where training had none is the mean, and told', async () => {
    const { dataset, encoding } = await loadDataset(rows, { ...nothing, inputs }, 1);
    expect(encoding.inputs[1]).toMatchObject({ mean: 5, deviation: 1, indicator: false });
    expect(list(dataset.numeric).filter((_, i) => i % 2 === 1)).toEqual([0, 0, 0, 2, 0]);
    expect(dataset.notices.map(noticeText)).toEqual([
      '"k": 3 rows all equal in training, so that the column tells nothing (such as "5")',
      '"k": 1 row missing, which training never saw, and so given the mean of training',
    ]);
  });

  test('are gathered with their indicators, row by row', async () => {
    const { dataset } = await loadDataset(rows, { ...nothing, inputs }, 1);
    const out = new Float32Array(6);
    gatherNumbers(dataset, [4, 0], out);
    expect(list(out)).toEqual([0, 0, 1, -1, 0, 0]);
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
    expect(list(byPlace.dataset.image!)).toEqual(
      [0, 51, 102, 153, 204, 255].map((p) => Math.fround(p / 255)),
    );
    const byColumn = await loadDataset(rows, { ...nothing, image: { column: 'n' } }, 1, { images });
    expect(list(byColumn.dataset.image!)).toEqual(
      [204, 255, 0, 51, 204, 255].map((p) => Math.fround(p / 255)),
    );
    expect(inputShape(byColumn.encoding).image).toEqual({ height: 1, width: 2 });
  });
});

describe('labels', () => {
  const rows = table(
    'age,job,wage,mood,side',
    '20,cook,10,joy|pride,train',
    '40,clerk,20,,train',
    '60,cook,30,joy,train',
    ',smith,,fear|fear,train',
    '50,diver,1000,awe,test',
  );
  const labelsOf = async (...tasks: DataSpec['tasks']) => {
    const { dataset, encoding } = await loadDataset(rows, { ...nothing, tasks }, 1);
    return { labels: dataset.labels[0]!, task: encoding.tasks[0]!, notices: dataset.notices.map(noticeText) };
  };
  const arrays = ({ values, mask }: Labels) => ({ values: list(values), mask: list(mask) });

  test('detection by values, by a condition, and both at once', async () => {
    const { labels, task } = await labelsOf({
      type: 'detection',
      name: 'd',
      attributes: [
        { name: 'cooks', column: 'job', positive: ['cook'] },
        { name: 'old', when: 'age >= 50' },
      ],
    });
    expect(arrays(labels)).toEqual({
      values: [1, 0, 0, 0, 1, 1, 0, 0, 0, 1],
      mask: [1, 1, 1, 1, 1, 1, 1, 0, 1, 1],
    });
    expect(task).toMatchObject({ names: ['cooks', 'old'], rates: [1 / 2, 1 / 3] });
    expect(outputs(task)).toBe(2);
  });

  test('detection of a list: the names of the training rows by frequency', async () => {
    const { labels, task, notices } = await labelsOf({
      type: 'detection',
      name: 'moods',
      list: { column: 'mood', separator: '|' },
      where: 'age < 60 or age is missing',
    });
    expect(task).toMatchObject({ names: ['fear', 'joy', 'pride'] });
    expect(arrays(labels)).toEqual({
      values: [0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0],
      mask: [1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1],
    });
    expect(notices).toEqual([
      '"moods": 1 row naming no attribute of the task, and so left out (such as "awe")',
    ]);
  });

  test('classification: classes of the training rows by frequency, or as given; others are unlabelled and told', async () => {
    const byFrequency = await labelsOf({ type: 'classification', name: 'job', column: 'job' });
    expect(byFrequency.task).toMatchObject({ classes: ['cook', 'clerk', 'smith'], counts: [2, 1, 1] });
    expect(arrays(byFrequency.labels)).toEqual({ values: [0, 1, 0, 2, 0], mask: [1, 1, 1, 1, 0] });
    expect(byFrequency.notices).toEqual([
      '"job": 1 row of no class of the task, and so unlabelled (such as "diver")',
    ]);
    const given = await labelsOf({
      type: 'classification',
      name: 'job',
      column: 'job',
      classes: ['smith', 'cook'],
      where: 'wage != 1000 or wage is missing',
    });
    expect(arrays(given.labels)).toEqual({ values: [1, 0, 1, 0, 0], mask: [1, 0, 1, 1, 0] });
  });

  test('regression: standardised by the labelled training rows; back in its unit by toUnit', async () => {
    const { labels, task } = await labelsOf({
      type: 'regression',
      name: 'pay',
      columns: ['wage', 'age'],
      transform: 'none',
    });
    expect(task).toMatchObject({ standards: [{ mean: 20 }, { mean: 40 }] });
    expect(list(labels.mask)).toEqual([1, 1, 1, 1, 1, 1, 0, 0, 1, 1]);
    const units = list(labels.values).map((z, i) => toUnit(task as RegressionEncoding, i % 2, z));
    const expected = [10, 20, 20, 40, 30, 60, 20, 40, 1000, 50];
    units.forEach((y, i) => {
      expect(y).toBeCloseTo(expected[i]!, 3);
    });
  });

  test.each(['log10', 'log1p'] as const)('regression of a %s', async (transform) => {
    const { labels, task } = await labelsOf({
      type: 'regression',
      name: 'pay',
      columns: ['wage'],
      transform,
    });
    expect(toUnit(task as RegressionEncoding, 0, labels.values[4]!)).toBeCloseTo(1000, 2);
    expect(list(labels.mask)).toEqual([1, 1, 1, 0, 1]);
  });

  test('a label exists only where its condition holds', async () => {
    const { labels } = await labelsOf({
      type: 'regression',
      name: 'pay',
      columns: ['wage'],
      transform: 'none',
      where: 'age > 30 and wage < 100',
    });
    expect(list(labels.mask)).toEqual([0, 1, 1, 0, 0]);
  });
});

describe('groups', () => {
  const rows = table(
    'sex,race,age,side',
    'M,b,20,train',
    'F,a,40,train',
    'F,,60,train',
    ',a,30,train',
    'M,c,,test',
    'F,a,29,test',
  );
  const derived = [{ name: 'band', column: 'age', bins: [30, 50] }];
  const partition = async (...columns: string[]) => {
    const spec: DataSpec = { ...nothing, derived, groups: [{ name: 'g', columns }] };
    const { dataset, encoding } = await loadDataset(rows, spec, 1);
    return { encoding, ...dataset.groups[0]! };
  };

  test('of a column: its values in order, −1 where it is missing', async () => {
    expect(await partition('sex')).toMatchObject({
      cells: ['F', 'M'],
      index: Int32Array.of(1, 0, 0, -1, 1, 0),
    });
  });

  test('of bins: in the order of the bins', async () => {
    expect(await partition('band')).toMatchObject({
      cells: ['<30', '30 to <50', '>=50'],
      index: Int32Array.of(0, 1, 2, 1, -1, 0),
    });
  });

  test('of several columns: the combinations that occur', async () => {
    expect(await partition('sex', 'race')).toMatchObject({
      cells: ['F × a', 'M × b', 'M × c'],
      index: Int32Array.of(1, 0, -1, -1, 2, 0),
    });
  });

  test('of numbers: in order of number', async () => {
    const codes = table('r,side', '10,train', '9,train', '100,test');
    const { encoding } = await loadDataset(codes, { ...nothing, groups: [{ name: 'r', columns: ['r'] }] }, 1);
    expect(encoding.groups[0]!.cells.map(({ name }) => name)).toEqual(['9', '10', '100']);
  });

  test('unknown combinations in new rows are in no group, and told', async () => {
    const { encoding } = await partition('sex', 'race');
    const later = await encodeDataset(table('sex,race,age', 'F,a,1', 'F,b,1', 'X,a,1', ',a,1'), encoding);
    expect(later.groups[0]!.index).toEqual(Int32Array.of(0, -1, -1, -1));
    expect(later.notices.map(noticeText)).toEqual([
      '"g": 2 rows in no group known from training, and so counted for none (such as "F × b")',
    ]);
  });
});

const people = (seed: number, rows: number) =>
  fc.sample(
    fc
      .tuple(
        fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }).map(String), { nil: '' }),
        fc.constantFrom('cook', 'clerk', 'smith', '', 'naïve “quoted”'),
        fc.constantFrom('small', 'large', ''),
        fc.constantFrom('the cat sat', 'a dog', ''),
        fc.constantFrom('M', 'F', ''),
        fc.constantFrom('1', '2', '3', ''),
      )
      .map((row) => row as string[]),
    { seed, numRuns: rows },
  );
const columns = ['x', 'job', 'size', 't', 'sex', 'y'];
const full: DataSpec = {
  derived: [{ name: 'high', when: 'y > 1' }],
  inputs: [
    { role: 'numeric', column: 'x' },
    { role: 'ordinal', column: 'size', order: ['small', 'large'] },
    { role: 'categorical', column: 'job', minCount: 2 },
    { role: 'categorical', column: 'high', minCount: 1 },
    { role: 'text', column: 't', buckets: 64, maxTokens: 4, ngrams: 2 },
  ],
  tasks: [
    { type: 'detection', name: 'a', attributes: [{ name: 'a', column: 'job', positive: ['cook'] }] },
    { type: 'classification', name: 'b', column: 'y' },
    { type: 'regression', name: 'c', columns: ['x'], transform: 'none', where: 'x > -1000000' },
  ],
  groups: [
    { name: 'sex', columns: ['sex'] },
    { name: 'sex × size', columns: ['sex', 'size'] },
  ],
  split: { by: 'ratio', validation: 0.2, test: 0.2, stratify: true },
};

const content = ({ notices: _, ...arrays }: Dataset) => arrays;

describe('the encoding', () => {
  test('is the same bits again after a round trip through JSON, whole or batch by batch', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1e6), fc.integer({ min: 1, max: 70 }), async (seed, rowsPerBatch) => {
        const rows = tableOfRows('people', columns, people(seed, 60));
        const { dataset, encoding } = await loadDataset(rows, full, seed);
        const again = await encodeDataset(rows, reloaded(encoding));
        expect(content(again)).toEqual(content(dataset));
        const parts: Dataset[] = [];
        for await (const part of encodeBatches(rows, reloaded(encoding), rowsPerBatch)) parts.push(part);
        expect(
          parts
            .map((part) => part.rows)
            .slice(0, -1)
            .every((count) => count === rowsPerBatch),
        ).toBe(true);
        const joined = (of: (part: Dataset) => ArrayLike<number>) => parts.flatMap((part) => list(of(part)));
        expect(joined((part) => part.numeric)).toEqual(list(dataset.numeric));
        expect(joined((part) => part.missing)).toEqual(list(dataset.missing));
        expect(joined((part) => part.categorical)).toEqual(list(dataset.categorical));
        expect(joined((part) => part.text[0]!.indices)).toEqual(list(dataset.text[0]!.indices));
        expect(joined((part) => part.labels[2]!.values)).toEqual(list(dataset.labels[2]!.values));
        expect(joined((part) => part.groups[1]!.index)).toEqual(list(dataset.groups[1]!.index));
      }),
      { numRuns: 30 },
    );
  });

  test('learns nothing from rows that are not for training', async () => {
    const train = people(1, 40).map((row) => [...row, 'train']);
    const test1 = people(2, 10).map((row) => [...row, 'test']);
    const test2 = people(3, 30).map(([, ...row]) => ['77', ...row, 'test']);
    const spec: DataSpec = { ...full, split: bySide, groups: [] };
    const load = (rows: string[][]) =>
      loadDataset(tableOfRows('people', [...columns, 'side'], rows), spec, 1);
    const [a, b] = [await load([...train, ...test1]), await load([...test2, ...train])];
    expect(b.encoding).toEqual(a.encoding);
  });

  test('encodes inputs alone from a table without labels and groups', async () => {
    const rows = people(4, 50);
    const { dataset, encoding } = await loadDataset(
      tableOfRows('people', columns, rows),
      { ...full, inputs: full.inputs.slice(0, 3) },
      1,
    );
    const inputs = tableOfRows(
      'new',
      ['size', 'job', 'x'],
      rows.map(([x, job, size]) => [size!, job!, x!]),
    );
    const predicted = await encodeDataset(inputs, inputsOnly(encoding));
    expect(predicted.numeric).toEqual(dataset.numeric);
    expect(predicted.categorical).toEqual(dataset.categorical);
    expect([predicted.labels, predicted.groups]).toEqual([[], []]);
  });

  test('keeps the derived columns that inputs need', async () => {
    const spec: DataSpec = {
      ...nothing,
      derived: [
        { name: 'old', when: 'x > 3' },
        { name: 'older', when: "old = 'yes' and z > 5" },
        { name: 'unused', column: 'y', bins: [1] },
      ],
      inputs: [{ role: 'categorical', column: 'older', minCount: 1 }],
    };
    const { encoding } = await loadDataset(
      table('x,y,z,side', '4,1,6,train', '2,1,9,train', '1,2,3,test'),
      spec,
      1,
    );
    const later = await encodeDataset(table('x,z', '9,9', '1,9'), inputsOnly(encoding));
    expect(list(later.categorical)).toEqual([3, 2]);
  });

  test('reports progress', async () => {
    const seen: [number, number][] = [];
    const rows = tableOfRows('people', columns, people(5, 10_000));
    await loadDataset(rows, full, 1, { onProgress: (fraction, count) => seen.push([fraction, count]) });
    expect(seen.at(-1)).toEqual([1, 10_000]);
    expect(seen.length).toBeGreaterThan(1);
  });
});
