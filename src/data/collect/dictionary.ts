// The distinct texts of a column as numbers, in order of appearance. 0 is the missing value.

export class Dictionary {
  readonly #codes = new Map<string, number>([['', 0]]);
  readonly #texts: string[] = [''];
  #last = '';
  #lastCode = 0;

  /** The code of a cell, blanks at its ends apart; a new one for a text not seen before. */
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
      this.#codes.set(text, code);
    }
    if (text !== cell) this.#codes.set(ownCopy(cell), code);
    return code;
  }

  /** The texts by code; the first is the missing value. */
  get texts(): readonly string[] {
    return this.#texts;
  }
}

/** A cell is a slice that keeps the whole chunk of the file alive; the copy does not. */
const ownCopy = (text: string): string => JSON.parse(JSON.stringify(text)) as string;
