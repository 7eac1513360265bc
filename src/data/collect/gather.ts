// What takes the cells of a row into compact arrays, before anything was learnt of them: numbers as float32 (missing is
// NaN), texts as codes of a dictionary (missing is 0), long texts as hashed indices.

import type { Indices } from '../../tensor/types.ts';
import { readNumber } from '../table/numbers.ts';
import type { Row } from '../table/table.ts';
import { RowBlocks } from './blocks.ts';
import { Dictionary } from './dictionary.ts';
import { hashText, type TextOptions } from './text.ts';

export interface Gatherer {
  add(row: Row): void;
}

/** A column of texts: [rows] codes into `texts`; code 0 is the missing value ''. */
export interface TextColumn {
  readonly codes: Indices;
  readonly texts: readonly string[];
}

/** How the number of a row is found; NaN where it is missing. */
export type ReadNumber = (row: Row) => number;

/** The text of a row; '' where it is missing. */
export type ReadText = (row: Row) => string;

/** A matrix of numbers: plain columns by their position (the fast way), others by a function. */
export class NumberMatrix implements Gatherer {
  readonly blocks: RowBlocks<'f32'>;
  readonly #plain: readonly { readonly slot: number; readonly index: number; readonly column: string }[];
  readonly #other: readonly { readonly slot: number; readonly read: ReadNumber }[];

  constructor(fields: readonly ({ readonly index: number; readonly column: string } | ReadNumber)[]) {
    this.blocks = new RowBlocks('f32', fields.length);
    this.#plain = fields.flatMap((field, slot) => (typeof field === 'function' ? [] : [{ slot, ...field }]));
    this.#other = fields.flatMap((read, slot) => (typeof read === 'function' ? [{ slot, read }] : []));
  }

  add(row: Row): void {
    const { stage, offset } = this.blocks;
    for (const { slot, index, column } of this.#plain) {
      stage[offset + slot] = readNumber(row[index]!, column);
    }
    for (const { slot, read } of this.#other) stage[offset + slot] = read(row);
    this.blocks.next();
  }
}

/** A matrix of codes, one dictionary per column. */
export class TextMatrix implements Gatherer {
  readonly blocks: RowBlocks<'u32'>;
  readonly #dictionaries: readonly Dictionary[];
  readonly #indices: readonly number[];

  constructor(columns: readonly { readonly index: number; readonly column: string }[]) {
    this.blocks = new RowBlocks('u32', columns.length);
    this.#indices = columns.map(({ index }) => index);
    this.#dictionaries = columns.map(({ column }) => new Dictionary(column));
  }

  add(row: Row): void {
    const { stage, offset } = this.blocks;
    for (let slot = 0; slot < this.#indices.length; slot++) {
      stage[offset + slot] = this.#dictionaries[slot]!.code(row[this.#indices[slot]!]!);
    }
    this.blocks.next();
  }

  /** Per column, the texts of its codes. */
  get texts(): readonly (readonly string[])[] {
    return this.#dictionaries.map(({ texts }) => texts);
  }
}

/** Bags of n-grams: rows of `maxTokens` indices, padded with 0, and their count. */
export class BagMatrix implements Gatherer {
  readonly blocks: RowBlocks<'u32'>;
  readonly #index: number;
  readonly #options: TextOptions;

  constructor(index: number, options: TextOptions) {
    this.blocks = new RowBlocks('u32', options.maxTokens + 1);
    this.#index = index;
    this.#options = options;
  }

  add(row: Row): void {
    const { stage, offset } = this.blocks;
    const { maxTokens } = this.#options;
    const count = hashText(row[this.#index]!, this.#options, stage, offset);
    stage.fill(0, offset + count, offset + maxTokens);
    stage[offset + maxTokens] = count;
    this.blocks.next();
  }
}

/** One column of numbers. */
export class NumberGatherer implements Gatherer {
  readonly #matrix: NumberMatrix;

  constructor(read: ReadNumber) {
    this.#matrix = new NumberMatrix([read]);
  }

  add(row: Row): void {
    this.#matrix.add(row);
  }

  column(rows: number): Float32Array {
    return this.#matrix.blocks.flat(rows);
  }
}

/** One column of texts. */
export class TextGatherer implements Gatherer {
  readonly #blocks = new RowBlocks('u32', 1);
  readonly #dictionary: Dictionary;
  readonly #read: ReadText;
  #column: TextColumn | undefined;

  constructor(column: string, read: ReadText) {
    this.#dictionary = new Dictionary(column);
    this.#read = read;
  }

  add(row: Row): void {
    const { stage, offset } = this.#blocks;
    stage[offset] = this.#dictionary.code(this.#read(row));
    this.#blocks.next();
  }

  /** The same column each time: several partitions may share it. */
  column(rows: number): TextColumn {
    this.#column ??= { codes: this.#blocks.flat(rows), texts: this.#dictionary.texts };
    return this.#column;
  }
}
