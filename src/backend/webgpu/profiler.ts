// Where a step's time goes: a mode of its own, with a pass and two timestamps a dispatch. It changes what it measures
// (passes cannot overlap), so the unprofiled step is timed beside it.
import { DeviceError } from '../../tensor/errors.ts';
import { usage } from './buffers.ts';
import { type Executor, encodeStep } from './executor.ts';

export interface DispatchTiming {
  readonly label: string;
  readonly nodes: readonly string[];
  readonly shapes: string;
  /** Least bytes moved and operations done by one dispatch. */
  readonly bytes: number;
  readonly flops: number;
  /** Median of `calls` timed dispatches. */
  readonly nanoseconds: number;
  readonly calls: number;
}

export interface StepProfile {
  readonly adapter: string;
  readonly dispatches: readonly DispatchTiming[];
  /** Median time of a step from submit to done, nanoseconds: with a pass a dispatch, and as `run()` does it. */
  readonly profiledStep: number;
  readonly unprofiledStep: number;
  /** Median time of the host to encode and submit one dispatch of an unprofiled step, nanoseconds. */
  readonly hostPerDispatch: number;
}

const mostTimestamps = 4096; // a query set's limit in WebGPU
const READ = 1; // GPUMapMode.READ

/**
 * Times `repetitions` steps in each mode. They are real steps: states change as in `run()`.
 * @throws DeviceError the adapter has no `timestamp-query`
 */
export async function profile(executor: Executor, repetitions = 10): Promise<StepProfile> {
  const { gpu, steps } = executor;
  const count = 2 * steps.length;
  if (!gpu.device.features.has('timestamp-query')) {
    throw new DeviceError(`profile: expected the feature 'timestamp-query', but ${gpu.adapter} has none`);
  }
  if (count > mostTimestamps) {
    throw new DeviceError(
      `profile: ${steps.length} dispatches need ${count} timestamps, but a query set holds ${mostTimestamps}`,
    );
  }
  const unprofiled = await timeSteps(executor, repetitions, () => executor.run());
  const clock = new Clock(executor, count);
  const samples: BigInt64Array[] = [];
  const profiled = await timeSteps(executor, repetitions, async () => {
    samples.push(await clock.step());
  });
  clock.dispose();
  samples.shift(); // the first warms up
  return {
    adapter: gpu.adapter,
    dispatches: steps.map(({ dispatch: { label, nodes, shapes, bytes, flops } }, i) => {
      const nanoseconds = median(samples.map((stamps) => Number(stamps[2 * i + 1]! - stamps[2 * i]!)));
      return { label, nodes, shapes, bytes, flops, nanoseconds, calls: samples.length };
    }),
    profiledStep: profiled.total,
    unprofiledStep: unprofiled.total,
    hostPerDispatch: unprofiled.host / Math.max(1, steps.length),
  };
}

/** Medians, in nanoseconds, of the host's part of `step` and of the whole until the device is done. */
async function timeSteps(
  executor: Executor,
  repetitions: number,
  step: () => void | Promise<void>,
): Promise<{ host: number; total: number }> {
  const host: number[] = [];
  const total: number[] = [];
  // The first warms up.
  for (let i = 0; i <= repetitions; i++) {
    await executor.idle();
    const begin = performance.now();
    const done = step();
    const submitted = performance.now();
    await done;
    await executor.idle();
    const end = performance.now();
    if (i === 0) continue;
    host.push(1e6 * (submitted - begin));
    total.push(1e6 * (end - begin));
  }
  return { host: median(host), total: median(total) };
}

/** One query set with two timestamps a dispatch, and the buffers that bring them back. */
class Clock {
  readonly #executor: Executor;
  readonly #count: number;
  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #staging: GPUBuffer;

  constructor(executor: Executor, count: number) {
    const { gpu } = executor;
    this.#executor = executor;
    this.#count = count;
    this.#queries = gpu.device.createQuerySet({ type: 'timestamp', count: Math.max(2, count) });
    this.#resolved = gpu.createBuffer('timestamps', 8 * count, usage.QUERY_RESOLVE | usage.COPY_SRC);
    this.#staging = gpu.createBuffer('timestamps', 8 * count, usage.MAP_READ | usage.COPY_DST);
  }

  /** Runs the plan once, a pass a dispatch, and returns begin and end of each. */
  async step(): Promise<BigInt64Array> {
    const { gpu, steps } = this.#executor;
    this.#executor.flushScalars();
    const encoder = gpu.device.createCommandEncoder({ label: 'profile' });
    steps.forEach((step, i) => {
      const timestampWrites = {
        querySet: this.#queries,
        beginningOfPassWriteIndex: 2 * i,
        endOfPassWriteIndex: 2 * i + 1,
      };
      const pass = encoder.beginComputePass({ label: step.dispatch.label, timestampWrites });
      encodeStep(pass, step);
      pass.end();
    });
    this.#executor.encodeCopies(encoder);
    if (this.#count > 0) {
      encoder.resolveQuerySet(this.#queries, 0, this.#count, this.#resolved, 0);
      encoder.copyBufferToBuffer(this.#resolved, 0, this.#staging, 0, 8 * this.#count);
    }
    gpu.device.queue.submit([encoder.finish()]);
    await this.#staging.mapAsync(READ);
    const stamps = new BigInt64Array(this.#staging.getMappedRange(0, 8 * this.#count).slice(0));
    this.#staging.unmap();
    return stamps;
  }

  dispose(): void {
    this.#queries.destroy();
    this.#executor.gpu.destroyBuffer(this.#resolved);
    this.#executor.gpu.destroyBuffer(this.#staging);
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
