// A step compiled to WebAssembly, and its memory: write inputs, run, read. For machines without a GPU.
import type { StepSpec } from '../../passes/arrange.ts';
import { bytesPerElement } from '../../passes/place.ts';
import type { PlanTensor } from '../../passes/plan.ts';
import { DeviceError, misuse } from '../../tensor/errors.ts';
import { numel } from '../../tensor/shape.ts';
import { allocate, type HostArray } from '../../tensor/types.ts';
import type { StepProfile } from '../webgpu/index.ts';
import { ModuleBuilder, v128 } from './assembler/index.ts';
import { noteWords } from './faults.ts';
import { type Generated, generate, type HostCall } from './generate.ts';
import { profile } from './profile.ts';

export class WasmExecutable {
  readonly #generated: Generated;
  #calls: readonly (() => void)[];
  #memory: ArrayBuffer;
  #faultNote: Uint32Array;

  /**
   * Generates and compiles the module for a step.
   * @throws DeviceError where WebAssembly with SIMD is missing or forbidden (a content-security policy without
   * `wasm-unsafe-eval`), or there is no memory for the tensors (4 GiB at most).
   */
  static async create(spec: StepSpec): Promise<WasmExecutable> {
    const generated = generate(spec);
    return new WasmExecutable(generated, await instantiate(generated.module));
  }

  private constructor(generated: Generated, exports: WebAssembly.Exports) {
    this.#generated = generated;
    this.#memory = (exports['memory'] as WebAssembly.Memory).buffer;
    this.#faultNote = new Uint32Array(this.#memory, 0, noteWords);
    this.#calls = generated.calls.map(({ run }) =>
      typeof run === 'string' ? (exports[run] as () => void) : () => this.#callHost(run),
    );
    generated.layout.buffers.forEach(({ init }, buffer) => {
      if (init)
        new Uint8Array(this.#memory, generated.addresses[buffer]!, init.byteLength).set(bytesOf(init));
    });
  }

  write(input: string, data: HostArray): void {
    this.#set(this.#generated.layout.inputs[input]!, data);
  }

  setScalar(scalar: string, value: number): void {
    this.#set(this.#generated.layout.scalars[scalar]!, Float32Array.of(value));
  }

  scalar(name: string): number {
    return this.#elements(this.#generated.layout.scalars[name]!)[0]!;
  }

  /**
   * One step.
   * @throws ProgramError for an index out of range; the step has been finished with the last row in its place.
   */
  run(): number {
    for (const call of this.#calls) call();
    const error = this.#generated.faults.take(this.#faultNote);
    if (error) throw error;
    return 1;
  }

  /** Where a step's time goes, over `repetitions` steps, which are real: states change as in `run()`. */
  profile(repetitions = 10): Promise<StepProfile> {
    return profile(this.#generated.calls, this.#calls, repetitions);
  }

  async readInput(input: string): Promise<HostArray> {
    return this.#copy(this.#generated.layout.inputs[input]!);
  }

  async readOutput(output: string): Promise<HostArray> {
    return this.#copy(this.#generated.layout.outputs[output]!);
  }

  async readState(state: string): Promise<HostArray> {
    return this.#copy(this.#generated.layout.states[state]!);
  }

  writeState(state: string, data: HostArray): void {
    this.#set(this.#generated.layout.states[state]!, data);
  }

  /** Lets go of the memory. */
  dispose(): void {
    this.#calls = [];
    this.#memory = new ArrayBuffer(0);
    this.#faultNote = new Uint32Array();
  }

  /** The tensor's elements where they lie; a bool is a word. */
  #elements({ buffer, offset, shape, dtype }: PlanTensor): Float32Array | Int32Array | Uint32Array {
    const from = this.#generated.addresses[buffer]! + bytesPerElement * offset;
    const words = { f32: Float32Array, i32: Int32Array, u32: Uint32Array, bool: Uint32Array };
    return new words[dtype](this.#memory, from, numel(shape));
  }

  #set(tensor: PlanTensor, data: HostArray): void {
    const elements = this.#elements(tensor);
    if (tensor.dtype === 'bool') elements.set(Uint32Array.from(data, (value) => (value ? 1 : 0)));
    else elements.set(data);
  }

  #copy(tensor: PlanTensor): HostArray {
    const elements = this.#elements(tensor);
    return tensor.dtype === 'bool' ? Uint8Array.from(elements) : elements.slice();
  }

  /** A custom kernel gets copies, so that it cannot keep or change what belongs to the program. */
  #callHost({ node, inputs, output }: HostCall): void {
    const result = allocate(output.dtype, numel(output.shape));
    node.attrs.cpu(
      inputs.map((input) => this.#copy(input)),
      result,
    );
    this.#set(output, result);
  }
}

/** @throws DeviceError as `create` does: tries the smallest module that uses SIMD. */
export async function requireWasm(): Promise<void> {
  const module = new ModuleBuilder();
  module.define('probe', [], (f) => {
    f.let(v128.const(new Float32Array(4)));
  });
  await instantiate(module.bytes(1));
}

function bytesOf(data: HostArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

async function instantiate(module: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Exports> {
  try {
    return (await WebAssembly.instantiate(module)).instance.exports;
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const allowed = 'WebAssembly with SIMD, allowed by the content-security policy (wasm-unsafe-eval)';
    const expected = error instanceof RangeError ? 'enough memory for all tensors' : allowed;
    throw new DeviceError(misuse('compile', expected, reason));
  }
}
