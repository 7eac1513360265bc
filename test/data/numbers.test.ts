// Cells as numbers.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CellError } from '../../src/data/errors.ts';
import { parseDecimal, readNumber } from '../../src/data/table/numbers.ts';

describe('parseDecimal', () => {
  test('gives the same double as Number for every decimal', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 20 });
    const decimal = fc
      .tuple(
        fc.constantFrom('', '-', '+'),
        digits,
        fc.constantFrom('', '.'),
        digits,
        fc.constantFrom('', 'e5', 'E-7', 'e+300'),
      )
      .filter(([, whole, , fraction]) => whole.length + fraction.length > 0)
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        fc.oneof(decimal, fc.double({ noNaN: true, noDefaultInfinity: true }).map(String)),
        (text) => {
          expect(parseDecimal(text)).toBe(Number(text));
        },
      ),
      { numRuns: 3000 },
    );
  });

  test.each([
    '',
    ' ',
    '-',
    '.',
    '-.',
    '+',
    '1.2.3',
    '--1',
    '1-',
    '0x10',
    '0b1',
    '0o7',
    'Infinity',
    '-Infinity',
    'NaN',
    '1e',
    'e5',
    '1_000',
    '1,5',
    'abc',
  ])('takes %j for no number', (text) => {
    expect(parseDecimal(text)).toBeNaN();
  });
});

describe('readNumber', () => {
  test('takes an empty or blank cell for missing, and blanks around a number for nothing', () => {
    expect([readNumber('', 'a'), readNumber('  ', 'a')]).toEqual([Number.NaN, Number.NaN]);
    expect(readNumber(' 3.5\t', 'a')).toBe(3.5);
  });

  test.each([
    ['abc', '"abc"', 'Correct the cell, leave it empty (missing), or make the column categorical.'],
    ['NA', '"NA"', 'If it means "missing", leave the cell empty or list "NA" under "missing".'],
    ['?', '"?"', 'If it means "missing", leave the cell empty or list "?" under "missing".'],
    ['NaN', '"NaN"', 'If it means "missing", leave the cell empty or list "NaN" under "missing".'],
    ['Infinity', '"Infinity"', 'Leave the cell empty (missing), or put a finite number there.'],
    ['-inf', '"-inf"', 'Leave the cell empty (missing), or put a finite number there.'],
    ['1e400', '"1e400", beyond the range of float32 (±3.4e38)', 'Give the column a smaller unit.'],
    ['-4e38', '"-4e38", beyond the range of float32 (±3.4e38)', 'Give the column a smaller unit.'],
    ['1,234.5', '"1,234.5"', 'Write numbers without thousands separators.'],
    ['3,5', '"3,5"', 'Write a decimal point, not a comma.'],
    [
      '2024-05-31',
      'the date "2024-05-31"',
      'Turn dates into numbers first (an age, or days since a fixed day), or leave the column out.',
    ],
    [
      '31.5.2024',
      'the date "31.5.2024"',
      'Turn dates into numbers first (an age, or days since a fixed day), or leave the column out.',
    ],
    [
      '2024-05-31T10:00:00Z',
      'the date "2024-05-31T10:00:00Z"',
      'Turn dates into numbers first (an age, or days since a fixed day), or leave the column out.',
    ],
    [
      '10:30',
      'the date "10:30"',
      'Turn dates into numbers first (an age, or days since a fixed day), or leave the column out.',
    ],
    ['0x1F', '"0x1F"', 'Correct the cell, leave it empty (missing), or make the column categorical.'],
    ['a\nb', '"a b"', 'Correct the cell, leave it empty (missing), or make the column categorical.'],
  ])('refuses %j with a remedy', (cell, got, remedy) => {
    try {
      readNumber(cell, 'age');
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(CellError);
      expect(error).toMatchObject({ column: 'age', expected: 'a number', got, remedy });
    }
  });

  test('ends in a number that fits a float32, missing, or a CellError, for any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'0123456789.-+eE, /:') })),
        (cell) => {
          try {
            const value = readNumber(cell, 'x');
            expect(Number.isNaN(value) ? cell.trim() === '' : Number.isFinite(Math.fround(value))).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(CellError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
