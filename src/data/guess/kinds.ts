// What kind of values a column holds, judged by its profile and its name.
import { parseDecimal } from '../table/numbers.ts';
import { type NameHints, nameHints } from './names.ts';
import type { ColumnProfile } from './profile.ts';

export type Kind = 'numeric' | 'categorical' | 'text' | 'date' | 'id' | 'constant' | 'empty' | 'varied';

export interface Column extends ColumnProfile {
  readonly hints: NameHints;
  readonly kind: Kind;
}

/** More distinct integers than this are a quantity, no codes. */
const CODES_AT_MOST = 10;
/** From this share of numbers on, what is none is a mistake to be mended, and not what the column is for. */
const NEARLY_ALL = 0.98;
/** More distinct texts than this are no classes. */
export const CLASSES_AT_MOST = 50;

/** The columns, once the cells that seem to mean "missing" are taken for that. */
export function describe(profiles: readonly ColumnProfile[]): {
  readonly columns: readonly Column[];
  readonly missing: readonly string[];
} {
  const missing = missingMarks(profiles);
  const columns = profiles.map((profile): Column => {
    const cleaned = withoutMarks(profile, missing);
    const hints = nameHints(profile.column);
    return { ...cleaned, hints, kind: kindOf(cleaned, hints) };
  });
  return { columns, missing };
}

export const present = ({ rows, missing }: ColumnProfile): number => rows - missing;

/** The number of distinct values, Infinity where it is beyond counting. */
export const distinct = ({ values }: ColumnProfile): number => values?.size ?? Infinity;

/** A cell that is no number, among numbers; undefined where there is none, or it was not counted. */
export function oddCell({ values }: ColumnProfile): string | undefined {
  return [...(values?.keys() ?? [])].find((text) => Number.isNaN(parseDecimal(text)));
}

/** Whether it may name people that have several rows each: many people, none of them with a tenth of all rows. */
export function namesSubjects(column: Column): boolean {
  const most = column.values?.values().next().value ?? 0;
  return column.hints.subject && !column.hints.sensitive && most > 1 && most < 0.1 * present(column);
}

/** Whether cells are lists, such as `joy|pride`. */
export function holdsLists({ values }: ColumnProfile): boolean {
  const texts = [...(values?.keys() ?? [])];
  return texts.filter((text) => text.includes('|')).length > texts.length / 20;
}

function kindOf(column: ColumnProfile, { id, age, sensitive }: NameHints): Kind {
  const cells = present(column);
  const different = distinct(column);
  if (cells === 0) return 'empty';
  if (different === 1) return 'constant';
  if (column.dates > 0.9 * cells) return 'date';
  const isNumeric = column.numbers >= NEARLY_ALL * cells;
  const isInteger = column.integers === column.numbers;
  const unique = different >= cells && cells > CODES_AT_MOST;
  if (unique && (id || (isNumeric && isInteger && isCounter(column)))) return 'id';
  const codes = age ? 2 : sensitive ? CLASSES_AT_MOST : CODES_AT_MOST;
  if (isNumeric) return isInteger && different <= codes ? 'categorical' : 'numeric';
  if (column.words >= 4 && different > CLASSES_AT_MOST) return 'text';
  if (unique) return 'id';
  return different > Math.max(CLASSES_AT_MOST, 0.2 * cells) ? 'varied' : 'categorical';
}

/** The integers from a first to a last one, each once. */
const isCounter = (column: ColumnProfile): boolean => column.max - column.min + 1 === present(column);

const MISSING_MARK = /^(na|n\/a|nan|null|none|\?|-|unknown|missing|#n\/a)$/i;

/** Texts such as `NA` in columns that are else numbers, and `?` in any. */
function missingMarks(profiles: readonly ColumnProfile[]): string[] {
  const marks = new Set<string>();
  for (const profile of profiles) {
    const odd = [...(profile.values ?? new Map<string, number>()).keys()].filter((text) =>
      Number.isNaN(parseDecimal(text)),
    );
    const elseNumbers = profile.numbers > 0 && odd.length <= 3;
    for (const text of odd) if (MISSING_MARK.test(text) && (elseNumbers || text === '?')) marks.add(text);
  }
  return [...marks].sort();
}

/** The profile as it would be, were those cells empty. */
function withoutMarks(profile: ColumnProfile, marks: readonly string[]): ColumnProfile {
  if (profile.values === undefined) return profile;
  const found = marks.filter((mark) => profile.values?.has(mark));
  const more = found.reduce((sum, mark) => sum + profile.values!.get(mark)!, 0);
  const values = new Map([...profile.values].filter(([text]) => !found.includes(text)));
  return { ...profile, values, missing: profile.missing + more };
}
