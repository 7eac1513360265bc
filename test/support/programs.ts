// Programs on the tests' WebGPU adapter, against the definition.
import { expect } from 'vitest';
import type { Target } from '../../src/ops/index.ts';
import { openDevice } from '../../src/program/index.ts';
import { gpu } from './gpu.ts';
import {
  define,
  difference,
  type GpuTarget,
  type Scenario,
  type Trace,
  trace,
  traceDifference,
} from './traces.ts';
import { traceOnWasm } from './wasm.ts';

export { define, type Feeds, type GpuTarget, type Scenario, type Trace, trace } from './traces.ts';

/** A device on the tests' adapter, planning for one class of kernels and, if wished, within narrower limits. */
export async function openTarget(
  kernelClass: Target['kernelClass'] = 'software',
  limits: Partial<Target> = {},
): Promise<GpuTarget> {
  const device = await openDevice('webgpu', { gpu: gpu!, kernelClass });
  if (device.kind !== 'webgpu') throw new Error('expected a WebGPU device');
  Object.assign(device.gpu, { target: { ...device.gpu.target, ...limits } });
  return device;
}

/** All differences at most `tolerance`, in units of max(1, largest magnitude). */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = '',
): void {
  expect(difference(actual, expected, tolerance), what).toBeUndefined();
}

export function expectTrace(actual: Trace, expected: Trace, tolerance: number, what = ''): void {
  expect(traceDifference(actual, expected, tolerance), what).toBeUndefined();
}

/** WebGPU agrees with the definition, fused and unfused, and so does WebAssembly. */
export async function expectAgreement(
  scenario: Scenario,
  target: GpuTarget,
  tolerance = 1e-5,
): Promise<void> {
  const definition = await define(scenario);
  expectTrace(await trace(scenario, target), definition, tolerance, 'fused');
  expectTrace(await trace(scenario, target, { fused: false }), definition, tolerance, 'unfused');
  expectTrace(await traceOnWasm(scenario), definition, tolerance, 'WebAssembly');
}

/** Values that are all different and of both signs. */
export function ramp(length: number, scale = 1): Float32Array {
  return Float32Array.from({ length }, (_, i) => scale * (((i * 7 + 3) % length) / length - 0.4));
}
