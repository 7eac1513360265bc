// The devices on which a property has to hold, and programs as functions: compiled once, fed many random inputs.
import { type Device, openDevice, type Program } from '../../src/program/index.ts';
import type { HostArray } from '../../src/tensor/types.ts';
import { gpu } from './gpu.ts';

export interface TestDevice {
  readonly name: string;
  readonly device: Device;
  /** Relative error that its arithmetic may make in a short chain of operations. */
  readonly rounding: number;
  /** How many random inputs a property is tried on. */
  readonly numRuns: number;
}

export const float64: TestDevice = {
  name: 'the float64 interpreter',
  device: await openDevice('cpu', { precision: 'f64' }),
  rounding: 1e-11,
  numRuns: 60,
};

/** The definition, and WebGPU where there is an adapter. */
export const devices: readonly TestDevice[] = [
  float64,
  ...(gpu
    ? [{ name: 'WebGPU', device: await openDevice('webgpu', { gpu }), rounding: 2e-5, numRuns: 20 }]
    : []),
];

export interface Feed {
  readonly inputs?: Readonly<Record<string, HostArray | readonly number[]>>;
  readonly scalars?: Readonly<Record<string, number>>;
  readonly states?: Readonly<Record<string, HostArray | readonly number[]>>;
}

export type Outputs = Readonly<Record<string, readonly number[]>>;

/** Sets what is fed, runs one step and reads all of `names`. */
export async function runWith(program: Program, names: readonly string[], feed: Feed): Promise<Outputs> {
  const { inputs = {}, scalars = {}, states = {} } = feed;
  for (const [name, value] of Object.entries(inputs)) program.write(name, Float64Array.from(value));
  for (const [name, value] of Object.entries(scalars)) program.set(name, value);
  program.restore(
    Object.fromEntries(Object.entries(states).map(([name, value]) => [name, Float64Array.from(value)])),
  );
  program.run();
  const values = await Promise.all(names.map((name) => program.read(name)));
  return Object.fromEntries(names.map((name, at) => [name, Array.from(values[at]!)]));
}
