// Splits: no row on two sides, nobody on two sides, the shares that were asked for, in every group.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TextColumn } from '../../src/data/collect/gather.ts';
import { NoticeBoard, noticeText } from '../../src/data/dataset.ts';
import type { SplitSpec } from '../../src/data/index.ts';
import { type Split, type SplitColumns, splitRows } from '../../src/data/split.ts';
import { Random } from '../../src/tensor/random.ts';

const split = (
  spec: SplitSpec,
  columns: Omit<SplitColumns, 'strata'> & Partial<SplitColumns>,
  seed = 1,
): Split => splitRows(spec, { strata: [], ...columns }, new Random(seed), new NoticeBoard());

const ratio = { by: 'ratio', validation: 0.2, test: 0.3, stratify: false } as const;

const column = (cells: readonly string[]): TextColumn => {
  const texts = ['', ...new Set(cells.filter((cell) => cell !== ''))];
  return { codes: Uint32Array.from(cells, (cell) => texts.indexOf(cell)), texts };
};

const all = ({ train, validation, test }: Split): number[] =>
  [...train, ...validation, ...test].sort((a, b) => a - b);
const upTo = (rows: number): number[] => Array.from({ length: rows }, (_, i) => i);

describe('a split by ratio', () => {
  test('gives every row to one side, in the shares asked for, to a row', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 3000 }), fc.nat(), (rows, seed) => {
        const sides = split(ratio, { rows }, seed);
        expect(all(sides)).toEqual(upTo(rows));
        expect(Math.abs(sides.validation.length - 0.2 * rows)).toBeLessThanOrEqual(1);
        expect(Math.abs(sides.test.length - 0.3 * rows)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 50 },
    );
  });

  test('is the same for the same seed, and another for another', () => {
    expect(split(ratio, { rows: 500 }, 7)).toEqual(split(ratio, { rows: 500 }, 7));
    expect(split(ratio, { rows: 500 }, 8)).not.toEqual(split(ratio, { rows: 500 }, 7));
  });

  test('does not follow the order of the rows', () => {
    const { test } = split(ratio, { rows: 10_000 });
    const early = test.filter((row) => row < 5000).length;
    expect(Math.abs(early - 1500)).toBeLessThan(150);
  });
});

describe('a stratified split', () => {
  const strata = (rows: number, seed: number) => {
    const random = new Random(seed);
    const group = Uint8Array.from({ length: rows }, () => (random.uniform() < 0.1 ? 1 : 0));
    const label = Uint8Array.from({ length: rows }, () => random.int(3));
    return [group, label] as const;
  };

  test('gives every group, and every label within it, its share on each side, as far as counts allow', () => {
    fc.assert(
      fc.property(fc.integer({ min: 50, max: 2000 }), fc.nat(1e6), (rows, seed) => {
        const [group, label] = strata(rows, seed);
        const sides = split({ ...ratio, stratify: true }, { rows, strata: [group, label] }, seed);
        expect(all(sides)).toEqual(upTo(rows));
        for (const g of [0, 1]) {
          for (const of of [
            (row: number) => group[row] === g,
            (row: number) => group[row] === g && label[row] === 1,
          ]) {
            const count = upTo(rows).filter(of).length;
            expect(Math.abs(sides.test.filter(of).length - 0.3 * count)).toBeLessThanOrEqual(2);
            expect(Math.abs(sides.validation.filter(of).length - 0.2 * count)).toBeLessThanOrEqual(2);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  test('an unstratified one does not (negative control)', () => {
    const [group] = strata(2000, 1);
    const of = (row: number) => group[row] === 1;
    const misses = upTo(20).map((seed) => {
      const { test } = split(ratio, { rows: 2000 }, seed);
      return Math.abs(test.filter(of).length - 0.3 * upTo(2000).filter(of).length);
    });
    expect(Math.max(...misses)).toBeGreaterThan(5);
  });
});

describe('a split by subject', () => {
  const rowsOfPeople = fc
    .array(fc.integer({ min: 1, max: 9 }), { minLength: 30, maxLength: 150 })
    .chain((sizes) =>
      fc.shuffledSubarray(
        sizes.flatMap((size, who) => Array.from({ length: size }, () => `p${who}`)),
        {
          minLength: sizes.reduce((sum, size) => sum + size, 0),
        },
      ),
    );

  test('puts nobody on two sides, and keeps near the shares', () => {
    fc.assert(
      fc.property(rowsOfPeople, fc.boolean(), fc.nat(1e6), (who, stratify, seed) => {
        const rows = who.length;
        const subject = column(who);
        const strata = [Uint8Array.from(who, (_, i) => i % 3)];
        const sides = split({ ...ratio, subject: 'who', stratify }, { rows, subject, strata }, seed);
        expect(all(sides)).toEqual(upTo(rows));
        const people = [sides.train, sides.validation, sides.test].map(
          (side) => new Set([...side].map((row) => who[row])),
        );
        expect(people[0]!.size + people[1]!.size + people[2]!.size).toBe(new Set(who).size);
        expect(Math.abs(sides.test.length - 0.3 * rows)).toBeLessThanOrEqual(9);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a split by a column', () => {
  const byColumn = {
    by: 'column',
    column: 'side',
    values: { train: ['train', 'learn'], validation: ['dev'], test: ['test'] },
    validation: 0.25,
    stratify: false,
  } as const;

  test('follows the column; rows that it does not name are on no side, and told', () => {
    const side = column(['train', 'test', 'dev', '', 'learn', 'other', 'test']);
    const board = new NoticeBoard();
    expect(splitRows(byColumn, { rows: 7, side, strata: [] }, new Random(1), board)).toEqual({
      train: Uint32Array.of(0, 4),
      validation: Uint32Array.of(2),
      test: Uint32Array.of(1, 6),
    });
    expect(board.notices.map(noticeText)).toEqual([
      '"side": 2 rows with none of the values of the split, and so on no side',
    ]);
  });

  test('takes validation rows from the training rows where the column names none', () => {
    const side = column(Array.from({ length: 100 }, (_, i) => (i % 5 === 0 ? 'test' : 'train')));
    const sides = split(byColumn, { rows: 100, side });
    expect([sides.train.length, sides.validation.length, sides.test.length]).toEqual([60, 20, 20]);
    expect(all(sides)).toEqual(upTo(100));
    expect([...sides.test].every((row) => row % 5 === 0)).toBe(true);
  });

  test('takes them by subject too', () => {
    const rows = 120;
    const side = column(Array.from({ length: rows }, (_, i) => (i < 20 ? 'test' : 'train')));
    const who = Array.from({ length: rows }, (_, i) => `p${i >> 2}`);
    const sides = split({ ...byColumn, subject: 'who' }, { rows, side, subject: column(who) });
    expect(sides.validation.length).toBe(24);
    const people = (side: Uint32Array) => new Set([...side].map((row) => who[row]));
    expect([...people(sides.validation)].filter((name) => people(sides.train).has(name))).toEqual([]);
  });
});
