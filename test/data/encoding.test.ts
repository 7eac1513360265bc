// From tables to datasets: what is learnt of training rows alone, and that the same rows always give the same bits.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type DataSpec,
  type Dataset,
  type Encoding,
  encodeBatches,
  encodeDataset,
  inputsOnly,
  loadDataset,
  type Split,
  type Table,
  tableOfRows,
} from '../../src/data/index.ts';
import { bySide, list, nothing, table } from './support.ts';

/** An encoding as it comes back from `model.json`. */
const reloaded = (encoding: Encoding): Encoding => JSON.parse(JSON.stringify(encoding)) as Encoding;

const columns = ['x', 'job', 'size', 't', 'sex', 'y', 'side'];

/** Whatever the others are, with these rows every task can be learnt, and every side has a row. */
const anchors = [
  ['1', 'cook', 'small', 'the cat sat', 'M', '1', 'train'],
  ['2', 'clerk', 'large', '', 'F', '2', 'train'],
  ['3', 'smith', '', 'a dog', 'F', '3', 'dev'],
  ['4', 'cook', 'large', 'a cat', 'M', '2', 'test'],
];

/** `rows` people of all kinds, and the anchors somewhere among them. */
function people(seed: number, rows: number): string[][] {
  const person = fc.tuple(
    fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }).map(String), { nil: '' }),
    fc.constantFrom('cook', 'clerk', 'smith', '', 'naïve “quoted”'),
    fc.constantFrom('small', 'large', ''),
    fc.constantFrom('the cat sat', 'a dog', ''),
    fc.constantFrom('M', 'F', ''),
    fc.constantFrom('1', '2', '3', ''),
    fc.constantFrom('train', 'train', 'dev', 'test', 'none'),
  );
  const some: string[][] = fc.sample(person, { seed, numRuns: rows });
  for (const [i, anchor] of anchors.entries()) some.splice((seed * (i + 1)) % (some.length + 1), 0, anchor);
  return some;
}

const peopleTable = (seed: number, rows: number): Table => tableOfRows('people', columns, people(seed, rows));

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
  split: bySide,
};

/** Every array of a dataset, by name, as lists of a row each. */
function rowsOf({ rows, numeric, categorical, text, labels, groups }: Dataset): Record<string, number[][]> {
  const arrays = {
    numeric,
    categorical,
    ...Object.fromEntries(
      text.flatMap(({ indices, counts }, t) => [
        [`text${t}`, indices],
        [`counts${t}`, counts],
      ]),
    ),
    ...Object.fromEntries(
      labels.flatMap(({ task, values, mask }) => [
        [task, values],
        [`mask ${task}`, mask],
      ]),
    ),
    ...Object.fromEntries(groups.map(({ name, index }) => [name, index])),
  } as Record<string, ArrayLike<number>>;
  return Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => {
      const width = array.length / rows;
      return [name, Array.from({ length: rows }, (_, i) => list(array).slice(i * width, (i + 1) * width))];
    }),
  );
}

const inTheOrderOf = (rows: readonly number[], all: Record<string, number[][]>): Record<string, number[][]> =>
  Object.fromEntries(Object.entries(all).map(([name, cells]) => [name, rows.map((row) => cells[row]!)]));

const sidesOf = ({ train, validation, test }: Split): number[][] => [train, validation, test].map(list);

describe('a dataset', () => {
  test('has the rows side after side, in the order of the table, and each side is a view of its own', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1e6), async (seed) => {
        const rows = peopleTable(seed, 30);
        const { dataset, sides, split, encoding } = await loadDataset(rows, full, seed);
        const inTable = rowsOf(await encodeDataset(rows, encoding));
        const own = [sides.train, sides.validation, sides.test];
        sidesOf(split).forEach((numbers, side) => {
          expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
          expect(rowsOf(own[side]!)).toEqual(inTheOrderOf(numbers, inTable));
          expect(own[side]!.numeric.buffer).toBe(dataset.numeric.buffer);
        });
        expect(dataset.rows).toBe(34);
      }),
      { numRuns: 20 },
    );
  });
});

describe('the encoding', () => {
  test('is the same bits again after a round trip through JSON, whole or batch by batch', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1e6), fc.integer({ min: 1, max: 70 }), async (seed, rowsPerBatch) => {
        const rows = peopleTable(seed, 56);
        const { dataset, split, encoding } = await loadDataset(rows, full, seed);
        const again = rowsOf(await encodeDataset(rows, reloaded(encoding)));
        const sided = sidesOf(split).flat();
        expect(inTheOrderOf(sided, again)).toEqual(
          inTheOrderOf(
            sided.map((_, i) => i),
            rowsOf(dataset),
          ),
        );
        const parts: Dataset[] = [];
        for await (const part of encodeBatches(rows, reloaded(encoding), rowsPerBatch)) parts.push(part);
        expect(parts.slice(0, -1).every((part) => part.rows === rowsPerBatch)).toBe(true);
        const joined = parts.map(rowsOf);
        for (const [name, cells] of Object.entries(again)) {
          expect(joined.flatMap((part) => part[name]!)).toEqual(cells);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('learns nothing from rows that are not for training', async () => {
    const sided = (rows: string[][], side: string) => rows.map((row) => [...row.slice(0, -1), side]);
    const train = sided(people(1, 40), 'train');
    const test1 = sided(people(2, 10), 'test');
    const test2 = sided(people(3, 30), 'test').map(([, ...row]) => ['77', ...row]);
    const spec: DataSpec = { ...full, groups: [] };
    const load = (rows: string[][]) => loadDataset(tableOfRows('people', columns, rows), spec, 1);
    const [a, b] = [await load([...train, ...test1]), await load([...test2, ...train])];
    expect(b.encoding).toEqual(a.encoding);
  });

  test('encodes inputs alone from a table without labels and groups', async () => {
    const rows = tableOfRows('people', columns, people(4, 50));
    const { encoding } = await loadDataset(rows, { ...full, inputs: full.inputs.slice(0, 3) }, 1);
    const whole = await encodeDataset(rows, encoding);
    const inputs = tableOfRows(
      'new',
      ['size', 'job', 'x'],
      people(4, 50).map(([x, job, size]) => [size!, job!, x!]),
    );
    const predicted = await encodeDataset(inputs, inputsOnly(encoding));
    expect(predicted.numeric).toEqual(whole.numeric);
    expect(predicted.categorical).toEqual(whole.categorical);
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
    const rows = peopleTable(5, 9_996);
    await loadDataset(rows, full, 1, { onProgress: (fraction, count) => seen.push([fraction, count]) });
    expect(seen.at(-1)).toEqual([1, 10_000]);
    expect(seen.length).toBeGreaterThan(1);
  });
});
