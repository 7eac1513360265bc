// The real data sets of ../shared/data: every file has the rows and columns that its README counts, and its figures
// come out of our reading. Skipped, with a line saying so, where the folder is absent.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openTable, readIdxImages } from '../../src/data/files/index.ts';
import {
  type DataSpec,
  encodeDataset,
  guessRoles,
  loadDataset,
  type Partition,
  profileTable,
} from '../../src/data/index.ts';

const folder = '../shared/data';
const present = existsSync(folder);
if (!present) console.log(`skipped: the real data sets, for want of ${folder}`);

const demo = 'examples/data/cps-1985.csv';

describe('the demo data', () => {
  test('is the file that its description says', async () => {
    const { inputs, tasks, groups, derived, split } = guessRoles(await profileTable(await openTable(demo)));
    expect(tasks.map(({ spec }) => `${spec.name}: ${spec.type}`)).toEqual([
      'union: detection',
      'wage: regression',
      'occupation: classification',
    ]);
    const spec: DataSpec = {
      derived,
      inputs: inputs.map((input) => input.spec),
      tasks: [
        // 0 is a member: see examples/data/cps-1985.md
        {
          type: 'detection',
          name: 'union',
          attributes: [{ name: 'member', column: 'union', positive: ['0'] }],
        },
        { type: 'regression', name: 'wage', columns: ['wage'], transform: 'none' },
        { type: 'classification', name: 'occupation', column: 'occupation' },
      ],
      groups: groups.map((group) => group.spec),
      split: split.spec,
    };
    const { dataset } = await loadDataset(await openTable(demo), spec, 1);
    expect(dataset.rows).toBe(534);
    expect(total(dataset.labels[0]!.values)).toBe(96);
    expect(sizes(dataset.groups)).toMatchObject({
      gender: { female: 245, male: 289 },
      race: { hispanic: 27, other: 67, white: 440 },
    });
  });
});

const total = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0);

const sizes = (partitions: readonly Partition[]): Record<string, Record<string, number>> =>
  Object.fromEntries(
    partitions.map(({ name, cells, index }) => [
      name,
      Object.fromEntries(cells.map((cell, c) => [cell, index.filter((i) => i === c).length])),
    ]),
  );

describe.skipIf(!present)('the shared data', () => {
  const readme = present ? readFileSync(`${folder}/README.md`, 'utf8') : '';
  const counted = [...readme.matchAll(/^\| `([\w.-]+\.csv(?:\.gz)?)` \| ([\d,]+) × (\d+) \|/gm)].map(
    ([, name, rows, columns]) => [name!, Number(rows!.replaceAll(',', '')), Number(columns)] as const,
  );

  test('every table has its counts in the README', () => {
    const tables = readdirSync(folder).filter((name) => name.includes('.csv'));
    expect(counted.map(([name]) => name).sort()).toEqual(
      tables.filter((name) => name !== 'utkface-labels.csv.gz').sort(),
    );
  });

  test.each([...counted, ['utkface-labels.csv.gz', 23_702, 5] as const])(
    '%s: %i × %i',
    async (name, rows, columns) => {
      const table = await openTable(`${folder}/${name}`);
      expect(table.columns.length).toBe(columns);
      let count = 0;
      for await (const batch of table.batches()) count += batch.rows.length;
      expect(count).toBe(rows);
    },
  );

  test('utkface: as many pictures of 28 × 28 as labels', async () => {
    const images = await readIdxImages(`${folder}/utkface-28x28.idx3-ubyte.gz`);
    expect(images).toMatchObject({ count: 23_702, height: 28, width: 28 });
  });

  test('adult: the given split, the base rate, the groups, and the same bits for the file read again', async () => {
    const path = `${folder}/adult.csv.gz`;
    const { inputs, split } = guessRoles(await profileTable(await openTable(path)));
    const spec: DataSpec = {
      derived: [{ name: 'age band', column: 'age', bins: [30, 50] }],
      inputs: inputs.map((input) => input.spec),
      tasks: [
        {
          type: 'detection',
          name: 'income',
          attributes: [{ name: 'income', column: 'income', positive: ['>50K'] }],
        },
        { type: 'classification', name: 'occupation', column: 'occupation' },
      ],
      groups: ['sex', 'race', 'age band'].map((column) => ({ name: column, columns: [column] })),
      split: { ...split.spec, validation: 0 },
    };
    const loaded = await loadDataset(await openTable(path), spec, 1);
    expect([loaded.split.train.length, loaded.split.test.length]).toEqual([32_561, 16_281]);
    const [income, occupation] = loaded.dataset.labels;
    expect(total(income!.values) / 48_842).toBeCloseTo(0.239, 3);
    expect(total(occupation!.mask)).toBe(48_842 - 2809);
    expect(sizes(loaded.dataset.groups)).toEqual({
      sex: { Female: 16_192, Male: 32_650 },
      race: { 'Amer-Indian-Eskimo': 470, 'Asian-Pac-Islander': 1519, Black: 4685, Other: 406, White: 41_762 },
      'age band': { '<30': 14_515, '30 to <50': 23_653, '>=50': 10_674 },
    });
    // The file has the training rows first, as the dataset has.
    const again = await encodeDataset(await openTable(path), loaded.encoding);
    expect(again.numeric).toEqual(loaded.dataset.numeric);
    expect(again.categorical).toEqual(loaded.dataset.categorical);
  });

  test('acs-2018: each task is labelled for the people for whom it is defined', async () => {
    const yes = (name: string, when: string, where?: string): DataSpec['tasks'][number] => ({
      type: 'detection',
      name,
      attributes: [{ name, when }],
      ...(where === undefined ? {} : { where }),
    });
    const adults = 'AGEP >= 16 and ';
    const spec: DataSpec = {
      rows: 'AGEP >= 16',
      derived: [],
      inputs: [{ role: 'numeric', column: 'AGEP' }],
      tasks: [
        yes('employed', 'ESR in [1, 2]'),
        yes('income', 'PINCP > 50000', 'AGEP > 16 and PINCP > 100 and WKHP > 0'),
        yes('public coverage', 'PUBCOV = 1', `${adults}AGEP < 65 and PINCP <= 30000`),
        yes('moved', 'MIG != 1', 'AGEP > 18 and AGEP < 35'),
        { type: 'regression', name: 'commute', columns: ['JWMNP'], transform: 'none', where: 'ESR = 1' },
        { type: 'regression', name: 'wage', columns: ['WAGP'], transform: 'log10', where: 'WAGP > 0' },
      ],
      groups: [{ name: 'sex', columns: ['SEX'] }],
      split: { by: 'ratio', validation: 0.15, test: 0.15, stratify: true },
    };
    const { dataset, encoding } = await loadDataset(
      await openTable(`${folder}/acs-2018-de-hi-nm-ri.csv.gz`),
      spec,
      1,
    );
    expect(dataset.rows).toBe(44_452);
    const labelled = dataset.labels.map(({ mask }) => total(mask));
    expect(labelled).toEqual([44_452, 26_867, 17_983, 9843, 22_047, 25_423]);
    const rates = dataset.labels.slice(0, 4).map(({ values }, t) => total(values) / labelled[t]!);
    [0.535, 0.364, 0.375, 0.237].forEach((rate, t) => {
      expect(rates[t]).toBeCloseTo(rate, 3);
    });
    expect(encoding.tasks[5]).toMatchObject({
      standards: [{ mean: expect.closeTo(4.44, 1), deviation: expect.closeTo(0.54, 1) }],
    });
  });

  test('isear: nobody is on two sides, and texts and missing labels come through', async () => {
    const spec: DataSpec = {
      derived: [],
      inputs: [{ role: 'text', column: 'text', buckets: 4096, maxTokens: 64, ngrams: 2 }],
      tasks: [
        { type: 'classification', name: 'EMOT', column: 'EMOT' },
        { type: 'regression', name: 'INTS', columns: ['INTS'], transform: 'none' },
      ],
      groups: [
        { name: 'sex', columns: ['sex'] },
        { name: 'religion', columns: ['religion'] },
      ],
      split: { by: 'ratio', validation: 0.15, test: 0.15, stratify: true, subject: 'subject' },
    };
    const { dataset, split } = await loadDataset(await openTable(`${folder}/isear.csv.gz`), spec, 1);
    expect(total(dataset.labels[1]!.mask) / 7666).toBeCloseTo(0.977, 3);
    expect(sizes(dataset.groups)).toMatchObject({
      sex: { female: 4201, male: 3458 },
      religion: { CATHOLIC: 2511, BUDDHIST: 28 },
    });
    const shares = [split.train, split.validation, split.test].map(({ length }) => length / 7666);
    expect(shares[2]).toBeCloseTo(0.15, 2);
    expect(dataset.text[0]!.counts.filter((count) => count > 0).length).toBeGreaterThan(7600);
  });

  test('utkface: pictures beside labels', async () => {
    const images = await readIdxImages(`${folder}/utkface-28x28.idx3-ubyte.gz`);
    const spec: DataSpec = {
      derived: [],
      inputs: [],
      image: { column: 'index' },
      tasks: [{ type: 'detection', name: 'minor', attributes: [{ name: 'minor', when: 'age < 18' }] }],
      groups: [{ name: 'sex × race', columns: ['sex', 'race'] }],
      split: { by: 'ratio', validation: 0.1, test: 0.2, stratify: true },
    };
    const { dataset, split, encoding } = await loadDataset(
      await openTable(`${folder}/utkface-labels.csv.gz`),
      spec,
      1,
      { images },
    );
    expect(dataset.numeric.length).toBe(23_702 * 784);
    const picture = images.pixels.subarray(split.train[1]! * 784, (split.train[1]! + 1) * 784);
    expect(dataset.numeric.subarray(784, 2 * 784)).toEqual(Float32Array.from(picture, (p) => p / 255));
    expect(encoding.tasks[0]).toMatchObject({ rates: [expect.closeTo(0.179, 2)] });
    expect(dataset.groups[0]!.cells.length).toBe(10);
  });
});
