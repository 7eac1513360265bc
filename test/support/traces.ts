// Runs one step spec on every executable there is, the float64 interpreter being the definition. No test framework is
// imported, since the same cases also run in a browser.
import { CpuExecutable } from '../../src/program/cpu.ts';
import { checkSpec, type Executable, type Step } from '../../src/program/executable.ts';
import { GpuExecutable } from '../../src/program/gpu.ts';
import type { Device, ProgramSpec } from '../../src/program/index.ts';
import type { HostArray } from '../../src/tensor/types.ts';

export type Feeds = Readonly<Record<string, HostArray>>;

export type GpuTarget = Extract<Device, { kind: 'webgpu' }>;

export interface Scenario {
  readonly spec: ProgramSpec;
  /** What to write before each run; the same each time, or by the run's number from 0 on. */
  readonly feeds?: Feeds | ((run: number) => Feeds);
  readonly scalars?: (run: number) => Readonly<Record<string, number>>;
  readonly runs?: number;
}

/** Outputs and states after each run, by name. */
export type Trace = readonly Feeds[];

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

export async function play(step: Step, executable: Executable, scenario: Scenario): Promise<Trace> {
  const { feeds = {}, scalars = () => ({}), runs = 1 } = scenario;
  const outputs = Object.keys(step.outputs);
  const states = [...step.leaves].flatMap(([name, { op }]) => (op === 'state' ? [name] : []));
  const names = [...outputs, ...states.map((name) => `state ${name}`)];
  const trace: Feeds[] = [];
  for (let run = 0; run < runs; run++) {
    const written: Feeds = typeof feeds === 'function' ? feeds(run) : feeds;
    for (const [name, data] of Object.entries(written)) {
      if (step.leaves.has(name)) executable.write(name, data);
    }
    const set: Readonly<Record<string, number>> = scalars(run);
    for (const [name, value] of Object.entries(set)) executable.setScalar(name, value);
    executable.run(1);
    const values = await Promise.all([
      ...outputs.map((name) => executable.readOutput(name)),
      ...states.map((name) => executable.readState(name)),
    ]);
    trace.push(Object.fromEntries(names.map((name, at) => [name, values[at]!])));
  }
  executable.dispose();
  return trace;
}

/**
 * Where two arrays differ by more than `tolerance` in units of max(1, largest magnitude), in words. Equal NaN and
 * infinities agree.
 */
export function difference(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): string | undefined {
  if (actual.length !== expected.length) return `${actual.length} elements instead of ${expected.length}`;
  let scale = 1;
  for (let i = 0; i < expected.length; i++) {
    if (Number.isFinite(expected[i])) scale = Math.max(scale, Math.abs(expected[i]!));
  }
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(actual[i], expected[i]) || actual[i] === expected[i]) continue;
    const error = Math.abs(actual[i]! - expected[i]!);
    if (!(error <= tolerance * scale))
      return `[${i}]: ${actual[i]} instead of ${expected[i]}, at scale ${scale}`;
  }
  return undefined;
}

export function traceDifference(actual: Trace, expected: Trace, tolerance: number): string | undefined {
  for (const [run, values] of expected.entries()) {
    for (const [name, value] of Object.entries(values)) {
      const found = difference(actual[run]![name]!, value, tolerance);
      if (found !== undefined) return `run ${run}: ${name}${found}`;
    }
  }
  return undefined;
}
