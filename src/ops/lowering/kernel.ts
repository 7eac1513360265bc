// What all lowerings share: grids within the adapter's limits, text substitution in a kernel, alignment.
import type { Node } from '../../graph/node.ts';
import { DeviceError } from '../../tensor/errors.ts';
import { numel } from '../../tensor/shape.ts';
import type { DType } from '../../tensor/types.ts';
import type { KernelCall, LowerContext, Slot, Target } from '../spec.ts';

type Binding = KernelCall['bindings'][number];

export const input = (index: number): Slot => ({ kind: 'input', index });
export const temp = (index: number): Slot => ({ kind: 'temp', index });
export const output: Slot = { kind: 'output' };
export const read = (slot: Slot): Binding => ({ slot, access: 'read' });
export const write = (slot: Slot): Binding => ({ slot, access: 'read_write' });

/** Lanes of a workgroup in the kernels with one thread an element. */
const LANES = 64;

/** A 1-D grid of `count` workgroups, folded into two dimensions where one cannot hold it. */
export function fold(count: number, node: Node, target: Target): readonly [number, number, number] {
  if (count <= target.maxWorkgroups) return [count, 1, 1];
  const height = Math.ceil(count / target.maxWorkgroups);
  if (height > target.maxWorkgroups) {
    throw overLimit(node, `${count} workgroups`, `${target.maxWorkgroups} × ${target.maxWorkgroups}`);
  }
  return [Math.ceil(count / height), height, 1];
}

/** The grid for one thread an element, in workgroups of 64. */
export function threads(count: number, node: Node, target: Target): readonly [number, number, number] {
  return fold(Math.ceil(count / LANES), node, target);
}

/** The WGSL type that holds a tensor of `dtype` on the device. */
export const elementType = (dtype: DType): 'f32' | 'i32' | 'u32' => (dtype === 'bool' ? 'u32' : dtype);

/** Four neighbouring elements at once, of the same type. */
export const vec4 = { f32: 'vec4f', i32: 'vec4i', u32: 'vec4u' } as const;

/**
 * The kernel with its lines `alias NAME = …;` and `const NAME = …;` set to `values`. Only what WGSL's `override`
 * cannot express is set this way: element types and sizes of private arrays.
 */
export function specialise(wgsl: string, values: Readonly<Record<string, string | number>>): string {
  let text = wgsl;
  for (const [name, value] of Object.entries(values)) {
    const line = new RegExp(`^(alias|const) ${name} = .*;$`, 'm');
    if (!line.test(text))
      throw new Error(`specialise: the kernel has no line 'alias ${name}' or 'const ${name}'`);
    text = text.replace(line, `$1 ${name} = ${value};`);
  }
  return text;
}

/** Whether all lengths and offsets are whole vec4s. */
export const aligned = (...lengths: readonly number[]): boolean =>
  lengths.every((length) => length % 4 === 0);

/** Kernels index with u32 and bind whole tensors: throws where an operand is too large for either. */
export function requireFits(node: Node, { target, offsets }: LowerContext): void {
  const sizes = [numel(node.shape), ...node.inputs.map((each, i) => numel(each.shape) + (offsets[i] ?? 0))];
  const bytes = 4 * Math.max(...sizes);
  const limit = Math.min(target.maxBindingBytes, 2 ** 32 - 4);
  if (bytes > limit) throw overLimit(node, `a buffer of ${bytes} bytes`, `${limit} bytes`);
}

export function overLimit(node: Node, need: string, limit: string): DeviceError {
  return new DeviceError(
    `${node.name}: ${node.op} needs ${need}, but the adapter allows ${limit}${node.site ? ` (at ${node.site})` : ''}`,
  );
}
