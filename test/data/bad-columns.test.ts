// Tables that can be read, but not used as they were asked to be: what their user is told.
import { describe, expect, test } from 'vitest';
import { type DataSpec, loadDataset, type Table, tableOfRecords, tableOfRows } from '../../src/data/index.ts';
import { filterRows, valuesOf, withDerived } from '../../src/data/table/derive.ts';
import { messageOf, table } from './support.ts';

const people = table(
  'age,sex,job,wage,union,when,side,who',
  '31,F,cook,10,yes,2020-01-01,train,a',
  '54,M,clerk,12,no,2020-01-02,train,b',
  '27,F,clerk,9,no,2020-01-03,test,c',
  '45,M,smith,15,yes,2020-01-04,train,d',
  '38,F,cook,11,no,2020-01-05,test,e',
);

const spec: DataSpec = {
  derived: [],
  inputs: [{ role: 'numeric', column: 'age' }],
  tasks: [{ type: 'regression', name: 'wage', columns: ['wage'], transform: 'none' }],
  groups: [{ name: 'sex', columns: ['sex'] }],
  split: {
    by: 'column',
    column: 'side',
    values: { train: ['train'], validation: [], test: ['test'] },
    validation: 0,
    stratify: false,
  },
};

const ratio = { by: 'ratio', validation: 0.2, test: 0.2, stratify: false } as const;
type Source = { column: string; positive: string[] } | { when: string };
const detection = (attribute: Source): Partial<DataSpec> => ({
  tasks: [{ type: 'detection', name: 'union', attributes: [{ name: 'union', ...attribute }] }],
});

describe('what cannot be made of a table says where and why', () => {
  test('the table and the spec of these tests are sound', async () => {
    await expect(loadDataset(people, spec, 1)).resolves.toBeDefined();
  });

  const cases: readonly [name: string, change: Partial<DataSpec>, message: string][] = [
    [
      'an input that is not there',
      { inputs: [{ role: 'numeric', column: 'Age ' }] },
      'people.csv, column "Age ": expected a column "Age " (an input, numeric), got the columns "age", "sex", "job", "wage", "union", "when" and 2 more. Correct the name. Did you mean "age"?',
    ],
    [
      'text where numbers are due',
      { inputs: [{ role: 'numeric', column: 'job' }] },
      'people.csv, row 1, column "job": expected a number, got "cook". Correct the cell, leave it empty (missing), or make the column categorical.',
    ],
    [
      'dates where numbers are due',
      { inputs: [{ role: 'numeric', column: 'when' }] },
      'people.csv, row 1, column "when": expected a number, got the date "2020-01-01". Turn dates into numbers first (an age, or days since a fixed day), or leave the column out.',
    ],
    [
      'a value that the order lacks',
      { inputs: [{ role: 'ordinal', column: 'job', order: ['clerk', 'cook'] }] },
      'people.csv, row 4, column "job": expected one of "clerk" and "cook", got "smith". Add it to the column\'s order.',
    ],
    [
      'labels of text where numbers are due',
      { tasks: [{ type: 'regression', name: 'pay', columns: ['job'], transform: 'none' }] },
      'people.csv, row 1, column "job": expected a number, got "cook". Correct the cell, leave it empty (missing), or make the column categorical.',
    ],
    [
      'a label column that is not there',
      { tasks: [{ type: 'classification', name: 'job', column: 'jobs' }] },
      'people.csv, column "jobs": expected a column "jobs" (labels of "job"), got the columns "age", "sex", "job", "wage", "union", "when" and 2 more. Correct the name. Did you mean "job"?',
    ],
    [
      'labels nowhere',
      {
        tasks: [
          { type: 'regression', name: 'wage', columns: ['wage'], transform: 'none', where: 'age > 90' },
        ],
      },
      'people.csv: expected labelled training rows for the task "wage", got none. Check the label column or its condition "age > 90", or remove the task.',
    ],
    [
      'labels that are all equal',
      {
        tasks: [
          { type: 'regression', name: 'wage', columns: ['wage'], transform: 'none', where: 'wage = 10' },
        ],
      },
      'people.csv: expected values that differ in the column "wage" for the task "wage", got 10 in all 1 labelled training rows. Choose another label, or remove the task.',
    ],
    [
      'one class',
      { tasks: [{ type: 'classification', name: 'job', column: 'job', where: "job = 'cook'" }] },
      'people.csv: expected two classes or more for the task "job", got only "cook". Check the label column.',
    ],
    [
      'no class at all',
      { tasks: [{ type: 'classification', name: 'job', column: 'job', where: 'age > 90' }] },
      'people.csv: expected labelled training rows for the task "job", got none. Check the label column or its condition "age > 90", or remove the task.',
    ],
    [
      'a class without rows',
      {
        tasks: [{ type: 'classification', name: 'job', column: 'job', classes: ['cook', 'smiht', 'clerk'] }],
      },
      'people.csv: expected training rows of the class "smiht" for the task "job", got none. The column holds "clerk", "cook" and "smith". Did you mean "smith"?',
    ],
    [
      'a positive value that never comes',
      detection({ column: 'union', positive: ['Yes'] }),
      'people.csv: expected training rows of both answers, yes and no, about "union", for the task "union", got only no. The column "union" holds "yes" and "no"; positive is "Yes". Did you mean "yes"?',
    ],
    [
      'values that are all positive',
      detection({ column: 'union', positive: ['yes', 'no'] }),
      'people.csv: expected training rows of both answers, yes and no, about "union", for the task "union", got only yes. The column "union" holds "yes" and "no"; positive is "yes, no".',
    ],
    [
      'a condition that always holds',
      detection({ when: 'age > 1' }),
      'people.csv: expected training rows of both answers, yes and no, about "union", for the task "union", got only yes. Check its condition, or remove it.',
    ],
    [
      'a condition on text as a number',
      detection({ when: 'job > 1' }),
      'people.csv, row 1, column "job": expected a number, to compare with "1", got "cook". Put quotes around the other side to compare texts, or correct the cell.',
    ],
    [
      'a condition that cannot be read',
      detection({ when: 'age >> 1' }),
      'people.csv: expected a column, a number or a quoted text in the condition "age >> 1", got ">" at character 6. Example: age >= 18 and sex = \'F\'.',
    ],
    [
      'a group column that is not there',
      { groups: [{ name: 'sex', columns: ['gender'] }] },
      'people.csv, column "gender": expected a column "gender" (a group), got the columns "age", "sex", "job", "wage", "union", "when" and 2 more. Correct the name.',
    ],
    [
      'a partition of one group',
      { derived: [{ name: 'adult', when: 'age > 18' }], groups: [{ name: 'adult', columns: ['adult'] }] },
      'people.csv, column "adult": expected two groups or more in the partition "adult", got only "yes". Choose another column for the groups.',
    ],
    [
      'a split column that is not there',
      { split: { ...spec.split, column: 'sides' } as DataSpec['split'] },
      'people.csv, column "sides": expected a column "sides" (of the split), got the columns "age", "sex", "job", "wage", "union", "when" and 2 more. Correct the name. Did you mean "side"?',
    ],
    [
      'a split column that says something else',
      { split: { ...spec.split, column: 'job' } as DataSpec['split'] },
      'people.csv, column "job": expected rows for training ("train"), got "cook", "clerk" and "smith". Say which values of the column mean train, validation and test.',
    ],
    [
      'shares of more than everything',
      { split: { ...ratio, test: 0.9 } },
      'people.csv: expected shares for validation and test from 0 on, below 1 together, got 0.2 and 0.9. Example: validation: 0.15, test: 0.15.',
    ],
    [
      'a negative share',
      { split: { ...ratio, test: -0.1 } },
      'people.csv: expected shares for validation and test from 0 on, below 1 together, got 0.2 and -0.1. Example: validation: 0.15, test: 0.15.',
    ],
    [
      'a side without rows',
      { split: { ...ratio, validation: 0.01, test: 0 } },
      'people.csv: expected rows for validation, got none of 5 rows. Change the shares of the split.',
    ],
    [
      'a side without subjects',
      { split: { ...ratio, subject: 'sex', validation: 0.3, test: 0.3 } },
      'people.csv: expected rows for test, got none of 5 rows. Change the shares of the split.',
    ],
    [
      'a subject on two sides of a given split',
      { split: { ...spec.split, subject: 'sex' } },
      'people.csv, column "sex": expected every subject on one side of the split, got "F" in train and in test. Split by ratio and subject instead, or without the subject.',
    ],
    [
      'a filter that leaves nothing',
      { rows: 'age > 90' },
      'people.csv: expected rows that meet the condition "age > 90", got none. Check the condition.',
    ],
    [
      'a derived column of a taken name',
      { derived: [{ name: 'age', column: 'age', bins: [30] }] },
      'people.csv, column "age": expected a new name for the derived column, got the name of a column that is there. Rename the derived column.',
    ],
    [
      'bins of nothing',
      { derived: [{ name: 'band', column: 'aeg', bins: [30] }] },
      'people.csv, column "aeg": expected a column "aeg" (binned as "band"), got the columns "age", "sex", "job", "wage", "union", "when" and 2 more. Correct the name. Did you mean "age"?',
    ],
    [
      'bins of text',
      { derived: [{ name: 'band', column: 'job', bins: [30] }] },
      'people.csv, row 1, column "job": expected a number, got "cook". Correct the cell, leave it empty (missing), or make the column categorical.',
    ],
    [
      'bins in falling order',
      { derived: [{ name: 'band', column: 'age', bins: [50, 30] }] },
      'people.csv, column "band": expected bins: numbers in rising order, got [50, 30]. Example: bins: [30, 50].',
    ],
    [
      'no bins',
      { derived: [{ name: 'band', column: 'age', bins: [] }] },
      'people.csv, column "band": expected bins: numbers in rising order, got []. Example: bins: [30, 50].',
    ],
    [
      'too few names of bins',
      { derived: [{ name: 'band', column: 'age', bins: [30, 50], names: ['young', 'old'] }] },
      'people.csv, column "band": expected 3 names for 3 intervals, got 2. Name every interval, from the lowest.',
    ],
    [
      'pictures that are not given',
      { image: {} },
      'people.csv: expected 5 pictures, one for every row of the table, got none. Give the file that belongs to the table.',
    ],
  ];
  test.each(cases)('%s', async (_, change, message) => {
    expect(await messageOf(() => loadDataset(people, { ...spec, ...change }, 1))).toBe(message);
  });

  test('a logarithm of what is not positive', async () => {
    const rows = table('age,sex,wage,side', '31,F,10,train', '54,M,0,train', '27,F,9,test');
    const tasks: DataSpec['tasks'] = [
      { type: 'regression', name: 'wage', columns: ['wage'], transform: 'log10' },
    ];
    expect(await messageOf(() => loadDataset(rows, { ...spec, tasks }, 1))).toBe(
      'people.csv, row 2, column "wage": expected a number above 0 (its log10 is learnt), got 0. Learn the column without log10, or add a condition "where: wage > 0" to the task.',
    );
  });

  test('a subject that is missing', async () => {
    const rows = table('age,sex,wage,who', '31,F,10,a', '54,M,11,', '27,F,9,b');
    expect(
      await messageOf(() => loadDataset(rows, { ...spec, split: { ...ratio, subject: 'who' } }, 1)),
    ).toBe(
      'people.csv, row 2, column "who": expected a subject in every row, so that nobody is on two sides, got an empty cell. Fill the column, or split without it.',
    );
  });

  test('a subject that is missing behind a filter, where rows have other numbers', async () => {
    const rows = table('age,sex,wage,who', '1,F,10,a', '31,F,10,a', '54,M,11,', '27,F,9,b');
    const filtered = { ...spec, rows: 'age > 18', split: { ...ratio, subject: 'who' } };
    expect(await messageOf(() => loadDataset(rows, filtered, 1))).toMatch(
      /^people\.csv, column "who": expected a subject/,
    );
  });

  test('pictures that are too few, or beyond those there are', async () => {
    const images = { name: 'faces.idx', count: 4, height: 1, width: 1, pixels: new Uint8Array(4) };
    expect(await messageOf(() => loadDataset(people, { ...spec, image: {} }, 1, { images }))).toBe(
      'faces.idx: expected 5 pictures, one for every row of the table, got 4. Give the file that belongs to the table.',
    );
    expect(
      await messageOf(() => loadDataset(people, { ...spec, image: { column: 'age' } }, 1, { images })),
    ).toBe(
      'faces.idx, row 1, column "age": expected the number of a picture, 0 to 3, got 31. Check that the IDX file belongs to this table: it needs a picture for every row.',
    );
  });

  test('rows in memory that are ragged, or hold objects', async () => {
    expect(await messageOf(() => tableOfRows('rows', ['a', 'b'], [['1', '2'], ['3']]))).toMatch(
      /^rows, row 2: expected 2 cells/,
    );
    expect(await messageOf(() => tableOfRecords('records', [{ a: 1 }, { a: { b: 2 } }]))).toBe(
      'records, row 2, column "a": expected text, a number, true, false, null or a list of them, got an object. Flatten it into columns of their own.',
    );
  });

  test('an error behind a filter and derived columns names the row of the source', async () => {
    const source: Table = withDerived(filterRows(people, 'age > 30'), [{ name: 'old', when: 'age > 50' }]);
    const inputs: DataSpec['inputs'] = [{ role: 'ordinal', column: 'job', order: ['cook', 'clerk'] }];
    expect(await messageOf(() => loadDataset(source, { ...spec, inputs }, 1))).toMatch(
      /^people\.csv, row 4, column "job"/,
    );
  });

  test('bins have a name for every interval', () => {
    expect(valuesOf({ name: 'band', column: 'age', bins: [30, 50, 70] })).toEqual([
      '<30',
      '30 to <50',
      '50 to <70',
      '>=70',
    ]);
  });
});
