// What a table holds, column by column: counted in one pass, with bounded memory.
import { looksLikeDate, parseDecimal } from '../table/numbers.ts';
import { eachRow, type Row, type Table } from '../table/table.ts';
import { nameHints } from './names.ts';

/** So many distinct values of a column are counted; beyond, it is known only that there are more. */
const DISTINCT_LIMIT = 10_000;
/** Of a column that is named like a subject: there may be many people, and it matters whether they come twice. */
const SUBJECT_LIMIT = 1_000_000;

export interface ColumnProfile {
  readonly column: string;
  readonly rows: number;
  /** Rows whose cell is empty. */
  readonly missing: number;
  /** The distinct values, the most frequent first; undefined where there are too many to count. */
  readonly values?: ReadonlyMap<string, number>;
  /** Of the cells that are not missing: how many are numbers, integers, dates. */
  readonly numbers: number;
  readonly integers: number;
  readonly dates: number;
  /** Of the numbers; NaN where there are none. */
  readonly min: number;
  readonly max: number;
  /** Words per cell that is not missing. */
  readonly words: number;
}

/** Goes through the table, or through its first `limit` rows. */
export async function profileTable(table: Table, limit = Infinity): Promise<readonly ColumnProfile[]> {
  const counters = table.columns.map((column) => new ColumnCounter(column));
  let rows = 0;
  for await (const batch of table.batches()) {
    const take = Math.min(batch.rows.length, limit - rows);
    const count = (row: Row): void => {
      counters.forEach((counter, c) => {
        counter.add(row[c]!.trim());
      });
    };
    eachRow(table, batch, count, 0, take);
    rows += take;
    if (rows >= limit) break;
  }
  return counters.map((counter) => counter.profile());
}

class ColumnCounter {
  readonly #column: string;
  readonly #limit: number;
  #rows = 0;
  #missing = 0;
  #values: Map<string, number> | undefined = new Map();
  #numbers = 0;
  #integers = 0;
  #dates = 0;
  #min = Infinity;
  #max = -Infinity;
  #words = 0;

  constructor(column: string) {
    this.#column = column;
    this.#limit = nameHints(column).subject ? SUBJECT_LIMIT : DISTINCT_LIMIT;
  }

  add(cell: string): void {
    this.#rows++;
    if (cell === '') {
      this.#missing++;
      return;
    }
    this.#values?.set(cell, (this.#values.get(cell) ?? 0) + 1);
    if (this.#values && this.#values.size > this.#limit) this.#values = undefined;
    const number = parseDecimal(cell);
    if (Number.isNaN(number)) {
      this.#words += cell.split(/\s+/).length;
      if (looksLikeDate(cell)) this.#dates++;
      return;
    }
    this.#words++;
    this.#numbers++;
    if (Number.isInteger(number)) this.#integers++;
    this.#min = Math.min(this.#min, number);
    this.#max = Math.max(this.#max, number);
  }

  profile(): ColumnProfile {
    const values = this.#values && [...this.#values].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    const present = this.#rows - this.#missing;
    return {
      column: this.#column,
      rows: this.#rows,
      missing: this.#missing,
      ...(values && { values: new Map(values) }),
      numbers: this.#numbers,
      integers: this.#integers,
      dates: this.#dates,
      min: this.#numbers > 0 ? this.#min : Number.NaN,
      max: this.#numbers > 0 ? this.#max : Number.NaN,
      words: present > 0 ? this.#words / present : 0,
    };
  }
}
