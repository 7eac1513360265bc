// The first guess at the roles of columns.
import { describe, expect, test } from 'vitest';
import { guessRoles, loadDataset, profileTable, type Table, tableOfRows } from '../../src/data/index.ts';
import { nearest } from '../../src/data/nearest.ts';

const guess = async (table: Table) => guessRoles(await profileTable(table));

/** 200 rows of columns made by functions of the row number. */
const made = (columns: Record<string, (i: number) => string>): Table =>
  tableOfRows(
    'made',
    Object.keys(columns),
    Array.from({ length: 200 }, (_, i) => Object.values(columns).map((cell) => cell(i))),
  );

const pick = (values: string) => {
  const list = values.split(' ');
  return (i: number): string => list[(i * 7 + (i >> 3)) % list.length]!;
};

const people = made({
  id: (i) => `x${i}`,
  row: (i) => String(i + 1),
  age: (i) => String(18 + (i % 60)),
  sex: pick('M F'),
  RAC1P: pick('1 2 6 9'),
  job_title: pick('cook clerk smith'),
  hours: (i) => String(10 + ((i * 13) % 50) / 2),
  codes: pick('1 2 3 4'),
  started: (i) => `2020-01-${String(1 + (i % 28)).padStart(2, '0')}`,
  remark: (i) => `this is remark number ${i}`,
  password: (i) => `p${(i * 7919) % 1000}`,
  country: () => 'NL',
  empty: () => '',
  lab: (i) => (i % 9 === 0 ? 'NA' : String(i / 4)),
  income: pick('<=50K >50K <=50K'),
  personId: (i) => `p${i >> 2}`,
});

describe('a guess of roles', () => {
  test('takes a column that is nearly all numbers for numbers, and names what is none', async () => {
    const odd = (wrong: string) => (i: number) => (i === 99 ? wrong : String(1000 + i * 3));
    const { inputs, tasks } = await guess(made({ years: odd('1990-01-02'), salary: odd('much') }));
    expect(inputs[0]).toMatchObject({
      spec: { role: 'numeric' },
      reason: 'numbers from 1000 to 1597, but for "1990-01-02": correct it, or list it under "missing"',
    });
    expect(tasks[0]).toMatchObject({
      spec: { type: 'regression' },
      reason: expect.stringContaining('but for "much"'),
    });
  });

  test('tells inputs from what cannot be one, with the reason', async () => {
    const { inputs, leftOut } = await guess(people);
    expect(Object.fromEntries(inputs.map(({ spec }) => [spec.column, spec.role]))).toEqual({
      age: 'numeric',
      sex: 'categorical',
      RAC1P: 'categorical',
      job_title: 'categorical',
      hours: 'numeric',
      codes: 'categorical',
      remark: 'text',
      lab: 'numeric',
    });
    expect(Object.fromEntries(leftOut.map(({ column, reason }) => [column, reason]))).toEqual({
      id: 'its values name the rows',
      row: 'its values name the rows',
      started: 'dates: turn them into numbers (days, an age) to use them',
      password: 'its values name the rows',
      country: 'it has one value only',
      empty: 'it is empty',
      income: 'it is a label',
      personId: 'it names the subject: all rows of one stay on one side of the split',
    });
    expect(inputs.every(({ reason }) => reason.length > 0)).toBe(true);
  });

  test('finds sensitive attributes, age in bands', async () => {
    const { groups, derived } = await guess(people);
    expect(groups.map(({ spec }) => spec.columns)).toEqual([['age_band'], ['sex'], ['RAC1P']]);
    expect(derived).toEqual([{ name: 'age_band', column: 'age', bins: [30, 50] }]);
  });

  test('a sensitive attribute of too many values to judge each is an input that says so, and no group', async () => {
    const { groups, inputs } = await guess(
      made({ race: (i) => `r${i % 16}`, nationality: (i) => `n${i % 17}`, label: (i) => String(i % 2) }),
    );
    expect(groups.map(({ spec }) => spec.name)).toEqual(['race']);
    expect(inputs.find(({ spec }) => spec.column === 'nationality')!.reason).toContain('combine some');
  });

  test('finds the label, the value that means yes, the subject, and marks of missing cells', async () => {
    const { tasks, split, missing } = await guess(people);
    expect(tasks).toEqual([
      {
        spec: {
          type: 'detection',
          name: 'income',
          attributes: [{ name: 'income', column: 'income', positive: ['>50K'] }],
        },
        reason: 'named like a label; two values, of which ">50K" is taken for yes',
      },
    ]);
    expect(split).toEqual({
      spec: { by: 'ratio', validation: 0.15, test: 0.15, stratify: true, subject: 'personId' },
      reason: 'at random; by "personId", so that nobody is on both sides',
    });
    expect(missing).toEqual(['NA']);
  });

  test.each([
    ['label', 'non-hateful hateful', 'hateful'],
    ['target', '0 1', '1'],
    ['approved', 'no yes', 'yes'],
  ])('%s: the answer that means yes among %s is %s', async (name, values, yes) => {
    const { tasks } = await guess(made({ x: (i) => String(i / 2), [name]: pick(values) }));
    expect(tasks[0]!.spec).toMatchObject({ attributes: [{ positive: [yes] }] });
  });

  test('tells classes, numbers and lists of names apart, and falls back to the last column', async () => {
    const taskOf = async (cell: (i: number) => string, name = 'outcome') =>
      (await guess(made({ x: (i) => String(i / 2), [name]: cell }))).tasks[0]!.spec;
    expect(await taskOf(pick('low middle high'))).toMatchObject({ type: 'classification' });
    expect(await taskOf((i) => String(i / 3))).toMatchObject({ type: 'regression' });
    expect(await taskOf(pick('joy fear joy|fear awe'), 'labels')).toMatchObject({
      type: 'detection',
      list: { separator: '|' },
    });
    expect(await taskOf((i) => String(i / 3), 'zzz')).toMatchObject({ type: 'regression', columns: ['zzz'] });
  });

  test('follows a column that names the sides', async () => {
    const { split } = await guess(
      made({ x: (i) => String(i / 2), y: pick('0 1'), split: pick('train train dev test') }),
    );
    expect(split.spec).toMatchObject({
      by: 'column',
      column: 'split',
      values: { train: ['train'], validation: ['dev'], test: ['test'] },
    });
  });

  test('a share of foreigners, or a number of children by sex, is no sensitive attribute of a person', async () => {
    const { groups } = await guess(
      made({ pctForeign: (i) => String(i / 2), num_male: (i) => String(i / 2), y: pick('0 1') }),
    );
    expect(groups).toEqual([]);
  });

  test('is a draft that loads', async () => {
    const { inputs, tasks, groups, derived, split } = await guess(people);
    const specs = <T>(guesses: readonly { spec: T }[]): T[] => guesses.map(({ spec }) => spec);
    const without = inputs.filter(({ spec }) => spec.column !== 'lab');
    const spec = {
      derived,
      inputs: specs(without),
      tasks: specs(tasks),
      groups: specs(groups),
      split: split.spec,
    };
    const { dataset } = await loadDataset(people, spec, 1);
    expect(dataset.rows).toBe(200);
  });
});

describe('a profile', () => {
  test('counts missing cells, values, numbers, integers and dates', async () => {
    const [a] = await profileTable(
      tableOfRows('t', ['a'], [['1'], ['2.5'], [''], ['1'], ['2020-01-01'], ['two words']]),
    );
    expect(a).toMatchObject({
      rows: 6,
      missing: 1,
      numbers: 3,
      integers: 2,
      dates: 1,
      min: 1,
      max: 2.5,
      words: 6 / 5,
    });
    expect([...a!.values!]).toEqual([
      ['1', 2],
      ['2.5', 1],
      ['2020-01-01', 1],
      ['two words', 1],
    ]);
  });

  test('can stop after so many rows', async () => {
    const [a] = await profileTable(made({ a: String }), 50);
    expect(a).toMatchObject({ rows: 50, max: 49 });
  });
});

describe('nearest', () => {
  test.each([
    ['aeg', 'age'],
    ['Age', 'age'],
    ['hours', 'hours-per-week'],
    ['gendr', 'gender'],
    ['F', undefined],
    ['zebra', undefined],
  ])('%s: %s', (name, expected) => {
    expect(nearest(name, ['age', 'x', 'hours-per-week', 'gender'])).toBe(expected);
  });
});
