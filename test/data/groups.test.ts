// Sensitive attributes: the cell of each row.
import { describe, expect, test } from 'vitest';
import { type DataSpec, encodeDataset, loadDataset, noticeText } from '../../src/data/index.ts';
import { nothing, table } from './support.ts';

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
      index: Int8Array.of(1, 0, 0, -1, 1, 0),
    });
  });

  test('of bins: in the order of the bins', async () => {
    expect(await partition('band')).toMatchObject({
      cells: ['<30', '30 to <50', '>=50'],
      index: Int8Array.of(0, 1, 2, 1, -1, 0),
    });
  });

  test('of several columns: the combinations that occur', async () => {
    expect(await partition('sex', 'race')).toMatchObject({
      cells: ['F × a', 'M × b', 'M × c'],
      index: Int8Array.of(1, 0, -1, -1, 2, 0),
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
    expect(later.groups[0]!.index).toEqual(Int8Array.of(0, -1, -1, -1));
    expect(later.notices.map(noticeText)).toEqual([
      '"g": 2 rows in no group known from training, and so counted for none (such as "F × b")',
    ]);
  });
});
