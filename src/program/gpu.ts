// A program on WebGPU: the plan of its step, replayed by an executor.
import { Executor, type GpuDevice, profile, type StepProfile } from '../backend/webgpu/index.ts';
import { lower } from '../codegen/lower.ts';
import type { Plan } from '../passes/plan.ts';
import type { HostArray } from '../tensor/types.ts';
import type { Executable, Step } from './executable.ts';

export class GpuExecutable implements Executable {
  readonly plan: Plan;
  readonly #executor: Executor;
  readonly #scalars: Map<string, number>;

  static async create(step: Step, gpu: GpuDevice, options: { fused?: boolean } = {}): Promise<GpuExecutable> {
    const plan = lower(step, gpu.target, options);
    return new GpuExecutable(plan, await Executor.create(gpu, plan), step);
  }

  private constructor(plan: Plan, executor: Executor, step: Step) {
    this.plan = plan;
    this.#executor = executor;
    this.#scalars = new Map(
      [...step.leaves].flatMap(([name, node]) => (node.op === 'scalar' ? [[name, node.attrs.init]] : [])),
    );
  }

  write(input: string, data: HostArray): void {
    this.#executor.write(this.plan.inputs[input]!, data);
  }

  setScalar(scalar: string, value: number): void {
    this.#scalars.set(scalar, value);
    this.#executor.write(this.plan.scalars[scalar]!, Float32Array.of(value));
  }

  scalar(name: string): number {
    return this.#scalars.get(name)!;
  }

  run(): void {
    this.#executor.run();
  }

  readInput(input: string): Promise<HostArray> {
    return this.#executor.read(this.plan.inputs[input]!);
  }

  readOutput(output: string): Promise<HostArray> {
    return this.#executor.read(this.plan.outputs[output]!);
  }

  readState(state: string): Promise<HostArray> {
    return this.#executor.read(this.plan.states[state]!);
  }

  writeState(state: string, data: HostArray): void {
    this.#executor.write(this.plan.states[state]!, data);
  }

  profile(repetitions: number): Promise<StepProfile> {
    return profile(this.#executor, repetitions);
  }

  dispose(): void {
    this.#executor.dispose();
  }
}
