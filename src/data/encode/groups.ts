// Sensitive attributes: each row's cell in every partition. Cells are known from all rows, not from the training rows
// alone: groups are what is audited, never what is learnt from, and a cell without training rows must show in the report.

import type { TextColumn } from '../collect/gather.ts';
import type { NoticeBoard, Partition } from '../dataset.ts';
import { DataError, quote } from '../errors.ts';
import { signedIndexType } from '../indices.ts';
import type { GroupSpec } from '../spec.ts';
import { type DerivedColumn, valuesOf } from '../table/derive.ts';
import { parseDecimal } from '../table/numbers.ts';
import type { GroupEncoding } from './encoding.ts';
import { allocate } from './rows.ts';

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
  const keyOf = rowKeys(columns, values);
  const keys = new Set<number>();
  for (let row = 0; row < columns[0]!.codes.length; row++) keys.add(keyOf(row));
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

/** Of a row one number for its combination of values, or −1 where a value is missing or not among those given. */
function rowKeys(
  columns: readonly TextColumn[],
  values: readonly (readonly string[])[],
): (row: number) => number {
  const placesOf = columns.map(({ texts }, c) => {
    const places = new Map(values[c]!.map((value, place) => [value, place]));
    return texts.map((text, code) => (code === 0 ? UNKNOWN : (places.get(text) ?? UNKNOWN)));
  });
  return (row) => {
    let key = 0;
    for (let c = 0; c < columns.length; c++) {
      const place = placesOf[c]![columns[c]!.codes[row]!]!;
      if (place === UNKNOWN) return UNKNOWN;
      key = key * values[c]!.length + place;
    }
    return key;
  };
}

export function encodeGroup(
  group: GroupEncoding,
  columns: readonly TextColumn[],
  board: NoticeBoard,
  places: Uint32Array,
): Partition {
  const values = group.columns.map((_, c) => [...new Set(group.cells.map((cell) => cell.values[c]!))]);
  const keyOf = (cell: readonly string[]): number =>
    cell.reduce((key, value, c) => key * values[c]!.length + values[c]!.indexOf(value), 0);
  const cellOf = new Map(group.cells.map((cell, index) => [keyOf(cell.values), index]));
  const keyAt = rowKeys(columns, values);
  const index = allocate(signedIndexType(group.cells.length - 1), places.length, 1);
  for (let row = 0; row < places.length; row++) {
    const cell = cellOf.get(keyAt(row)) ?? UNKNOWN;
    index[places[row]!] = cell;
    // In no cell although no value is missing.
    if (cell === UNKNOWN && columns.every(({ codes }) => codes[row] !== 0)) {
      board.add(
        'unknown-group',
        group.name,
        columns.map(({ codes, texts }) => texts[codes[row]!]!).join(' × '),
      );
    }
  }
  return { name: group.name, cells: group.cells.map(({ name }) => name), index };
}
