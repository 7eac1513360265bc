// Tables made of tables: columns derived from others (bins of a number, a condition), and rows that meet a condition.
import { DataError, quote, quoteList } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import { parseCondition } from './expression.ts';
import { readNumber } from './numbers.ts';
import { mapRows, mapTable, type Row, type Table } from './table.ts';

export type DerivedColumn =
  /** Intervals of a number: `bins: [30, 50]` makes `<30`, `30 to <50` and `>=50`, or the `names` given. */
  | {
      readonly name: string;
      readonly column: string;
      readonly bins: readonly number[];
      readonly names?: readonly string[];
    }
  /** `yes` where the condition holds, `no` where it does not, missing where it is unknown. */
  | { readonly name: string; readonly when: string };

/** The values of a derived column, in their natural order. @throws DataError for bins that are none */
export function valuesOf(derived: DerivedColumn): readonly string[] {
  if ('when' in derived) return ['no', 'yes'];
  const { name, bins, names } = derived;
  const fail = (expected: string, got: string, remedy: string): never => {
    throw new DataError({ column: name, expected, got, remedy });
  };
  if (
    bins.length === 0 ||
    bins.some((edge, i) => !Number.isFinite(edge) || edge <= (bins[i - 1] ?? -Infinity))
  ) {
    fail('bins: numbers in rising order', `[${bins.join(', ')}]`, 'Example: bins: [30, 50].');
  }
  if (names !== undefined && names.length !== bins.length + 1) {
    const intervals = bins.length + 1;
    fail(
      `${intervals} names for ${intervals} intervals`,
      `${names.length}`,
      'Name every interval, from the lowest.',
    );
  }
  const between = bins.slice(1).map((edge, i) => `${bins[i]} to <${edge}`);
  return names ?? [`<${bins[0]}`, ...between, `>=${bins.at(-1)}`];
}

/** The position of a column. @throws DataError where there is none of that name */
export function columnIndex(table: Table, column: string, what: string): number {
  const index = table.columns.indexOf(column);
  if (index >= 0) return index;
  throw new DataError({
    file: table.name,
    column,
    expected: `a column ${quote(column)} (${what})`,
    got: `the columns ${quoteList(table.columns)}`,
    remedy: `Correct the name.${didYouMean(column, table.columns)}`,
  });
}

/** The table with the derived columns to its right. One may be derived from another before it. */
export function withDerived(table: Table, derived: readonly DerivedColumn[]): Table {
  return derived.reduce(withColumn, table);
}

function withColumn(table: Table, derived: DerivedColumn): Table {
  const { name } = derived;
  if (table.columns.includes(name)) {
    throw new DataError({
      file: table.name,
      column: name,
      expected: 'a new name for the derived column',
      got: 'the name of a column that is there',
      remedy: 'Rename the derived column.',
    });
  }
  const value = 'when' in derived ? conditionValue(table, derived.when) : binOf(table, derived);
  return mapTable(table, (row) => [...row, value(row)], [...table.columns, name]);
}

function conditionValue(table: Table, when: string): (row: Row) => string {
  const condition = parseCondition(when, table.columns);
  return (row) => {
    const holds = condition(row);
    return holds === null ? '' : holds ? 'yes' : 'no';
  };
}

function binOf(table: Table, derived: Extract<DerivedColumn, { bins: unknown }>): (row: Row) => string {
  const { column, bins } = derived;
  const index = columnIndex(table, column, `binned as ${quote(derived.name)}`);
  const names = valuesOf(derived);
  return (row) => {
    const number = readNumber(row[index]!, column);
    return Number.isNaN(number) ? '' : names[bins.filter((edge) => edge <= number).length]!;
  };
}

/** The rows for which the condition holds; where it is unknown for want of a cell, the row is left out. */
export function filterRows(table: Table, where: string): Table {
  const condition = parseCondition(where, table.columns);
  return {
    ...table,
    async *batches() {
      for await (const batch of table.batches()) {
        const holds = mapRows(table, batch, condition);
        const kept = holds.flatMap((value, i) => (value === true ? [i] : []));
        yield {
          rows: kept.map((i) => batch.rows[i]!),
          place: (i) => batch.place(kept[i]!),
          fraction: batch.fraction,
        };
      }
    },
  };
}
