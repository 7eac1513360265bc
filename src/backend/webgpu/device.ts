// A WebGPU device as the engine uses it: what the planner must know of the adapter, a count of live bytes, and errors
// that surface as exceptions of the next call instead of silence.
import type { Target } from '../../ops/spec.ts';
import { DeviceError, DeviceLostError } from '../../tensor/errors.ts';
import { Pipelines } from './pipelines.ts';

export interface GpuOptions {
  /** Which kernels to plan for; by default what the adapter says of itself. Both give the same answers. */
  readonly kernelClass?: Target['kernelClass'];
  readonly powerPreference?: GPUPowerPreference;
}

/** Asked for where the adapter has them; everything works without. */
const optionalFeatures = ['timestamp-query', 'shader-f16', 'subgroups'] as const;
const softwareAdapter = /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render|\bcpu\b/i;

/** Opens a device of the preferred adapter of `gpu` (`navigator.gpu`, or Dawn's in Node). @throws DeviceError */
export async function openGpu(gpu: GPU, options: GpuOptions = {}): Promise<GpuDevice> {
  const { powerPreference = 'high-performance' } = options;
  const adapter = await gpu.requestAdapter({ powerPreference });
  if (!adapter) {
    throw new DeviceError(
      'openGpu: expected a WebGPU adapter, got none (no GPU driver, or the browser has WebGPU switched off); ' +
        "use the 'cpu' backend instead",
    );
  }
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const device = await adapter.requestDevice({
    requiredFeatures: optionalFeatures.filter((feature) => adapter.features.has(feature)),
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
  });
  return new GpuDevice(device, adapter.info, options.kernelClass ?? kernelClassOf(adapter.info));
}

function kernelClassOf(info: GPUAdapterInfo): Target['kernelClass'] {
  const words = [info.vendor, info.architecture, info.device, info.description].join(' ');
  return info.isFallbackAdapter || softwareAdapter.test(words) ? 'software' : 'discrete';
}

function subgroupLanes(device: GPUDevice, info: GPUAdapterInfo): Pick<Target, 'subgroupLanes'> {
  const fixed = device.features.has('subgroups') && info.subgroupMinSize === info.subgroupMaxSize;
  return fixed ? { subgroupLanes: info.subgroupMinSize } : {};
}

export class GpuDevice {
  readonly device: GPUDevice;
  /** The adapter in words, for reports. */
  readonly adapter: string;
  readonly target: Target;
  readonly pipelines: Pipelines;
  #liveBytes = 0;
  #error: string | undefined;
  #lost: string | undefined;

  constructor(device: GPUDevice, info: GPUAdapterInfo, kernelClass: Target['kernelClass']) {
    this.device = device;
    this.adapter =
      info.description || [info.vendor, info.architecture].filter(Boolean).join(' ') || 'unnamed adapter';
    const { limits } = device;
    this.target = {
      kernelClass,
      ...subgroupLanes(device, info),
      maxStorageBuffers: limits.maxStorageBuffersPerShaderStage,
      maxInvocations: limits.maxComputeInvocationsPerWorkgroup,
      maxWorkgroups: limits.maxComputeWorkgroupsPerDimension,
      maxBindingBytes: Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize),
    };
    this.pipelines = new Pipelines(device);
    device.addEventListener('uncapturederror', (event) => {
      event.preventDefault();
      this.#error ??= event.error.message;
    });
    void device.lost.then(({ reason, message }) => {
      this.#lost ??= `${reason}: ${message}`;
    });
  }

  /** Bytes of all buffers that the engine holds on the device. */
  get liveBytes(): number {
    return this.#liveBytes;
  }

  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  createBuffer(label: string, bytes: number, usage: number): GPUBuffer {
    const size = Math.max(4, Math.ceil(bytes / 4) * 4);
    if (size > this.device.limits.maxBufferSize) {
      throw new DeviceError(
        `buffer '${label}' needs ${size} bytes, but the adapter allows ${this.device.limits.maxBufferSize}`,
      );
    }
    const buffer = this.device.createBuffer({ label, size, usage });
    this.#liveBytes += size;
    return buffer;
  }

  destroyBuffer(buffer: GPUBuffer): void {
    this.#liveBytes -= buffer.size;
    buffer.destroy();
  }

  /**
   * Throws what the device has reported since the last call.
   * @throws DeviceLostError the device is gone, for good
   * @throws DeviceError a validation or memory error of an earlier call
   */
  check(call: string): void {
    if (this.#lost !== undefined) {
      throw new DeviceLostError(
        `${call}: the device was lost (${this.#lost}); rebuild the program on a new device`,
      );
    }
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined)
      throw new DeviceError(`${call}: the device reported an error before this call: ${error}`);
  }

  /** Waits for all submitted work. @throws as `check` does */
  async idle(): Promise<void> {
    this.check('idle');
    await this.device.queue.onSubmittedWorkDone().catch(() => undefined);
    this.check('idle');
  }

  destroy(): void {
    this.#lost ??= 'destroyed: destroy() was called';
    this.device.destroy();
  }
}
