// Replays a plan. Buffers, pipelines and bind groups are made once; a run encodes the dispatches into one pass and
// submits once, be it one step or many: no allocation, no new bind group, no readback.

import type { Target } from '../../ops/spec.ts';
import type { Dispatch, Plan, PlanTensor } from '../../passes/plan.ts';
import { DeviceError, misuse, ProgramError } from '../../tensor/errors.ts';
import { numel } from '../../tensor/shape.ts';
import type { HostArray } from '../../tensor/types.ts';
import { byteOffset, encode, usage } from './buffers.ts';
import type { GpuDevice } from './device.ts';
import { Readback } from './readback.ts';
import { Uniforms } from './uniforms.ts';

/** A dispatch ready to be encoded. */
export interface Step {
  readonly dispatch: Dispatch;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
}

/** Scalars live in one buffer; the host keeps a copy and sends all of it when one has changed. */
interface Scalars {
  readonly buffer: GPUBuffer;
  readonly values: Float32Array<ArrayBuffer>;
  changed: boolean;
}

export class Executor {
  readonly gpu: GpuDevice;
  readonly plan: Plan;
  /** For the profiler and the checks, which encode them in their own way. */
  readonly steps: readonly Step[];
  /** One an entry of `plan.buffers`. */
  readonly buffers: readonly GPUBuffer[];
  readonly #uniforms: Uniforms | undefined;
  readonly #scalars = new Map<number, Scalars>();
  readonly #readback: Readback;
  #disposed = false;

  /**
   * Makes buffers and compiles kernels, in parallel.
   * @throws DeviceError a dispatch breaks a rule or a limit of the adapter, or a kernel does not compile
   */
  static async create(gpu: GpuDevice, plan: Plan): Promise<Executor> {
    gpu.check('compile');
    for (const dispatch of plan.dispatches) requireRunnable(dispatch, plan, gpu.target);
    const kernels = await Promise.all(plan.dispatches.map((dispatch) => gpu.pipelines.get(dispatch)));
    const buffers = plan.buffers.map(({ label, bytes }) =>
      gpu.createBuffer(label, bytes, usage.STORAGE | usage.COPY_SRC | usage.COPY_DST),
    );
    const uniforms = Uniforms.of(gpu, plan);
    const steps = plan.dispatches.map((dispatch, i) => {
      const { pipeline, layout } = kernels[i]!;
      const resources: GPUBufferBinding[] = dispatch.bindings.map(({ buffer }) => ({
        buffer: buffers[buffer]!,
      }));
      if (dispatch.uniforms) resources.push(uniforms!.binding(dispatch.uniforms));
      const entries = resources.map((resource, binding) => ({ binding, resource }));
      return { dispatch, pipeline, bindGroup: gpu.device.createBindGroup({ layout, entries }) };
    });
    return new Executor(gpu, plan, buffers, steps, uniforms);
  }

  private constructor(
    gpu: GpuDevice,
    plan: Plan,
    buffers: readonly GPUBuffer[],
    steps: readonly Step[],
    uniforms: Uniforms | undefined,
  ) {
    this.gpu = gpu;
    this.#uniforms = uniforms;
    this.plan = plan;
    this.buffers = buffers;
    this.steps = steps;
    this.#readback = new Readback(gpu);
    plan.buffers.forEach(({ init, role }, i) => {
      if (init) {
        const dtype = init instanceof Int32Array ? 'i32' : init instanceof Uint32Array ? 'u32' : 'f32';
        gpu.device.queue.writeBuffer(buffers[i]!, 0, encode(init, dtype));
      }
      if (role === 'scalars') {
        const values = new Float32Array(buffers[i]!.size / Float32Array.BYTES_PER_ELEMENT);
        values.set(init ?? []);
        this.#scalars.set(i, { buffer: buffers[i]!, values, changed: false });
      }
    });
  }

  /** Writes an input or a state: all of its elements, row-major. A scalar is sent with the next run. */
  write(tensor: PlanTensor, data: HostArray): void {
    this.#ready('write');
    if (data.length !== numel(tensor.shape)) {
      throw new ProgramError(misuse('write', `${numel(tensor.shape)} elements`, `${data.length}`));
    }
    const scalars = this.#scalars.get(tensor.buffer);
    if (scalars) {
      scalars.values.set(data, tensor.offset);
      scalars.changed = true;
    } else {
      const bytes = encode(data, tensor.dtype);
      this.gpu.device.queue.writeBuffer(this.buffers[tensor.buffer]!, byteOffset(tensor), bytes);
    }
  }

  /** Runs the plan `times` times over, in one submit: in one pass, unless copies must come between. */
  run(times = 1): void {
    this.#ready('run');
    this.flushScalars();
    const { device } = this.gpu;
    const encoder = device.createCommandEncoder({ label: 'run' });
    const [passes, each] = this.plan.copies.length > 0 ? [times, 1] : [1, times];
    for (let i = 0; i < passes; i++) {
      const pass = encoder.beginComputePass();
      for (let j = 0; j < each; j++) for (const step of this.steps) encodeStep(pass, step);
      pass.end();
      this.encodeCopies(encoder);
    }
    device.queue.submit([encoder.finish()]);
  }

  /** The tensor's value as of this call, even where further runs are submitted before it arrives. */
  async read(tensor: PlanTensor): Promise<HostArray> {
    this.#ready('read');
    this.flushScalars();
    return this.#readback.read(this.buffers[tensor.buffer]!, tensor);
  }

  /** Waits for all submitted work. */
  async idle(): Promise<void> {
    this.#ready('idle');
    await this.gpu.idle();
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#readback.dispose();
    for (const buffer of this.buffers) this.gpu.destroyBuffer(buffer);
    this.#uniforms?.dispose();
  }

  /** Sends the scalars that were written since the last run. */
  flushScalars(): void {
    for (const scalars of this.#scalars.values()) {
      if (!scalars.changed) continue;
      this.gpu.device.queue.writeBuffer(scalars.buffer, 0, scalars.values);
      scalars.changed = false;
    }
  }

  /** The commits of updates that could not be made in place. */
  encodeCopies(encoder: GPUCommandEncoder): void {
    for (const { from, to, bytes } of this.plan.copies) {
      encoder.copyBufferToBuffer(this.buffers[from]!, 0, this.buffers[to]!, 0, bytes);
    }
  }

  #ready(call: string): void {
    if (this.#disposed) throw new ProgramError(misuse(call, 'a live program', 'one that was disposed'));
    this.gpu.check(call);
  }
}

export function encodeStep(pass: GPUComputePassEncoder, { pipeline, bindGroup, dispatch }: Step): void {
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  pass.dispatchWorkgroups(...dispatch.workgroups);
}

/** The rules of a dispatch: no buffer bound twice unless only read, and the adapter's limits. */
function requireRunnable(dispatch: Dispatch, plan: Plan, target: Target): void {
  const fail = (need: string, limit: string): never => {
    throw new DeviceError(
      `kernel '${dispatch.label}' of ${dispatch.nodes.join(', ')} needs ${need}, but ${limit}`,
    );
  };
  const { bindings, workgroups } = dispatch;
  if (bindings.length > target.maxStorageBuffers) {
    fail(`${bindings.length} storage buffers`, `the adapter allows ${target.maxStorageBuffers}`);
  }
  if (workgroups.some((count) => count > target.maxWorkgroups)) {
    fail(`${workgroups.join(' × ')} workgroups`, `the adapter allows ${target.maxWorkgroups} a dimension`);
  }
  bindings.forEach(({ buffer, access }, i) => {
    const { label, bytes } = plan.buffers[buffer]!;
    if (bytes > target.maxBindingBytes) {
      fail(`buffer '${label}' of ${bytes} bytes`, `the adapter allows ${target.maxBindingBytes}`);
    }
    const twice = bindings.some((other, j) => j !== i && other.buffer === buffer);
    if (twice && access === 'read_write') {
      fail(`buffer '${label}' twice, once to write`, 'a dispatch may bind a buffer twice only to read it');
    }
  });
}
