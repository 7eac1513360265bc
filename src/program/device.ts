// Where programs run: the CPU, which is always there, or a WebGPU device.
import { type GpuDevice, type GpuOptions, openGpu } from '../backend/webgpu/index.ts';
import { DeviceError, misuse } from '../tensor/errors.ts';
import type { Precision } from '../tensor/types.ts';

export type Device =
  | { readonly kind: 'cpu'; readonly precision: Precision }
  | { readonly kind: 'webgpu'; readonly gpu: GpuDevice };

/** `auto`: WebGPU where there is an adapter, else the CPU, with one line that says so. */
export type DeviceKind = 'auto' | 'cpu' | 'webgpu';

export interface DeviceOptions extends GpuOptions {
  /** Where adapters come from; `navigator.gpu` where left out. */
  readonly gpu?: GPU | undefined;
  /** For the CPU: float32 by default, float64 as the definition for tests. */
  readonly precision?: Precision;
  /** Takes the line that `auto` says when it falls back; `console.warn` where left out. */
  readonly log?: (line: string) => void;
}

/** @throws DeviceError where `webgpu` was demanded and no adapter is to be had. */
export async function openDevice(kind: DeviceKind = 'auto', options: DeviceOptions = {}): Promise<Device> {
  const { precision = 'f32', log = console.warn } = options;
  const cpu: Device = { kind: 'cpu', precision };
  switch (kind) {
    case 'cpu':
      return cpu;
    case 'webgpu':
      return { kind: 'webgpu', gpu: await openGpu(provider(options), options) };
    case 'auto':
      try {
        return { kind: 'webgpu', gpu: await openGpu(provider(options), options) };
      } catch (error) {
        if (!(error instanceof DeviceError)) throw error;
        log(`fairmt: running on the CPU (${error.message})`);
        return cpu;
      }
    default:
      throw new DeviceError(
        misuse('openDevice', "'auto', 'cpu' or 'webgpu'", `'${String(kind satisfies never)}'`),
      );
  }
}

function provider({ gpu }: DeviceOptions): GPU {
  const found = gpu ?? globalThis.navigator?.gpu;
  if (found) return found;
  throw new DeviceError(
    misuse(
      'openDevice',
      'a WebGPU implementation',
      'none (in Node: import from fairmt/node and install the package webgpu)',
    ),
  );
}
