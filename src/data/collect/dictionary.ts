// The distinct texts of a column as numbers, in order of appearance. 0 is the missing value. No other text of the table
// is held, and a text takes about 100 bytes.
import { CellError } from '../errors.ts';

export class Dictionary {
  readonly #column: string;
  readonly #codes = new Map<string, number>([['', 0]]);
  readonly #texts: string[] = [''];
  #last = '';
  #lastCode = 0;

  constructor(column: string) {
    this.#column = column;
  }

  /**
   * The code of a cell, blanks at its ends apart; a new one for a text not seen before.
   * @throws CellError where there are more different texts than a Map holds (16.7 million)
   */
  code(cell: string): number {
    if (cell === this.#last) return this.#lastCode;
    const code = this.#codes.get(cell) ?? this.#add(cell);
    this.#last = cell;
    this.#lastCode = code;
    return code;
  }

  #add(cell: string): number {
    const text = ownCopy(cell.trim());
    let code = this.#codes.get(text);
    if (code === undefined) {
      code = this.#texts.length;
      this.#texts.push(text);
      this.#remember(text, code);
    }
    if (text !== cell) this.#remember(ownCopy(cell), code);
    return code;
  }

  #remember(cell: string, code: number): void {
    try {
      this.#codes.set(cell, code);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new CellError(
        this.#column,
        'a column of few different values',
        `more than ${this.#codes.size}`,
        'Leave the column out, or give it another role.',
      );
    }
  }

  /** The texts by code; the first is the missing value. */
  get texts(): readonly string[] {
    return this.#texts;
  }
}

/** A cell is a slice that keeps the whole chunk of the file alive; the copy does not. */
const ownCopy = (text: string): string => JSON.parse(JSON.stringify(text)) as string;
