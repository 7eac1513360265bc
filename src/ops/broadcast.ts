// Undoes broadcasting in gradients: what was stretched forward is summed backward.
import type { Value } from '../graph/value.ts';
import { reducedShape } from '../tensor/shape.ts';
import type { Shape } from '../tensor/types.ts';

/** Sums `value` over the axes along which a tensor of `shape` was stretched to `value.shape`. */
export function unbroadcast(value: Value, shape: Shape): Value {
  const lead = value.rank - shape.length;
  const stretched = value.shape.flatMap((extent, axis) =>
    axis < lead || (shape[axis - lead] === 1 && extent !== 1) ? [axis] : [],
  );
  return value.sum(stretched, true).reshape(shape);
}

/** A reduction's result (or its gradient) with the reduced axes of `shape` back in place as extents of 1. */
export function restoreAxes(value: Value, shape: Shape, axes: readonly number[]): Value {
  return value.reshape(reducedShape(shape, axes, true));
}
