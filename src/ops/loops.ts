// Loops of the CPU definitions over strided, row-major tensors.
import { broadcastStrides, contiguousStrides, numel, sameShape } from '../tensor/shape.ts';
import type { HostArray, Shape, TensorType } from '../tensor/types.ts';

/** A function of up to three numbers; rows with fewer operands ignore the rest. */
export type Scalar = (a: number, b: number, c: number) => number;

/**
 * Visits every index of `shape` in row-major order. `index` counts up; `a`, `b` and `c` are the offsets that the
 * first three `strides` give (0 where there are fewer).
 */
export function forEachElement(
  shape: Shape,
  strides: readonly (readonly number[])[],
  visit: (index: number, a: number, b: number, c: number) => void,
): void {
  const still = shape.map(() => 0);
  const [strideA = still, strideB = still, strideC = still] = strides;
  const counter = shape.map(() => 0);
  const total = numel(shape);
  let a = 0;
  let b = 0;
  let c = 0;
  for (let index = 0; index < total; index++) {
    visit(index, a, b, c);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const extent = shape[axis]!;
      a += strideA[axis]!;
      b += strideB[axis]!;
      c += strideC[axis]!;
      counter[axis]!++;
      if (counter[axis]! < extent) break;
      a -= strideA[axis]! * extent;
      b -= strideB[axis]! * extent;
      c -= strideC[axis]! * extent;
      counter[axis] = 0;
    }
  }
}

/** `output[i] = scalar(inputs[0][i], …)` with NumPy broadcasting to the node's shape. */
export function mapElements(
  node: TensorType & { readonly inputs: readonly TensorType[] },
  inputs: readonly HostArray[],
  output: HostArray,
  scalar: Scalar,
): void {
  const [first = zero, second = zero, third = zero] = inputs;
  const aligned = node.inputs.every(({ shape }) => numel(shape) === 1 || sameShape(shape, node.shape));
  if (!aligned) {
    const strides = node.inputs.map(({ shape }) =>
      broadcastStrides(shape, contiguousStrides(shape), node.shape),
    );
    forEachElement(node.shape, strides, (index, a, b, c) => {
      output[index] = scalar(first[a]!, second[b]!, third[c]!);
    });
    return;
  }
  const stepA = first.length === 1 ? 0 : 1;
  const stepB = second.length === 1 ? 0 : 1;
  if (inputs.length <= 2) {
    for (let i = 0; i < output.length; i++) output[i] = scalar(first[i * stepA]!, second[i * stepB]!, 0);
    return;
  }
  const stepC = third.length === 1 ? 0 : 1;
  for (let i = 0; i < output.length; i++) {
    output[i] = scalar(first[i * stepA]!, second[i * stepB]!, third[i * stepC]!);
  }
}

/** Stands in for operands that a row does not have. */
const zero: HostArray = new Float64Array(1);
