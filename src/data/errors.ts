// What is wrong with a table, said in one line: where, what was expected, what came, and how to mend it.

export interface DataProblem {
  /** The file, or the name that a table in memory was given. */
  readonly file?: string;
  /** 1-based row of the table; the header is none. */
  readonly row?: number;
  /** 1-based line of the file on which that row begins. */
  readonly line?: number;
  readonly column?: string;
  readonly expected: string;
  readonly got: string;
  readonly remedy: string;
}

/** The user's data, or what was asked of them, cannot be used. The message is one line; the CLI exits with 2. */
export class DataError extends Error implements DataProblem {
  override readonly name = 'DataError';
  declare readonly file?: string;
  declare readonly row?: number;
  declare readonly line?: number;
  declare readonly column?: string;
  readonly expected: string;
  readonly got: string;
  readonly remedy: string;

  constructor(problem: DataProblem, options?: ErrorOptions) {
    super(sentence(problem), options);
    if (problem.file !== undefined) this.file = problem.file;
    if (problem.row !== undefined) this.row = problem.row;
    if (problem.line !== undefined) this.line = problem.line;
    if (problem.column !== undefined) this.column = problem.column;
    this.expected = problem.expected;
    this.got = problem.got;
    this.remedy = problem.remedy;
  }
}

/** A cell that cannot be read, thrown where its row is not known; `eachRow` adds the place. */
export class CellError extends Error {
  readonly column: string;
  readonly expected: string;
  readonly got: string;
  readonly remedy: string;

  constructor(column: string, expected: string, got: string, remedy: string) {
    super(`column ${quote(column)}: expected ${expected}, got ${got}`);
    this.column = column;
    this.expected = expected;
    this.got = got;
    this.remedy = remedy;
  }
}

function sentence({ file, row, line, column, expected, got, remedy }: DataProblem): string {
  const place = [
    file,
    row === undefined ? undefined : `row ${row}`,
    line === undefined ? undefined : row === undefined ? `line ${line}` : `(line ${line})`,
  ].filter((part) => part !== undefined);
  if (column !== undefined) place.push(`column ${quote(column)}`);
  const where = place.join(', ').replaceAll(', (', ' (');
  return oneLine(`${where === '' ? '' : `${where}: `}expected ${expected}, got ${got}. ${remedy}`);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: cells may hold any character; a message is one line
const CONTROL = /[\u0000-\u001f\u007f\u2028\u2029]+/g;

const oneLine = (text: string): string => text.replace(CONTROL, ' ');

/** A cell or a name as it is shown in messages: quoted, on one line, cut to 60 characters. */
export function quote(text: string): string {
  const shown = oneLine(text);
  return `"${shown.length > 60 ? `${shown.slice(0, 59)}…` : shown}"`;
}

/** `"a", "b", "c" and 4 more`, or `nothing`. */
export function quoteList(names: readonly string[], limit = 6): string {
  const shown = names.slice(0, limit).map(quote);
  if (names.length > limit) return `${shown.join(', ')} and ${names.length - limit} more`;
  if (shown.length === 0) return 'nothing';
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
