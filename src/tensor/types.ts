// Tensor types: what an element is and how many there are. Everything in the engine is dense and row-major.

/** Element types. `f32` is the only differentiable one; the CPU definition may compute it in float64. */
export type DType = 'f32' | 'i32' | 'u32' | 'bool';

/** Extents, outermost first. `[]` is a scalar. */
export type Shape = readonly number[];

export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Arrays that enter and leave the engine. `bool` travels as 0/1 in a `Uint8Array`. */
export type HostArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;

/** Whole numbers from 0 on, in as few bytes as the largest of them needs. */
export type Indices = Uint8Array | Uint16Array | Uint32Array;

/** From −1 on, which stands for none. */
export type SignedIndices = Int8Array | Int16Array | Int32Array;

/** How float tensors are computed and stored on the CPU. */
export type Precision = 'f32' | 'f64';

/** A zero-filled host array of `length` elements for `dtype`. */
export function allocate(dtype: DType, length: number, precision: Precision = 'f32'): HostArray {
  switch (dtype) {
    case 'f32':
      return precision === 'f64' ? new Float64Array(length) : new Float32Array(length);
    case 'i32':
      return new Int32Array(length);
    case 'u32':
      return new Uint32Array(length);
    case 'bool':
      return new Uint8Array(length);
  }
}

export function formatType(type: TensorType): string {
  return `${type.dtype}[${type.shape.join(',')}]`;
}
