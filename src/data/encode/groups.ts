// Sensitive attributes: each row's cell in every partition. Cells are known from all rows, not from the training rows
// alone: groups are what is audited, never what is learnt from, and a cell without training rows must show in the report.

import type { TextColumn } from '../collect/gather.ts';
import type { Notice, NoticeBoard, Partition } from '../dataset.ts';
import { DataError, quote } from '../errors.ts';
import type { GroupSpec } from '../spec.ts';
import { type DerivedColumn, valuesOf } from '../table/derive.ts';
import { parseDecimal } from '../table/numbers.ts';
import type { GroupEncoding } from './encoding.ts';

const UNKNOWN = -1;

/** @throws DataError where the partition has no cell, or only one */
export function fitGroup(
  group: GroupSpec,
  columns: readonly TextColumn[],
  derived: readonly DerivedColumn[],
): GroupEncoding {
  const values = columns.map(({ codes, texts }, c) => {
    const present = new Set(codes);
    present.delete(0);
    const source = derived.find(({ name }) => name === group.columns[c]);
    return inOrder(
      [...present].map((code) => texts[code]!),
      source && valuesOf(source),
    );
  });
  const cells = combinations(columns, values).map((cell) => ({ name: cell.join(' × '), values: cell }));
  if (cells.length < 2) {
    throw new DataError({
      column: group.columns.join(', '),
      expected: `two groups or more in the partition ${quote(group.name)}`,
      got: cells.length === 0 ? 'none: every row is missing' : `only ${quote(cells[0]!.name)}`,
      remedy: 'Choose another column for the groups.',
    });
  }
  return { ...group, cells };
}

/** Their natural order where there is one, else by number where all are numbers, else by code units. */
function inOrder(present: string[], natural: readonly string[] | undefined): readonly string[] {
  if (natural !== undefined) return natural.filter((value) => present.includes(value));
  const numeric = present.every((text) => !Number.isNaN(parseDecimal(text)));
  return present.sort((a, b) => (numeric ? parseDecimal(a) - parseDecimal(b) : 0) || (a < b ? -1 : 1));
}

/** The combinations of values that occur, in order of the values. */
function combinations(columns: readonly TextColumn[], values: readonly (readonly string[])[]): string[][] {
  const sizes = values.map(({ length }) => length);
  const keys = new Set(rowKeys(columns, values));
  keys.delete(UNKNOWN);
  return [...keys]
    .sort((a, b) => a - b)
    .map((key) => {
      const cell: string[] = [];
      for (let c = sizes.length - 1, rest = key; c >= 0; c--) {
        cell.unshift(values[c]![rest % sizes[c]!]!);
        rest = Math.floor(rest / sizes[c]!);
      }
      return cell;
    });
}

/** Per row one number for its combination of values, or −1 where a value is missing or not among those given. */
function rowKeys(columns: readonly TextColumn[], values: readonly (readonly string[])[]): Float64Array {
  const keys = new Float64Array(columns[0]!.codes.length);
  columns.forEach(({ codes, texts }, c) => {
    const places = new Map(values[c]!.map((value, place) => [value, place]));
    const placeOf = texts.map((text, code) => (code === 0 ? UNKNOWN : (places.get(text) ?? UNKNOWN)));
    for (let i = 0; i < codes.length; i++) {
      const place = placeOf[codes[i]!]!;
      keys[i] = place === UNKNOWN || keys[i] === UNKNOWN ? UNKNOWN : keys[i]! * places.size + place;
    }
  });
  return keys;
}

export function encodeGroup(
  group: GroupEncoding,
  columns: readonly TextColumn[],
  board: NoticeBoard,
): Partition {
  const values = group.columns.map((_, c) => [...new Set(group.cells.map((cell) => cell.values[c]!))]);
  const keyOf = (cell: readonly string[]): number =>
    cell.reduce((key, value, c) => key * values[c]!.length + values[c]!.indexOf(value), 0);
  const cellOf = new Map(group.cells.map((cell, index) => [keyOf(cell.values), index]));
  const keys = rowKeys(columns, values);
  const index = new Int32Array(keys.length);
  for (let i = 0; i < index.length; i++) index[i] = cellOf.get(keys[i]!) ?? UNKNOWN;
  noticeUnknown(group.name, columns, index, board);
  return { name: group.name, cells: group.cells.map(({ name }) => name), index };
}

/** Rows in no cell although no value is missing. */
function noticeUnknown(
  name: Notice['subject'],
  columns: readonly TextColumn[],
  index: Int32Array,
  board: NoticeBoard,
): void {
  for (let i = 0; i < index.length; i++) {
    if (index[i] !== UNKNOWN || columns.some(({ codes }) => codes[i] === 0)) continue;
    board.add('unknown-group', name, columns.map(({ codes, texts }) => texts[codes[i]!]!).join(' × '));
  }
}
