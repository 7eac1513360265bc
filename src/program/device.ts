// Where programs run: a WebGPU device, WebAssembly with SIMD, or the interpreter, which is always there.

import { requireWasm } from '../backend/wasm/index.ts';
import { type GpuDevice, type GpuOptions, openGpu } from '../backend/webgpu/index.ts';
import { DeviceError, misuse } from '../tensor/errors.ts';
import type { Precision } from '../tensor/types.ts';

export type Device =
  | { readonly kind: 'webgpu'; readonly gpu: GpuDevice }
  /** The fast CPU path: float32, a module compiled for each program. */
  | { readonly kind: 'wasm' }
  /** The interpreter: slow, and the definition of every op. */
  | { readonly kind: 'cpu'; readonly precision: Precision };

/**
 * `auto`: a hardware WebGPU adapter where there is one, else WebAssembly, else the interpreter, with one line that says
 * so. A software adapter is slower than WebAssembly on every workload measured (bench/RESULTS.md), so `auto` passes it by.
 */
export type DeviceKind = 'auto' | Device['kind'];

export interface DeviceOptions extends GpuOptions {
  /** Where adapters come from; `navigator.gpu` where left out. */
  readonly gpu?: GPU | undefined;
  /** For the interpreter: float32 by default, float64 as the definition for tests. */
  readonly precision?: Precision;
  /** Takes the line that `auto` says when it falls back; `console.warn` where left out. */
  readonly log?: (line: string) => void;
}

/** @throws DeviceError where `webgpu` or `wasm` was demanded and is not to be had. */
export async function openDevice(kind: DeviceKind = 'auto', options: DeviceOptions = {}): Promise<Device> {
  switch (kind) {
    case 'cpu':
      return { kind, precision: options.precision ?? 'f32' };
    case 'wasm':
      await requireWasm();
      return { kind };
    case 'webgpu':
      return { kind, gpu: await openGpu(provider(options), options) };
    case 'auto':
      return openBest(options);
    default: {
      const kinds = "'auto', 'webgpu', 'wasm' or 'cpu'";
      throw new DeviceError(misuse('openDevice', kinds, `'${String(kind satisfies never)}'`));
    }
  }
}

async function openBest(options: DeviceOptions): Promise<Device> {
  const { log = console.warn } = options;
  const reasons: string[] = [];
  const device =
    (await attempt(() => openHardware(options), reasons)) ??
    (await attempt(() => openDevice('wasm', options), reasons)) ??
    (await openDevice('cpu', options));
  if (device.kind !== 'webgpu')
    log(`fairmt: running on the CPU, device '${device.kind}' (${reasons.join('; ')})`);
  return device;
}

async function openHardware(options: DeviceOptions): Promise<Device> {
  const gpu = await openGpu(provider(options), options);
  if (gpu.target.kernelClass !== 'software') return { kind: 'webgpu', gpu };
  gpu.destroy();
  throw new DeviceError(`the only WebGPU adapter, ${gpu.adapter}, is a software one`);
}

async function attempt(open: () => Promise<Device>, reasons: string[]): Promise<Device | undefined> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    reasons.push(error.message);
    return undefined;
  }
}

function provider({ gpu }: DeviceOptions): GPU {
  const found = gpu ?? globalThis.navigator?.gpu;
  if (found) return found;
  const none = 'none (in Node: import from fairmt/node and install the package webgpu)';
  throw new DeviceError(misuse('openDevice', 'a WebGPU implementation', none));
}
