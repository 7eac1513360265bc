// Runs one step spec on every executable there is, the float64 interpreter being the definition.
import { expect } from 'vitest';
import type { Target } from '../../src/ops/index.ts';
import { CpuExecutable } from '../../src/program/cpu.ts';
import { checkSpec, type Executable, type Step } from '../../src/program/executable.ts';
import { GpuExecutable } from '../../src/program/gpu.ts';
import { type Device, openDevice, type ProgramSpec } from '../../src/program/index.ts';
import type { HostArray } from '../../src/tensor/types.ts';
import { gpu } from './gpu.ts';

export type Feeds = Readonly<Record<string, HostArray>>;

export type GpuTarget = Extract<Device, { kind: 'webgpu' }>;

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

export const float64: Device = { kind: 'cpu', precision: 'f64' };

/** All differences at most `tolerance`, in units of max(1, largest magnitude). Equal NaN and infinities agree. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = '',
): void {
  expect(actual.length, what).toBe(expected.length);
  let scale = 1;
  for (let i = 0; i < expected.length; i++) {
    if (Number.isFinite(expected[i])) scale = Math.max(scale, Math.abs(expected[i]!));
  }
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(actual[i], expected[i]) || actual[i] === expected[i]) continue;
    const error = Math.abs(actual[i]! - expected[i]!);
    if (error <= tolerance * scale) continue;
    expect.fail(`${what}[${i}]: expected ${expected[i]}, got ${actual[i]} (${error} off, at scale ${scale})`);
  }
}

export interface Scenario {
  readonly spec: ProgramSpec;
  /** What to write before each run; the same each time, or by the run's number from 0 on. */
  readonly feeds?: Feeds | ((run: number) => Feeds);
  readonly scalars?: (run: number) => Readonly<Record<string, number>>;
  readonly runs?: number;
}

/** Outputs and states after each run, by name. */
export type Trace = readonly Feeds[];

async function play(step: Step, executable: Executable, scenario: Scenario): Promise<Trace> {
  const { feeds = {}, scalars = () => ({}), runs = 1 } = scenario;
  const trace: Feeds[] = [];
  const states = [...step.leaves].flatMap(([name, { op }]) => (op === 'state' ? [name] : []));
  for (let run = 0; run < runs; run++) {
    const written: Feeds = typeof feeds === 'function' ? feeds(run) : feeds;
    for (const [name, data] of Object.entries(written)) {
      if (step.leaves.has(name)) executable.write(name, data);
    }
    const set: Readonly<Record<string, number>> = scalars(run);
    for (const [name, value] of Object.entries(set)) executable.setScalar(name, value);
    executable.run();
    const outputs = Object.keys(step.outputs);
    const values = await Promise.all([
      ...outputs.map((name) => executable.readOutput(name)),
      ...states.map((name) => executable.readState(name)),
    ]);
    trace.push(
      Object.fromEntries(
        [...outputs, ...states.map((name) => `state ${name}`)].map((name, at) => [name, values[at]!]),
      ),
    );
  }
  executable.dispose();
  return trace;
}

/** What the float64 interpreter makes of it. */
export async function define(scenario: Scenario): Promise<Trace> {
  const step = checkSpec(scenario.spec);
  return play(step, new CpuExecutable(step, 'f64'), scenario);
}

export async function trace(
  scenario: Scenario,
  { gpu }: GpuTarget,
  options: { fused?: boolean } = {},
): Promise<Trace> {
  const step = checkSpec(scenario.spec);
  return play(step, await GpuExecutable.create(step, gpu, options), scenario);
}

export function expectTrace(actual: Trace, expected: Trace, tolerance: number, what = ''): void {
  expected.forEach((values, run) => {
    for (const [name, value] of Object.entries(values)) {
      expectClose(actual[run]![name]!, value, tolerance, `${what} run ${run}: ${name}`);
    }
  });
}

/** WebGPU agrees with the definition, fused and unfused. */
export async function expectAgreement(
  scenario: Scenario,
  target: GpuTarget,
  tolerance = 1e-5,
): Promise<void> {
  const definition = await define(scenario);
  expectTrace(await trace(scenario, target), definition, tolerance, 'fused');
  expectTrace(await trace(scenario, target, { fused: false }), definition, tolerance, 'unfused');
}

/** `0.1, 0.2 …` in some order: values that are all different and of both signs. */
export function ramp(length: number, scale = 1): Float32Array {
  return Float32Array.from({ length }, (_, i) => scale * (((i * 7 + 3) % length) / length - 0.4));
}
