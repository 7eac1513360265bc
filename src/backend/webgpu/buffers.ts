// Bytes of tensors on the device: usages, and conversion between host arrays and device arrays (bool is u32 there,
// floats are f32).

import type { PlanTensor } from '../../passes/plan.ts';
import { numel } from '../../tensor/shape.ts';
import type { DType, HostArray } from '../../tensor/types.ts';

/** `GPUBufferUsage`, fixed by the standard; the global is missing in Node. */
export const usage = {
  MAP_READ: 0x1,
  COPY_SRC: 0x4,
  COPY_DST: 0x8,
  UNIFORM: 0x40,
  STORAGE: 0x80,
  QUERY_RESOLVE: 0x200,
} as const;

/** Every element is 4 bytes on the device. */
export const elementBytes = 4;

export const byteOffset = (tensor: PlanTensor): number => elementBytes * tensor.offset;
export const byteLength = (tensor: PlanTensor): number => elementBytes * numel(tensor.shape);

export type DeviceArray = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** `data` as the device stores it; not copied where it already is so. */
export function encode(data: HostArray, dtype: DType): DeviceArray {
  switch (dtype) {
    case 'f32':
      return data instanceof Float32Array && isPlain(data) ? data : Float32Array.from(data);
    case 'i32':
      return data instanceof Int32Array && isPlain(data) ? data : Int32Array.from(data);
    case 'u32':
      return data instanceof Uint32Array && isPlain(data) ? data : Uint32Array.from(data);
    case 'bool':
      return Uint32Array.from(data, (value) => (value ? 1 : 0));
  }
}

/** Shared memory cannot be handed to a queue. */
function isPlain<A extends HostArray>(data: A): data is A & DeviceArray {
  return data.buffer instanceof ArrayBuffer;
}

/** A host array of its own from bytes read back. */
export function decode(bytes: ArrayBuffer, dtype: DType): HostArray {
  switch (dtype) {
    case 'f32':
      return new Float32Array(bytes.slice(0));
    case 'i32':
      return new Int32Array(bytes.slice(0));
    case 'u32':
      return new Uint32Array(bytes.slice(0));
    case 'bool':
      return Uint8Array.from(new Uint32Array(bytes));
  }
}
