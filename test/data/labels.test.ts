// Labels encoded, with a mask where there is none.
import { describe, expect, test } from 'vitest';
import {
  type DataSpec,
  type Labels,
  loadDataset,
  noticeText,
  outputs,
  type RegressionEncoding,
  toUnit,
} from '../../src/data/index.ts';
import { list, nothing, table } from './support.ts';

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
