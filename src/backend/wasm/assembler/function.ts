// A function body under construction: locals, statements, loops. All loops of generated kernels count upwards and run
// at least once, for shapes are known and never empty.
import { type Code, flatten, unsigned, type ValueType, valueTypeByte } from './encoding.ts';
import { type Expr, type I32, i32, type Statement } from './instructions.ts';

/** A local that may be set again; as an expression it is its present value. */
export interface Variable<T extends ValueType> extends Expr<T> {
  readonly index: number;
}

const block = {
  void: 0x40,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  end: 0x0b,
  branchIf: 0x0d,
} as const;

export class FunctionBuilder {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly #locals: ValueType[] = [];
  #code: Code[] = [];

  constructor(name: string, parameters: readonly ValueType[] = []) {
    this.name = name;
    this.parameters = parameters;
  }

  /** The parameter at `index`, which must have been declared with that type. */
  parameter<T extends ValueType>(index: number, type: T): Variable<T> {
    if (this.parameters[index] !== type) throw new Error(`${this.name}: parameter ${index} is no ${type}`);
    return { index, type, code: [0x20, unsigned(index)] };
  }

  emit(...statements: Statement[]): void {
    this.#code.push(...statements);
  }

  variable<T extends ValueType>(initial: Expr<T>): Variable<T> {
    const index = this.parameters.length + this.#locals.push(initial.type) - 1;
    const variable = { index, type: initial.type, code: [0x20, unsigned(index)] };
    this.set(variable, initial);
    return variable;
  }

  set<T extends ValueType>(variable: Variable<T>, value: Expr<T>): void {
    this.emit([value.code, 0x21, unsigned(variable.index)]);
  }

  /** Computes `value` here, once; the result may be used many times. */
  let<T extends ValueType>(value: Expr<T>): Expr<T> {
    return this.variable(value);
  }

  /** Adds a constant to a counter or an address. */
  advance(variable: Variable<'i32'>, by: number): void {
    if (by !== 0) this.set(variable, i32.add(variable, i32.const(by)));
  }

  /** `body` for i = 0, step, 2·step … below `limit`, at least once. A single turn needs no loop. */
  loop(limit: number, step: number, body: (i: I32) => void): void {
    if (limit <= step) {
      body(i32.const(0));
      return;
    }
    const i = this.variable(i32.const(0));
    this.repeat(() => {
      body(i);
      this.advance(i, step);
      return i32.ltU(i, i32.const(limit));
    });
  }

  /**
   * `body`, which returns whether to go on, again and again. `leave`, called between its statements (and in no nested
   * loop or condition), ends the loop there where its condition holds.
   */
  repeat(body: (leave: (condition: I32) => void) => I32): void {
    const leave = (condition: I32): void => this.emit([condition.code, block.branchIf, 1]);
    const inner = this.#capture(() => {
      this.emit([body(leave).code, block.branchIf, 0]);
    });
    this.emit([block.block, block.void, block.loop, block.void, inner, block.end, block.end]);
  }

  when(condition: I32, body: () => void): void {
    this.emit([condition.code, block.if, block.void, this.#capture(body), block.end]);
  }

  call(functionIndex: number, ...operands: Expr<ValueType>[]): void {
    this.emit([operands.map((operand) => operand.code), 0x10, unsigned(functionIndex)]);
  }

  /** Locals and code, as the code section wants them. */
  bytes(): Uint8Array {
    const locals = this.#locals.map((type) => [1, valueTypeByte[type]]);
    return flatten([unsigned(locals.length), locals, this.#code, block.end]);
  }

  #capture(body: () => void): Code[] {
    const outer = this.#code;
    this.#code = [];
    body();
    const inner = this.#code;
    this.#code = outer;
    return inner;
  }
}
