// A program on WebGPU: the plan of its step, replayed by an executor.
import { Executor, type GpuDevice, profile, type StepProfile, Trial } from '../backend/webgpu/index.ts';
import { lower } from '../codegen/lower.ts';
import type { Plan } from '../passes/plan.ts';
import type { HostArray } from '../tensor/types.ts';
import type { Executable, Step } from './executable.ts';
import { type KernelOverrides, overrideKernels } from './override.ts';

export interface GpuProgramOptions {
  readonly overrideKernel?: KernelOverrides;
  /** False gives each node a dispatch of its own. */
  readonly fused?: boolean;
}

export class GpuExecutable implements Executable {
  readonly plan: Plan;
  readonly #executor: Executor;
  readonly #scalars: Map<string, number>;
  /** Before the first runs, where kernels are overridden. */
  #trial: Trial | undefined;
  /** Whether the overridden kernels compute the same, which reads wait for. */
  #verdict: Promise<void> = Promise.resolve();

  static async create(step: Step, gpu: GpuDevice, options: GpuProgramOptions = {}): Promise<GpuExecutable> {
    const original = lower(step, gpu.target, options);
    const { plan, replaced } = overrideKernels(original, options.overrideKernel ?? {});
    const executor = await Executor.create(gpu, plan);
    const trial = replaced.length > 0 ? await Trial.create(gpu, original, plan, replaced) : undefined;
    return new GpuExecutable(plan, executor, step, trial);
  }

  private constructor(plan: Plan, executor: Executor, step: Step, trial: Trial | undefined) {
    this.plan = plan;
    this.#executor = executor;
    this.#trial = trial;
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

  run(steps: number): number {
    // Edited kernels are tried on single steps.
    const taken = this.#trial ? 1 : steps;
    if (this.#trial) this.#try(this.#trial);
    this.#executor.run(taken);
    return taken;
  }

  readInput(input: string): Promise<HostArray> {
    return this.#executor.read(this.plan.inputs[input]!);
  }

  readOutput(output: string): Promise<HostArray> {
    return this.#judged(this.#executor.read(this.plan.outputs[output]!));
  }

  readState(state: string): Promise<HostArray> {
    return this.#judged(this.#executor.read(this.plan.states[state]!));
  }

  writeState(state: string, data: HostArray): void {
    this.#executor.write(this.plan.states[state]!, data);
  }

  profile(repetitions: number): Promise<StepProfile> {
    return profile(this.#executor, repetitions);
  }

  dispose(): void {
    this.#trial?.dispose();
    this.#executor.dispose();
  }

  #try(trial: Trial): void {
    const verdicts = [this.#verdict, trial.run(this.#executor)];
    this.#verdict = Promise.all(verdicts).then(() => undefined);
    this.#verdict.catch(() => undefined); // the reader's, not unhandled
    if (trial.isOver) this.#trial = undefined;
  }

  /** What was computed with overridden kernels is given out only where they are right. */
  async #judged(value: Promise<HostArray>): Promise<HostArray> {
    const [result] = await Promise.all([value, this.#verdict]);
    return result;
  }
}
