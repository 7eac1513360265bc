// Which rows are for training, validation and test. Every choice comes from the seed.
import type { Random } from '../tensor/random.ts';
import type { TextColumn } from './collect/gather.ts';
import type { NoticeBoard } from './dataset.ts';
import { DataError, quote, quoteList } from './errors.ts';
import { type ColumnSplit, type Side, type SplitSpec, sides } from './spec.ts';

/** Row numbers in rising order; no row is on two sides. */
export type Split = Readonly<Record<Side, Uint32Array>>;

export interface SplitColumns {
  readonly rows: number;
  /** Of the split by a column. */
  readonly side?: TextColumn;
  readonly subject?: TextColumn;
  /** What to stratify by, the most important first: small numbers, equal for rows that are alike. */
  readonly strata: readonly ArrayLike<number>[];
}

const TRAIN = sides.indexOf('train');
const VALIDATION = sides.indexOf('validation');
const TEST = sides.indexOf('test');
const NOWHERE = 255;

/** @throws DataError where a side that was asked for stays empty */
export function splitRows(spec: SplitSpec, columns: SplitColumns, random: Random, board: NoticeBoard): Split {
  checkShares(spec);
  const sideOf =
    spec.by === 'column' ? namedSides(spec, columns, board) : new Uint8Array(columns.rows).fill(TRAIN);
  const drawn = random.fork('split');
  if (spec.by === 'ratio') {
    divide(sideOf, spec, columns, [1 - spec.validation - spec.test, spec.validation, spec.test], drawn);
  } else if (!sideOf.includes(VALIDATION)) {
    divide(sideOf, spec, columns, [1 - spec.validation, spec.validation, 0], drawn);
  }
  if (spec.subject !== undefined) checkSubjects(sideOf, columns, spec.subject);
  const split = {
    train: rowsOf(sideOf, TRAIN),
    validation: rowsOf(sideOf, VALIDATION),
    test: rowsOf(sideOf, TEST),
  };
  for (const side of wantedSides(spec)) {
    if (split[side].length > 0) continue;
    throw new DataError({
      expected: `rows for ${side}`,
      got: `none of ${columns.rows} rows`,
      remedy:
        spec.by === 'column' ? `Check the column ${quote(spec.column)}.` : 'Change the shares of the split.',
    });
  }
  return split;
}

function wantedSides(spec: SplitSpec): Side[] {
  const test = spec.by === 'ratio' ? spec.test > 0 : spec.values.test.length > 0;
  return [
    'train',
    ...(spec.validation > 0 ? ['validation' as const] : []),
    ...(test ? ['test' as const] : []),
  ];
}

function checkShares(spec: SplitSpec): void {
  const held = spec.validation + (spec.by === 'ratio' ? spec.test : 0);
  const shares = [spec.validation, ...(spec.by === 'ratio' ? [spec.test] : [])];
  if (shares.every((share) => share >= 0 && share < 1) && held < 1) return;
  throw new DataError({
    expected: 'shares for validation and test from 0 on, below 1 together',
    got: shares.join(' and '),
    remedy: 'Example: validation: 0.15, test: 0.15.',
  });
}

function rowsOf(sideOf: Uint8Array, side: number): Uint32Array {
  const rows = new Uint32Array(sideOf.reduce((count, value) => count + Number(value === side), 0));
  let next = 0;
  for (let i = 0; i < sideOf.length; i++) if (sideOf[i] === side) rows[next++] = i;
  return rows;
}

/** The sides that a column names. */
function namedSides(spec: ColumnSplit, { rows, side }: SplitColumns, board: NoticeBoard): Uint8Array {
  if (side === undefined) throw new TypeError('a split by a column needs the column');
  const sideOfText = side.texts.map((text, code) => {
    const index = sides.findIndex((name) => spec.values[name].includes(text));
    return code === 0 || index < 0 ? NOWHERE : index;
  });
  const sideOf = new Uint8Array(rows);
  for (let i = 0; i < rows; i++) {
    const code = side.codes[i]!;
    sideOf[i] = sideOfText[code]!;
    if (sideOf[i] === NOWHERE) board.add('no-split', spec.column, side.texts[code]);
  }
  if (!sideOf.includes(TRAIN)) {
    throw new DataError({
      column: spec.column,
      expected: `rows for training (${quoteList(spec.values.train)})`,
      got: quoteList(side.texts.slice(1)),
      remedy: 'Say which values of the column mean train, validation and test.',
    });
  }
  return sideOf;
}

/**
 * Divides the rows that are for training so far: a share for each side. Where rows move together, their first one stands
 * for them.
 */
function divide(
  sideOf: Uint8Array,
  { subject, stratify }: SplitSpec,
  columns: SplitColumns,
  shares: readonly number[],
  random: Random,
): void {
  const unitOf = subject === undefined ? undefined : subjects(sideOf, columns, subject);
  const rows = random.shuffle(unitOf ? firstRows(unitOf) : rowsOf(sideOf, TRAIN));
  const order = stratify ? sortedByStrata(rows, columns.strata) : rows;
  const sizes = unitOf && unitSizes(unitOf, rows.length);
  allot(
    order,
    (row) => (sizes ? sizes[unitOf[row]!]! : 1),
    shares,
    (row, side) => {
      sideOf[row] = side;
    },
  );
  if (unitOf) followFirst(sideOf, unitOf);
}

const NO_UNIT = 0xffffffff;

/** Numbers the subjects of the rows that are for training: 0, 1, 2 … in order of appearance. */
function subjects(sideOf: Uint8Array, { subject }: SplitColumns, column: string): Uint32Array {
  const { codes, texts } = subject!;
  const units = new Uint32Array(texts.length).fill(NO_UNIT);
  const unitOf = new Uint32Array(codes.length).fill(NO_UNIT);
  let count = 0;
  codes.forEach((code, i) => {
    if (sideOf[i] !== TRAIN) return;
    if (code === 0) {
      throw new DataError({
        row: i + 1,
        column,
        expected: 'a subject in every row, so that nobody is on two sides',
        got: 'an empty cell',
        remedy: 'Fill the column, or split without it.',
      });
    }
    if (units[code] === NO_UNIT) units[code] = count++;
    unitOf[i] = units[code]!;
  });
  return unitOf;
}

/** A column of sides may put a subject's rows on two of them; then one of the two columns is not what it is taken for. */
function checkSubjects(sideOf: Uint8Array, { subject }: SplitColumns, column: string): void {
  const { codes, texts } = subject!;
  const sideOfSubject = new Uint8Array(texts.length).fill(NOWHERE);
  for (let i = 0; i < sideOf.length; i++) {
    const side = sideOf[i]!;
    const code = codes[i]!;
    if (side === NOWHERE || code === 0) continue;
    if (sideOfSubject[code] === NOWHERE) sideOfSubject[code] = side;
    if (sideOfSubject[code] === side) continue;
    throw new DataError({
      column,
      expected: 'every subject on one side of the split',
      got: `${quote(texts[code]!)} in ${sides[sideOfSubject[code]!]} and in ${sides[side]}`,
      remedy: 'Split by ratio and subject instead, or without the subject.',
    });
  }
}

function firstRows(unitOf: Uint32Array): Uint32Array {
  const first: number[] = [];
  unitOf.forEach((unit, row) => {
    if (unit === first.length) first.push(row);
  });
  return Uint32Array.from(first);
}

function unitSizes(unitOf: Uint32Array, units: number): Uint32Array {
  const sizes = new Uint32Array(units);
  for (const unit of unitOf) if (unit !== NO_UNIT) sizes[unit]!++;
  return sizes;
}

/** Gives every row the side of the first row of its unit. */
function followFirst(sideOf: Uint8Array, unitOf: Uint32Array): void {
  const sides: number[] = [];
  unitOf.forEach((unit, row) => {
    if (unit === NO_UNIT) return;
    sides[unit] ??= sideOf[row]!;
    sideOf[row] = sides[unit];
  });
}

/** The rows, stably sorted by their strata: counting sorts, from the least important key on. */
function sortedByStrata(rows: Uint32Array, strata: readonly ArrayLike<number>[]): Uint32Array {
  let [from, to]: readonly [Uint32Array, Uint32Array] = [rows, new Uint32Array(rows.length)];
  for (const keys of strata.toReversed()) {
    const places = new Uint32Array(from.reduce((most, row) => Math.max(most, keys[row]!), 0) + 2);
    for (const row of from) places[keys[row]! + 1]!++;
    for (let key = 1; key < places.length; key++) places[key]! += places[key - 1]!;
    for (const row of from) to[places[keys[row]!]!++] = row;
    [from, to] = [to, from];
  }
  return from;
}

/**
 * Goes through the rows in order and gives each to the side that lags most behind its share. Any stretch of the order
 * is thus divided by the shares, to about a unit: all of a group, and within it each label, and so on as counts allow.
 */
function allot(
  order: Uint32Array,
  sizeOf: (row: number) => number,
  shares: readonly number[],
  give: (row: number, side: number) => void,
): void {
  const given = shares.map(() => 0);
  let total = 0;
  for (const row of order) {
    const size = sizeOf(row);
    total += size;
    let side = TRAIN;
    let most = -Infinity;
    for (let s = 0; s < shares.length; s++) {
      const lag = shares[s]! * total - given[s]!;
      if (shares[s]! > 0 && lag > most) {
        side = s;
        most = lag;
      }
    }
    given[side]! += size;
    give(row, side);
  }
}
