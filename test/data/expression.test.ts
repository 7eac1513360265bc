// The language of conditions.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataError } from '../../src/data/index.ts';
import { namesIn, parseCondition } from '../../src/data/table/expression.ts';
import { messageOf } from './support.ts';

const columns = ['age', 'sex', 'hours-per-week', 'job title', 'x', 'y'];
const row = ['31', 'F', '40', 'cook', '', '7'];
const value = (source: string): boolean | null => parseCondition(source, columns)(row);

describe('a condition', () => {
  test.each<[string, boolean | null]>([
    ['age = 31', true],
    ['age == 31.0', true],
    ['age != 31', false],
    ['age <> 30', true],
    ['age > 30 and age <= 31', true],
    ['age>=32', false],
    ['-5 < age', true],
    ['hours-per-week < 41', true],
    ['`job title` = "cook"', true],
    ["sex = 'F' or age > 100", true],
    ["not sex = 'F'", false],
    ['NOT age > 100 AND (sex in ["M", \'F\'])', true],
    ['age in [30, 31]', true],
    ['age not in (30, 31)', false],
    ["age = '31'", true],
    ['age < y', false],
    ['sex = `job title`', false],
    ['x is missing', true],
    ['age is not missing', true],
    ['x > 3', null],
    ['not x > 3', null],
    ["x = 'a'", null],
    ['x in [1, 2]', null],
    ['x > 3 and age > 100', false],
    ['x > 3 and age > 3', null],
    ['x > 3 or age > 3', true],
    ['age > 3 or x > 3', true],
    ['1 < 2', true],
    // "and" binds stronger than "or", "not" strongest
    ['age > 3 or age > 100 and age > 100', true],
    ['not age > 100 or age > 100', true],
  ])('%s is %s', (source, expected) => {
    expect(value(source)).toBe(expected);
  });

  test.each([
    [
      '',
      'expected a column, a number or a quoted text in the condition "", got the end. Example: age >= 18 and sex = \'F\'.',
    ],
    [
      'age >',
      'expected a column, a number or a quoted text in the condition "age >", got the end. Example: age >= 18 and sex = \'F\'.',
    ],
    [
      'age',
      'expected a comparison (=, !=, <, <=, >, >=, in, is missing) in the condition "age", got the end. Example: age >= 18 and sex = \'F\'.',
    ],
    [
      'aeg > 3',
      'expected the name of a column in the condition "aeg > 3", got "aeg" at character 1. Texts stand in quotes, names with blanks in backquotes. Did you mean "age"?',
    ],
    [
      'sex = F',
      'expected the name of a column in the condition "sex = F", got "F" at character 6. Texts stand in quotes, names with blanks in backquotes.',
    ],
    [
      '(age > 3',
      'expected ")" in the condition "(age > 3", got the end. Example: age >= 18 and sex = \'F\'.',
    ],
    [
      'age > 3)',
      'expected "and", "or" or the end in the condition "age > 3)", got ")" at character 8. Example: age >= 18 and sex = \'F\'.',
    ],
    [
      'age > 3 sex',
      'expected "and", "or" or the end in the condition "age > 3 sex", got "sex" at character 8. Example: age >= 18 and sex = \'F\'.',
    ],
    [
      '18 < age < 35',
      'expected one comparison at a time, as in "a < b and b < c" in the condition "18 < age < 35", got "<" at character 9. Example: age >= 18 and sex = \'F\'.',
    ],
    [
      "age > 'x'",
      'expected numbers on both sides of ">" in the condition "age > \'x\'", got "\'x\'" at character 6. Example: age >= 18 and sex = \'F\'.',
    ],
    [
      "sex = ''",
      'expected a text in the condition "sex = \'\'", got "\'\'" at character 6. Empty cells: write "x is missing".',
    ],
    [
      "sex = 'F",
      'expected a column, a number, a quoted text or a sign in the condition "sex = \'F", got "\'F" at character 6. Example: age >= 18 and sex = \'F\'.',
    ],
    [
      'age + 1 > 3',
      'expected a column, a number, a quoted text or a sign in the condition "age + 1 > 3", got "+ 1 > 3" at character 4. Example: age >= 18 and sex = \'F\'.',
    ],
    [
      'age in 3',
      'expected "[" in the condition "age in 3", got "3" at character 7. Example: age >= 18 and sex = \'F\'.',
    ],
    [
      'age in []',
      'expected a column, a number or a quoted text in the condition "age in []", got "]" at character 9. Example: age >= 18 and sex = \'F\'.',
    ],
    [
      'and > 3',
      'expected a column, a number or a quoted text in the condition "and > 3", got "and" at character 1. Example: age >= 18 and sex = \'F\'.',
    ],
  ])('%j is refused', async (source, message) => {
    expect(await messageOf(() => value(source))).toBe(message);
  });

  test('text where a number is due names the column and both sides', () => {
    expect(() => value('sex > 3')).toThrow('column "sex": expected a number, to compare with "3", got "F"');
  });

  test('ends in a condition or a DataError, for any text', () => {
    const words = fc.constantFrom(
      'age',
      'sex',
      'and',
      'or',
      'not',
      'in',
      'is',
      'missing',
      '(',
      ')',
      '[',
      ']',
      ',',
      '<',
      '=',
      '!=',
      '3',
      "'F'",
      '`',
      '"',
      '-',
      ' ',
      '\n',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(words, { maxLength: 12 }).map((parts) => parts.join(' ')),
          fc.string(),
        ),
        (source) => {
          try {
            expect(parseCondition(source, columns)).toBeTypeOf('function');
          } catch (error) {
            expect(error).toBeInstanceOf(DataError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('says which names it may use', () => {
    expect(namesIn("age > 3 and `job title` in ['hours-per-week']")).toEqual([
      'age',
      'and',
      'job title',
      'in',
    ]);
  });
});
