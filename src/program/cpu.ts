// A program on the CPU: the interpreter over the unfused graph, in float64 or float32. The definition of a step.
import { Interpreter } from '../backend/cpu/interpreter.ts';
import type { Node } from '../graph/node.ts';
import { numel } from '../tensor/shape.ts';
import { allocate, type HostArray, type Precision } from '../tensor/types.ts';
import type { Executable, Step } from './executable.ts';

export class CpuExecutable implements Executable {
  readonly #step: Step;
  readonly #interpreter: Interpreter;
  readonly #leaves = new Map<Node, HostArray>();
  /** Where update values wait while others still read the old states. */
  readonly #next: HostArray[];
  #outputs: HostArray[] = [];

  constructor(step: Step, precision: Precision) {
    this.#step = step;
    const roots = [...Object.values(step.outputs), ...step.updates.map((update) => update.value)];
    this.#interpreter = new Interpreter(roots, precision);
    for (const node of step.leaves.values()) {
      const data = allocate(node.dtype, numel(node.shape), precision);
      if (node.op === 'state') data.set(node.attrs.init);
      if (node.op === 'scalar') data[0] = node.attrs.init;
      this.#leaves.set(node, data);
    }
    this.#next = step.updates.map(({ target }) => allocate(target.dtype, numel(target.shape), precision));
  }

  write(input: string, data: HostArray): void {
    this.#leaf(input).set(data);
  }

  setScalar(scalar: string, value: number): void {
    this.#leaf(scalar)[0] = value;
  }

  scalar(name: string): number {
    return this.#leaf(name)[0]!;
  }

  run(): number {
    const { outputs, updates } = this.#step;
    const results = this.#interpreter.evaluate(this.#leaves);
    const values = results.slice(Object.keys(outputs).length);
    // Two passes, since an update may read the very state that another one changes.
    values.forEach((value, at) => void this.#next[at]!.set(value));
    this.#outputs = results.slice(0, Object.keys(outputs).length).map((result) => result.slice());
    updates.forEach(({ target }, at) => void this.#leaves.get(target)!.set(this.#next[at]!));
    return 1;
  }

  async readInput(input: string): Promise<HostArray> {
    return this.#leaf(input).slice();
  }

  async readOutput(output: string): Promise<HostArray> {
    return this.#outputs[Object.keys(this.#step.outputs).indexOf(output)]!.slice();
  }

  async readState(state: string): Promise<HostArray> {
    return this.#leaf(state).slice();
  }

  writeState(state: string, data: HostArray): void {
    this.#leaf(state).set(data);
  }

  dispose(): void {
    this.#leaves.clear();
  }

  #leaf(name: string): HostArray {
    return this.#leaves.get(this.#step.leaves.get(name)!)!;
  }
}
