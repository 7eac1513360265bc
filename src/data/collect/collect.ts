// One pass over a table: of each row the cells that matter, by the roles of the columns. Nothing is learnt here yet.

import type { NoticeBoard } from '../dataset.ts';
import { isCategory, isText, transforms } from '../encode/encoding.ts';
import { CellError, quote, quoteList } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import type { Attribute, NumericInput, OrdinalInput, Schema, TaskSpec, Transform } from '../spec.ts';
import { columnIndex } from '../table/derive.ts';
import { parseCondition } from '../table/expression.ts';
import { readNumber } from '../table/numbers.ts';
import type { Row, Table } from '../table/table.ts';
import type { RowBlocks } from './blocks.ts';
import {
  BagMatrix,
  type Gatherer,
  NumberGatherer,
  NumberMatrix,
  type ReadNumber,
  type TextColumn,
  TextGatherer,
  TextMatrix,
} from './gather.ts';

/** A table as compact arrays, not yet encoded. */
export interface RawTable {
  readonly rows: number;
  /** The numeric and ordinal inputs. */
  readonly numeric: RowBlocks<'f32'>;
  /** The categorical inputs, and per column the texts of its codes. */
  readonly categorical: RowBlocks<'u32'>;
  readonly categories: readonly (readonly string[])[];
  /** Per text input, rows of maxTokens indices and their count. */
  readonly text: readonly RowBlocks<'u32'>[];
  /** Per task, its label columns: texts as they stand, or numbers; missing where the task's condition fails. */
  readonly labels: readonly (readonly RawColumn[])[];
  /** Per partition, its columns. */
  readonly groups: readonly (readonly TextColumn[])[];
  /** [rows] the number of each row's image, where a column says so. */
  readonly images?: Float32Array;
  /** The further columns that were asked for (of the split, of subjects). */
  readonly extra: readonly TextColumn[];
}

export type RawColumn = { readonly numbers: Float32Array } | TextColumn;

export interface CollectOptions {
  /** Further columns of texts. */
  readonly extra: readonly string[];
  /** What becomes of a value that is not in an ordinal column's order. */
  readonly unknownOrder: 'error' | 'missing';
}

export class Collector {
  rows = 0;
  readonly #numeric: NumberMatrix;
  readonly #categorical: TextMatrix;
  readonly #text: readonly BagMatrix[];
  readonly #labels: readonly (readonly (NumberGatherer | TextGatherer)[])[];
  readonly #groups: readonly (readonly TextGatherer[])[];
  readonly #images: NumberGatherer | undefined;
  readonly #extra: readonly TextGatherer[];
  readonly #gatherers: readonly Gatherer[];

  /** @throws DataError where the table lacks a column that the schema names */
  constructor(table: Table, schema: Schema, options: CollectOptions, board: NoticeBoard) {
    const at = (column: string, what: string): number => columnIndex(table, column, what);
    const { inputs, tasks, groups, image } = schema;
    const texts = inputs.filter(isText);
    this.#numeric = new NumberMatrix(
      inputs.filter(isNumberSpec).map((input) => {
        const index = at(input.column, `an input, ${input.role}`);
        if (input.role === 'numeric') return { index, column: input.column };
        return rankOf(input, index, options.unknownOrder, board);
      }),
    );
    this.#categorical = new TextMatrix(
      inputs.filter(isCategory).map(({ column }) => ({ index: at(column, 'an input, categorical'), column })),
    );
    this.#text = texts.map((input) => new BagMatrix(at(input.column, 'an input, text'), input));
    this.#labels = tasks.map((task) => labelGatherers(table, task));

    // A column of several partitions is held once.
    const shared = new Map<string, TextGatherer>();
    const textOf = (column: string, what: string): TextGatherer => {
      const index = at(column, what);
      const gatherer = shared.get(column) ?? new TextGatherer(column, (row) => row[index]!);
      shared.set(column, gatherer);
      return gatherer;
    };
    this.#groups = groups.map(({ columns }) => columns.map((column) => textOf(column, 'a group')));
    this.#extra = options.extra.map((column) => textOf(column, 'of the split'));
    this.#images =
      image?.column === undefined
        ? undefined
        : new NumberGatherer(numberAt(at(image.column, 'the number of the image'), image.column));

    this.#gatherers = [
      this.#numeric,
      this.#categorical,
      ...this.#text,
      ...this.#labels.flat(),
      ...shared.values(),
      ...(this.#images ? [this.#images] : []),
    ];
  }

  /** @throws CellError where a cell cannot be read */
  add(row: Row): void {
    for (const gatherer of this.#gatherers) gatherer.add(row);
    this.rows++;
  }

  finish(): RawTable {
    const { rows } = this;
    const columnOf = (gatherer: TextGatherer): TextColumn => gatherer.column(rows);
    return {
      rows,
      numeric: this.#numeric.blocks,
      categorical: this.#categorical.blocks,
      categories: this.#categorical.texts,
      text: this.#text.map(({ blocks }) => blocks),
      labels: this.#labels.map((task) =>
        task.map((label) =>
          label instanceof NumberGatherer ? { numbers: label.column(rows) } : label.column(rows),
        ),
      ),
      groups: this.#groups.map((group) => group.map(columnOf)),
      ...(this.#images && { images: this.#images.column(rows) }),
      extra: this.#extra.map(columnOf),
    };
  }
}

const isNumberSpec = (input: { role: string }): input is NumericInput | OrdinalInput =>
  input.role === 'numeric' || input.role === 'ordinal';

const numberAt =
  (index: number, column: string): ReadNumber =>
  (row) =>
    readNumber(row[index]!, column);

/** The position of the cell in the given order. */
function rankOf(
  { column, order }: OrdinalInput,
  index: number,
  unknown: CollectOptions['unknownOrder'],
  board: NoticeBoard,
): ReadNumber {
  const ranks = new Map(order.map((value, rank) => [value, rank]));
  return (row) => {
    const text = row[index]!.trim();
    if (text === '') return Number.NaN;
    const rank = ranks.get(text);
    if (rank !== undefined) return rank;
    if (unknown === 'error') {
      const remedy = `Add it to the column's order.${didYouMean(text, order)}`;
      throw new CellError(column, `one of ${quoteList(order)}`, quote(text), remedy);
    }
    board.add('unknown-order', column, text);
    return Number.NaN;
  };
}

/** A task's label columns, empty where the task's condition does not hold. */
function labelGatherers(table: Table, task: TaskSpec): (NumberGatherer | TextGatherer)[] {
  const holds = task.where === undefined ? undefined : parseCondition(task.where, table.columns);
  const isLabelled = holds === undefined ? () => true : (row: Row) => holds(row) === true;
  const what = `labels of ${quote(task.name)}`;
  const textAt = (column: string): TextGatherer => {
    const index = columnIndex(table, column, what);
    return new TextGatherer(column, (row) => (isLabelled(row) ? row[index]! : ''));
  };
  const numberOf = (read: ReadNumber): NumberGatherer =>
    new NumberGatherer((row) => (isLabelled(row) ? read(row) : Number.NaN));
  const attribute = (source: Attribute): NumberGatherer | TextGatherer => {
    if ('column' in source) return textAt(source.column);
    const condition = parseCondition(source.when, table.columns);
    return numberOf((row) => {
      const value = condition(row);
      return value === null ? Number.NaN : Number(value);
    });
  };
  switch (task.type) {
    case 'detection':
      return 'list' in task ? [textAt(task.list.column)] : task.attributes.map(attribute);
    case 'classification':
      return [textAt(task.column)];
    case 'regression':
      return task.columns.map((column) => {
        const index = columnIndex(table, column, what);
        return numberOf(transformed(numberAt(index, column), task.transform, column));
      });
  }
}

/** @throws CellError where the transform of a number is none */
function transformed(read: ReadNumber, transform: Transform, column: string): ReadNumber {
  const { forward, above } = transforms[transform];
  return (row) => {
    const y = read(row);
    if (!(y <= above)) return forward(y);
    const remedy = `Learn the column without ${transform}, or add a condition "where: ${column} > ${above}" to the task.`;
    throw new CellError(column, `a number above ${above} (its ${transform} is learnt)`, String(y), remedy);
  };
}
