// Plans for an adapter with the limits that WebGPU guarantees, whatever adapter is at hand.
import { lower } from '../../src/codegen/lower.ts';
import type { Target } from '../../src/ops/index.ts';
import type { Plan } from '../../src/passes/plan.ts';
import { checkSpec } from '../../src/program/executable.ts';
import type { ProgramSpec } from '../../src/program/index.ts';

export const software: Target = {
  kernelClass: 'software',
  maxStorageBuffers: 8,
  maxInvocations: 256,
  maxWorkgroups: 65_535,
  maxBindingBytes: 2 ** 27,
};

export const planOf = (spec: ProgramSpec, target: Partial<Target> = {}, options = {}): Plan =>
  lower(checkSpec(spec), { ...software, ...target }, options);

export const labels = (plan: Plan): string[] => plan.dispatches.map(({ label }) => label);
