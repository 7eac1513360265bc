// A compiled step: write inputs, set scalars, run, read. The program owns all memory of its plan.

import { WasmExecutable } from '../backend/wasm/index.ts';
import type { GpuDevice, StepProfile } from '../backend/webgpu/index.ts';
import type { Node } from '../graph/node.ts';
import type { Value } from '../graph/value.ts';
import type { Plan } from '../passes/plan.ts';
import { DeviceError, misuse, ProgramError } from '../tensor/errors.ts';
import { numel } from '../tensor/shape.ts';
import { formatType, type HostArray } from '../tensor/types.ts';
import { countNonFinite, firstNonFinite, floatNodes, type NonFinite } from './check.ts';
import { CpuExecutable } from './cpu.ts';
import type { Device } from './device.ts';
import { checkSpec, type Executable, type ProgramSpec, type Snapshot, type Step } from './executable.ts';
import { GpuExecutable } from './gpu.ts';
import type { KernelOverrides } from './override.ts';
import { type Listener, Watches, type WatchOptions } from './watch.ts';

export interface CompileOptions {
  /**
   * On WebGPU: WGSL to run in place of the engine's own kernels, by label, name or hash (see `kernelsOf`). In the first
   * three runs each is checked against the original on the step's own data; where it computes something else, reads throw.
   */
  readonly overrideKernel?: KernelOverrides;
}

/**
 * Compiles a step for `device`: traces nothing and runs nothing, but makes all pipelines and memory.
 * @throws GraphError where outputs and updates do not fit; DeviceError where the adapter's limits do not.
 */
export async function compile(
  spec: ProgramSpec,
  device: Device,
  options: CompileOptions = {},
): Promise<Program> {
  const step = checkSpec(spec);
  return new Program(spec, step, device, options, await instantiate(step, device, options));
}

async function instantiate(step: Step, device: Device, options: CompileOptions): Promise<Executable> {
  if (options.overrideKernel && device.kind !== 'webgpu')
    throw new DeviceError(misuse('overrideKernel', 'a webgpu device', `the device '${device.kind}'`));
  switch (device.kind) {
    case 'webgpu':
      return GpuExecutable.create(step, device.gpu, options);
    case 'wasm':
      return WasmExecutable.create(step);
    case 'cpu':
      return new CpuExecutable(step, device.precision);
  }
}

const forgotten = new FinalizationRegistry<string>((what) => {
  console.warn(`fairmt: ${what} was garbage-collected without dispose(); its memory is freed late`);
});

export class Program {
  readonly #spec: ProgramSpec;
  readonly #step: Step;
  readonly #options: CompileOptions;
  readonly #written = new Set<string>();
  readonly #watches = new Watches();
  #device: Device;
  #executable: Executable;
  #checker: Program | undefined;
  #saved: { readonly states: Snapshot; readonly scalars: ReadonlyMap<string, number> } | undefined;
  #runs = 0;
  #hasOutputs = false;
  #disposed = false;

  /** Use `compile`. */
  constructor(
    spec: ProgramSpec,
    step: Step,
    device: Device,
    options: CompileOptions,
    executable: Executable,
  ) {
    this.#spec = spec;
    this.#step = step;
    this.#options = options;
    this.#device = device;
    this.#executable = executable;
    forgotten.register(this, `a program with outputs ${Object.keys(step.outputs).join(', ')}`, this);
  }

  get device(): Device {
    return this.#device;
  }

  /** The plan that `run` replays; none on the CPU, which interprets the graph itself. */
  get plan(): Plan | undefined {
    return this.#executable instanceof GpuExecutable ? this.#executable.plan : undefined;
  }

  /** How many steps have run. */
  get runs(): number {
    return this.#runs;
  }

  /** Names and types of the inputs to be written. */
  get inputs(): Readonly<Record<string, Pick<Node, 'shape' | 'dtype'>>> {
    const types = this.#names('input').map((name) => {
      const { shape, dtype } = this.#step.leaves.get(name)!;
      return [name, { shape, dtype }] as const;
    });
    return Object.fromEntries(types);
  }

  /** Names of the scalars that the step depends on. */
  get scalars(): readonly string[] {
    return this.#names('scalar');
  }

  /** Writes an input, which keeps its value until written again. */
  write(input: string, data: HostArray): void {
    this.#alive('write');
    const node = this.#leaf('write', 'input', input);
    this.#fits(`write('${input}')`, node, data);
    this.#executable.write(input, data);
    this.#written.add(input);
  }

  /** Sets a scalar from the next run on. */
  set(scalar: string, value: number): void {
    this.#alive('set');
    this.#leaf('set', 'scalar', scalar);
    this.#executable.setScalar(scalar, value);
  }

  /** A scalar as the next run will see it. */
  scalar(name: string): number {
    this.#alive('scalar');
    this.#leaf('scalar', 'scalar', name);
    return this.#executable.scalar(name);
  }

  /**
   * So many steps with the inputs and scalars as they are, the same as so many calls: on the GPU one submit, without
   * waiting for it, and one more after each step that a watch wants to see. Long submits hold up a screen, and drivers
   * end those of several seconds.
   */
  run(steps = 1): void {
    this.#alive('run');
    if (!Number.isInteger(steps) || steps < 1)
      throw new ProgramError(misuse('run', 'a whole number of steps ≥ 1', `${steps}`));
    this.#requireInputs('run');
    const last = this.#runs + steps;
    while (this.#runs < last) {
      this.#runs += this.#executable.run(this.#watches.next(this.#runs, last) - this.#runs);
      this.#hasOutputs = true;
      this.#watches.afterRun(this.#runs, (output) => this.#executable.readOutput(output));
    }
  }

  /** The output as the last run left it; later runs do not disturb a read under way. */
  async read(output: string): Promise<HostArray> {
    this.#alive('read');
    this.#output('read', output);
    if (!this.#hasOutputs) throw new ProgramError(misuse(`read('${output}')`, 'a run before it', 'none'));
    return this.#executable.readOutput(output);
  }

  /** The single element of a scalar output. */
  async readNumber(output: string): Promise<number> {
    const node = this.#output('readNumber', output);
    if (numel(node.shape) !== 1)
      throw new ProgramError(misuse(`readNumber('${output}')`, 'one element', formatType(node)));
    return (await this.read(output))[0]!;
  }

  /** Calls `listener` with the output of every `every`-th run, without holding runs up. Returns how to end it. */
  watch(output: string, { every }: WatchOptions, listener: Listener): () => void {
    this.#alive('watch');
    this.#output('watch', output);
    if (!Number.isInteger(every) || every < 1)
      throw new ProgramError(misuse('watch', 'a whole number of runs ≥ 1', `${every}`));
    return this.#watches.add(output, every, listener);
  }

  /** Resolves when every watched value so far has reached its listener. */
  settled(): Promise<void> {
    return this.#watches.settled();
  }

  /** One state's present value. */
  async readState(state: string): Promise<HostArray> {
    this.#alive('readState');
    this.#leaf('readState', 'state', state);
    return this.#executable.readState(state);
  }

  /** A copy of all state. `rebuild` goes back to the last one saved, and to the scalars as they were then. */
  async save(): Promise<Snapshot> {
    this.#alive('save');
    const names = this.#names('state');
    const scalars = new Map(this.#names('scalar').map((name) => [name, this.#executable.scalar(name)]));
    const values = await Promise.all(names.map((name) => this.#executable.readState(name)));
    const states = Object.fromEntries(names.map((name, at) => [name, values[at]!]));
    this.#saved = { states, scalars };
    return states;
  }

  /** Puts the states of a snapshot back; states that it lacks keep their value. */
  restore(snapshot: Snapshot): void {
    this.#alive('restore');
    for (const [name, data] of Object.entries(snapshot)) {
      this.#fits(`restore: state '${name}'`, this.#leaf('restore', 'state', name), data);
    }
    for (const [name, data] of Object.entries(snapshot)) this.#executable.writeState(name, data);
  }

  /** Per-kernel times, in a mode of its own: `repeats` profiled steps, and some to warm up. All of them advance the state. */
  async profile({ repeats = 10 } = {}): Promise<StepProfile> {
    this.#alive('profile');
    if (this.#executable.profile) return this.#executable.profile(repeats);
    throw new DeviceError(misuse('profile', "the device 'webgpu' or 'wasm'", `'${this.#device.kind}'`));
  }

  /**
   * Computes the step that `run` would do next, without its updates, and names the first node with a NaN or an
   * infinity. A state that already holds one is that node: to find what made it, `restore` an earlier snapshot first.
   */
  async check(what: 'nonfinite'): Promise<NonFinite | null> {
    this.#alive('check');
    if (what !== 'nonfinite') throw new ProgramError(misuse('check', "'nonfinite'", `'${String(what)}'`));
    this.#requireInputs('check');
    const values = floatNodes(this.#spec);
    if (values.length === 0) return null;
    this.#checker ??= await compile({ outputs: { counts: countNonFinite(values) } }, this.#device);
    await this.#copyLeavesTo(this.#checker);
    this.#checker.run();
    return firstNonFinite(values, await this.#checker.read('counts'));
  }

  /**
   * After a device was lost: the same plan on another device, as it was at the last `save` (or at the start, where there
   * was none). Inputs are to be written anew.
   */
  async rebuild(device: GpuDevice): Promise<void> {
    this.#alive('rebuild');
    const next: Device = { kind: 'webgpu', gpu: device };
    const executable = await instantiate(this.#step, next, this.#options);
    this.#executable.dispose();
    this.#checker?.dispose();
    this.#checker = undefined;
    this.#device = next;
    this.#executable = executable;
    this.#written.clear();
    this.#hasOutputs = false;
    if (!this.#saved) return;
    this.restore(this.#saved.states);
    for (const [name, value] of this.#saved.scalars) executable.setScalar(name, value);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    forgotten.unregister(this);
    this.#checker?.dispose();
    this.#executable.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  async #copyLeavesTo(other: Program): Promise<void> {
    for (const [name, node] of other.#step.leaves) {
      if (node.op === 'input') other.write(name, await this.#executable.readInput(name));
      if (node.op === 'state') other.#executable.writeState(name, await this.#executable.readState(name));
      if (node.op === 'scalar') other.set(name, this.#executable.scalar(name));
    }
  }

  #alive(call: string): void {
    if (this.#disposed) throw new ProgramError(misuse(call, 'a live program', 'one that was disposed'));
  }

  #requireInputs(call: string): void {
    for (const [name, node] of this.#step.leaves) {
      if (node.op !== 'input' || this.#written.has(name)) continue;
      throw new ProgramError(
        misuse(call, `input '${name}' (${formatType(node)}) to be written first`, 'nothing', node.site),
      );
    }
  }

  #leaf(call: string, op: 'input' | 'scalar' | 'state', name: string): Node {
    const node = this.#step.leaves.get(name);
    if (node?.op === op) return node;
    const names = this.#names(op).join(', ');
    throw new ProgramError(
      misuse(`${call}('${name}')`, `the name of a ${op}: ${names || 'there is none'}`, `'${name}'`),
    );
  }

  #names(op: 'input' | 'scalar' | 'state'): string[] {
    return [...this.#step.leaves].flatMap(([name, leaf]) => (leaf.op === op ? [name] : []));
  }

  #output(call: string, name: string): Value['node'] {
    const node = this.#step.outputs[name];
    if (node) return node;
    throw new ProgramError(
      misuse(`${call}('${name}')`, `one of ${Object.keys(this.#step.outputs).join(', ')}`, `'${name}'`),
    );
  }

  #fits(call: string, node: Node, data: HostArray): void {
    const length = numel(node.shape);
    if (data.length !== length) {
      throw new ProgramError(
        misuse(call, `${length} elements (${formatType(node)})`, `${data.length}`, node.site),
      );
    }
  }
}
