// The sizes that a plan's kernels read as data: one buffer, written once, a slice of it for each set of words.
import type { Plan } from '../../passes/plan.ts';
import { elementBytes, usage } from './buffers.ts';
import type { GpuDevice } from './device.ts';

type Words = readonly number[];

export class Uniforms {
  readonly #gpu: GpuDevice;
  readonly #buffer: GPUBuffer;
  /** Where each set of words begins, in bytes. */
  readonly #offsets: ReadonlyMap<string, number>;

  static of(gpu: GpuDevice, { dispatches }: Plan): Uniforms | undefined {
    const sets = new Map<string, Words>();
    for (const { uniforms } of dispatches) if (uniforms) sets.set(uniforms.join(), uniforms);
    return sets.size > 0 ? new Uniforms(gpu, sets) : undefined;
  }

  private constructor(gpu: GpuDevice, sets: ReadonlyMap<string, Words>) {
    const { minUniformBufferOffsetAlignment: alignment } = gpu.device.limits;
    const offsets = new Map<string, number>();
    let end = 0;
    for (const [key, words] of sets) {
      offsets.set(key, end);
      end += alignment * Math.ceil((elementBytes * words.length) / alignment);
    }
    const all = new Uint32Array(end / elementBytes);
    for (const [key, words] of sets) all.set(words, offsets.get(key)! / elementBytes);
    this.#gpu = gpu;
    this.#offsets = offsets;
    this.#buffer = gpu.createBuffer('sizes', end, usage.UNIFORM | usage.COPY_DST);
    gpu.device.queue.writeBuffer(this.#buffer, 0, all);
  }

  binding(words: Words): GPUBufferBinding {
    return {
      buffer: this.#buffer,
      offset: this.#offsets.get(words.join())!,
      size: elementBytes * words.length,
    };
  }

  dispose(): void {
    this.#gpu.destroyBuffer(this.#buffer);
  }
}
