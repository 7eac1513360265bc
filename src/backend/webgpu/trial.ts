// Kernels edited by hand against the engine's own, on a step's real data. Each replaced dispatch runs both ways on
// equal buffers, so that a difference is its own and not one that later kernels made of a rounding.
import type { Plan, PlanTensor } from '../../passes/plan.ts';
import { ProgramError } from '../../tensor/errors.ts';
import type { HostArray } from '../../tensor/types.ts';
import { elementBytes } from './buffers.ts';
import { Executor, encodeStep } from './executor.ts';

/** Steps that are tried: in the first, states are often all 0, and much that is wrong does not show. */
const trials = 3;

/** Largest difference that rounding may explain, as a share of the largest magnitude of a result. */
const tolerance = 1e-3;

export class Trial {
  readonly #original: Executor;
  readonly #edited: Executor;
  readonly #replaced: readonly number[];
  #begun = 0;
  #ended = 0;

  /** `plan` with the dispatches `replaced` as `edited` has them. */
  static async create(
    gpu: Executor['gpu'],
    plan: Plan,
    edited: Plan,
    replaced: readonly number[],
  ): Promise<Trial> {
    const [first, second] = await Promise.all([Executor.create(gpu, plan), Executor.create(gpu, edited)]);
    return new Trial(first, second, replaced);
  }

  private constructor(original: Executor, edited: Executor, replaced: readonly number[]) {
    this.#original = original;
    this.#edited = edited;
    this.#replaced = replaced;
  }

  /** Every step that is to be tried has been begun; once the last one has ended, the trial's memory is free. */
  get isOver(): boolean {
    return this.#begun === trials;
  }

  /**
   * Computes the step that `program` would do next, from a copy of its buffers as they are at the call.
   * @throws ProgramError where an edited kernel computes something else
   */
  async run(program: Executor): Promise<void> {
    this.#begun++;
    program.flushScalars();
    const { plan } = this.#original;
    this.#copy(program, this.#original, [...plan.buffers.keys()]);
    const comparisons: Promise<void>[] = [];
    plan.dispatches.forEach(({ bindings }, at) => {
      const bound = bindings.map(({ buffer }) => buffer);
      const isReplaced = this.#replaced.includes(at);
      if (!isReplaced) {
        dispatch(this.#original, at);
        return;
      }
      this.#copy(this.#original, this.#edited, bound);
      const written = bindings.filter(({ access }) => access === 'read_write').map(({ buffer }) => buffer);
      const before = written.map((buffer) => this.#original.read(this.#whole(buffer)));
      dispatch(this.#original, at);
      dispatch(this.#edited, at);
      comparisons.push(...written.map((buffer, i) => this.#compare(at, buffer, before[i]!)));
    });
    try {
      await Promise.all(comparisons);
    } finally {
      await Promise.allSettled(comparisons); // reads still under way
      if (++this.#ended === trials) this.dispose();
    }
  }

  dispose(): void {
    this.#original.dispose();
    this.#edited.dispose();
  }

  #copy(from: Executor, to: Executor, buffers: readonly number[]): void {
    const encoder = from.gpu.device.createCommandEncoder({ label: 'trial' });
    for (const buffer of buffers) {
      const { size } = from.buffers[buffer]!;
      encoder.copyBufferToBuffer(from.buffers[buffer]!, 0, to.buffers[buffer]!, 0, size);
    }
    from.gpu.device.queue.submit([encoder.finish()]);
  }

  /** All of a buffer, taken for floats whatever it is: equal bits are equal in any type. */
  #whole(buffer: number): PlanTensor {
    const { bytes } = this.#original.plan.buffers[buffer]!;
    return { buffer, offset: 0, shape: [Math.ceil(bytes / elementBytes)], dtype: 'f32' };
  }

  async #compare(at: number, buffer: number, before: Promise<HostArray>): Promise<void> {
    const tensor = this.#whole(buffer);
    const [expected, got, old] = await Promise.all([
      this.#original.read(tensor),
      this.#edited.read(tensor),
      before,
    ]);
    const element = firstDifference(expected, got, old);
    if (element < 0) return;
    const { buffers, dispatches } = this.#original.plan;
    const { label, nodes } = dispatches[at]!;
    const into = buffers[buffer]!.label;
    throw new ProgramError(
      `overrideKernel: the edited '${label}' of ${nodes.join(', ')} computes something else: element ${element} of ` +
        `'${into}' should be ${expected[element]} but is ${got[element]}`,
    );
  }
}

function dispatch({ gpu, steps }: Executor, at: number): void {
  const encoder = gpu.device.createCommandEncoder({ label: 'trial' });
  const pass = encoder.beginComputePass();
  encodeStep(pass, steps[at]!);
  pass.end();
  gpu.device.queue.submit([encoder.finish()]);
}

/** −1 where there is none. What neither run has changed says nothing of how large the result is. */
function firstDifference(expected: HostArray, got: HostArray, old: HostArray): number {
  let largest = 0;
  expected.forEach((value, at) => {
    const isKept = Object.is(value, old[at]) && Object.is(got[at], old[at]);
    if (!isKept) largest = Math.max(largest, Math.abs(value) || 0);
  });
  const allowed = Number.isFinite(largest) ? tolerance * largest : 0;
  return expected.findIndex((value, at) => {
    const other = got[at]!;
    return !Object.is(value, other) && !(Math.abs(value - other) <= allowed);
  });
}
