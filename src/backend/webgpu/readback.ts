// Reading tensors back through reusable staging buffers. The copy is queued at the call, so the value read is the one
// at that time, whatever is submitted while it travels; several reads may be in flight.
import type { PlanTensor } from '../../passes/plan.ts';
import { DeviceError } from '../../tensor/errors.ts';
import type { HostArray } from '../../tensor/types.ts';
import { byteLength, byteOffset, decode, usage } from './buffers.ts';
import type { GpuDevice } from './device.ts';

/** `GPUMapMode.READ`, fixed by the standard; the global is missing in Node. */
const READ = 1;

export class Readback {
  readonly #gpu: GpuDevice;
  readonly #all = new Set<GPUBuffer>();
  /** By size, a power of two. */
  readonly #free = new Map<number, GPUBuffer[]>();

  constructor(gpu: GpuDevice) {
    this.#gpu = gpu;
  }

  async read(source: GPUBuffer, tensor: PlanTensor): Promise<HostArray> {
    const { device } = this.#gpu;
    const bytes = byteLength(tensor);
    const staging = this.#acquire(bytes);
    const encoder = device.createCommandEncoder({ label: 'read' });
    encoder.copyBufferToBuffer(source, byteOffset(tensor), staging, 0, bytes);
    device.queue.submit([encoder.finish()]);
    try {
      await staging.mapAsync(READ, 0, bytes);
    } catch (error) {
      this.#gpu.check('read');
      throw new DeviceError('read: the device could not give the bytes back', { cause: error });
    }
    const data = decode(staging.getMappedRange(0, bytes), tensor.dtype);
    staging.unmap();
    this.#free.get(staging.size)!.push(staging);
    return data;
  }

  dispose(): void {
    for (const buffer of this.#all) this.#gpu.destroyBuffer(buffer);
    this.#all.clear();
    this.#free.clear();
  }

  #acquire(bytes: number): GPUBuffer {
    const size = Math.max(256, 2 ** Math.ceil(Math.log2(bytes)));
    const free = this.#free.get(size) ?? [];
    this.#free.set(size, free);
    const known = free.pop();
    if (known) return known;
    const buffer = this.#gpu.createBuffer('staging', size, usage.MAP_READ | usage.COPY_DST);
    this.#all.add(buffer);
    return buffer;
  }
}
