// The little language of conditions on the columns of a table, such as `AGEP > 16 and RACE in ['Black', 'White']`.
//
//   or     := and ('or' and)*                      operand := column | `column` | number | 'text' | "text"
//   and    := not ('and' not)*                     column  := a name of letters, digits, _ . - (backquotes
//   not    := 'not' not | '(' or ')' | test                   around any other)
//   test   := operand (= | != | < | <= | > | >=) operand
//           | operand ['not'] 'in' [ operand, … ] | operand 'is' ['not'] 'missing'
//
// Logic has three values, as in SQL: a comparison with a missing cell is neither true nor false but unknown.
import { CellError, DataError, quote } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import { parseDecimal } from './numbers.ts';
import type { Row } from './table.ts';

/** True, false, or null: unknown, for want of a cell. @throws CellError for text where a number is due */
export type Condition = (row: Row) => boolean | null;

type Operand =
  | { readonly kind: 'column'; readonly name: string; readonly index: number }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string };

interface Token {
  readonly kind: 'name' | 'column' | 'number' | 'text' | 'sign' | 'end';
  readonly text: string;
  readonly at: number;
}

const TOKEN =
  /\s*(?:(?<column>`[^`]*`)|(?<text>'[^']*'|"[^"]*")|(?<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?(?![\w.]))|(?<name>[\p{L}_][\p{L}\p{N}_.-]*)|(?<sign><=|>=|==|!=|<>|[=<>()[\],]))/uy;
const WORDS = new Set(['and', 'or', 'not', 'in', 'is', 'missing']);

/** Reads a condition on the columns named. @throws DataError where it cannot be read, or names no column */
export function parseCondition(source: string, columns: readonly string[]): Condition {
  return new Parser(source, columns).parse();
}

/** The names in a condition that may be columns. */
export function namesIn(source: string): readonly string[] {
  return [...source.matchAll(new RegExp(TOKEN, 'gu'))].flatMap(({ groups }) => {
    const { column, name } = groups!;
    return column !== undefined ? [column.slice(1, -1)] : name !== undefined ? [name] : [];
  });
}

class Parser {
  readonly #source: string;
  readonly #columns: readonly string[];
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(source: string, columns: readonly string[]) {
    this.#source = source;
    this.#columns = columns;
    this.#tokens = this.#tokenize();
  }

  parse(): Condition {
    const condition = this.#or();
    if (this.#peek().kind !== 'end') this.#fail('"and", "or" or the end', this.#peek());
    return condition;
  }

  #tokenize(): Token[] {
    const tokens: Token[] = [];
    let at = 0;
    const end = this.#source.trimEnd().length;
    while (at < end) {
      TOKEN.lastIndex = at;
      const groups = TOKEN.exec(this.#source)?.groups;
      const found = groups && Object.entries(groups).find(([, text]) => text !== undefined);
      if (!found) {
        const rest = this.#source.slice(at).trim();
        this.#fail('a column, a number, a quoted text or a sign', { kind: 'sign', text: rest, at });
      }
      const [kind, text] = found as [Token['kind'], string];
      tokens.push({ kind, text, at });
      at = TOKEN.lastIndex;
    }
    return [...tokens, { kind: 'end', text: '', at }];
  }

  #peek = (): Token => this.#tokens[this.#next]!;

  /** Takes the next token if it is one of these signs or words. */
  #take(...texts: string[]): string | undefined {
    const { kind, text } = this.#peek();
    const word = kind === 'name' ? text.toLowerCase() : text;
    if ((kind !== 'name' && kind !== 'sign') || !texts.includes(word)) return undefined;
    this.#next++;
    return word;
  }

  #expect(text: string): void {
    if (this.#take(text) === undefined) this.#fail(`"${text}"`, this.#peek());
  }

  #or(): Condition {
    let left = this.#and();
    while (this.#take('or')) left = either(left, this.#and());
    return left;
  }

  #and(): Condition {
    let left = this.#not();
    while (this.#take('and')) left = both(left, this.#not());
    return left;
  }

  #not(): Condition {
    if (this.#take('not')) return negated(this.#not());
    if (this.#take('(')) {
      const inner = this.#or();
      this.#expect(')');
      return inner;
    }
    return this.#test();
  }

  #test(): Condition {
    const left = this.#operand();
    if (this.#take('is')) {
      const not = this.#take('not') !== undefined;
      this.#expect('missing');
      return missing(left, not);
    }
    const not = this.#take('not') !== undefined;
    if (this.#take('in')) {
      const isOneOf = this.#list()
        .map((item) => comparison(left, '=', item))
        .reduce(either);
      return not ? negated(isOneOf) : isOneOf;
    }
    const sign = not ? undefined : this.#take('=', '==', '!=', '<>', '<', '<=', '>', '>=');
    if (sign === undefined) this.#fail('a comparison (=, !=, <, <=, >, >=, in, is missing)', this.#peek());
    const right = this.#operand();
    if (this.#take('<', '<=', '>', '>=', '=', '==', '!=', '<>')) {
      this.#fail('one comparison at a time, as in "a < b and b < c"', this.#tokens[this.#next - 1]!);
    }
    if (!['=', '==', '!=', '<>'].includes(sign) && (left.kind === 'text' || right.kind === 'text')) {
      this.#fail(`numbers on both sides of "${sign}"`, this.#tokens[this.#next - 1]!);
    }
    return comparison(left, sign, right);
  }

  #list(): Operand[] {
    const close = this.#take('[') ? ']' : this.#take('(') ? ')' : this.#fail('"["', this.#peek());
    const items = [this.#operand()];
    while (this.#take(',')) items.push(this.#operand());
    this.#expect(close);
    return items;
  }

  #operand(): Operand {
    const token = this.#peek();
    const { kind, text } = token;
    this.#next++;
    if (kind === 'number') return { kind, value: Number(text) };
    if (text === "''" || text === '""') this.#fail('a text', token, 'Empty cells: write "x is missing".');
    if (kind === 'text') return { kind, value: text.slice(1, -1) };
    if (kind === 'column') return this.#column(text.slice(1, -1), token);
    if (kind === 'name' && !WORDS.has(text.toLowerCase())) return this.#column(text, token);
    return this.#fail('a column, a number or a quoted text', token);
  }

  #column(name: string, token: Token): Operand {
    const index = this.#columns.indexOf(name);
    if (index >= 0) return { kind: 'column', name, index };
    const remedy = `Texts stand in quotes, names with blanks in backquotes.${didYouMean(name, this.#columns)}`;
    return this.#fail('the name of a column', token, remedy);
  }

  #fail(expected: string, { kind, text, at }: Token, remedy = "Example: age >= 18 and sex = 'F'."): never {
    const got = kind === 'end' ? 'the end' : `${quote(text)} at character ${at + 1}`;
    throw new DataError({ expected: `${expected} in the condition ${quote(this.#source)}`, got, remedy });
  }
}

const both =
  (a: Condition, b: Condition): Condition =>
  (row) => {
    const left = a(row);
    if (left === false) return false;
    const right = b(row);
    return right === false ? false : left === null || right === null ? null : true;
  };

const negated =
  (condition: Condition): Condition =>
  (row) => {
    const value = condition(row);
    return value === null ? null : !value;
  };

const either = (a: Condition, b: Condition): Condition => negated(both(negated(a), negated(b)));

/** The text of an operand, '' where the cell is missing. */
const textOf = (operand: Operand): ((row: Row) => string) => {
  if (operand.kind !== 'column') return () => String(operand.value);
  return (row) => row[operand.index]!.trim();
};

function missing(operand: Operand, not: boolean): Condition {
  const text = textOf(operand);
  return (row) => (text(row) === '') !== not;
}

/** Texts compare as texts when one side is a quoted text, else as numbers, and as texts where both are columns of text. */
function comparison(left: Operand, sign: string, right: Operand): Condition {
  const a = textOf(left);
  const b = textOf(right);
  const asText = left.kind === 'text' || right.kind === 'text';
  const equality = sign === '=' || sign === '==' || sign === '!=' || sign === '<>';
  const lenient = equality && left.kind === 'column' && right.kind === 'column';
  const holds = (x: number | string, y: number | string): boolean => {
    if (equality) return (x === y) === (sign === '=' || sign === '==');
    return sign === '<' ? x < y : sign === '<=' ? x <= y : sign === '>' ? x > y : x >= y;
  };
  return (row) => {
    const x = a(row);
    const y = b(row);
    if (x === '' || y === '') return null;
    if (asText) return holds(x, y);
    const m = parseDecimal(x);
    const n = parseDecimal(y);
    if (!Number.isNaN(m) && !Number.isNaN(n)) return holds(m, n);
    if (lenient) return holds(x, y);
    const [wrong, cell] = Number.isNaN(m) ? [left, x] : [right, y];
    throw new CellError(
      wrong.kind === 'column' ? wrong.name : '',
      `a number, to compare with ${quote(Number.isNaN(m) ? y : x)}`,
      quote(cell),
      'Put quotes around the other side to compare texts, or correct the cell.',
    );
  };
}
