// Shape arithmetic: sizes, strides, axes and NumPy broadcasting.
import type { Shape } from './types.ts';

export function numel(shape: Shape): number {
  let product = 1;
  for (const extent of shape) product *= extent;
  return product;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/** Row-major strides in elements. */
export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** The broadcast of all `shapes` by NumPy's rule, or `null` where they do not fit. */
export function broadcastShapes(shapes: readonly Shape[]): number[] | null {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (let axis = 0; axis < shape.length; axis++) {
      const at = rank - shape.length + axis;
      const extent = shape[axis]!;
      if (extent === 1 || extent === result[at]) continue;
      if (result[at] !== 1) return null;
      result[at] = extent;
    }
  }
  return result;
}

/**
 * Strides that read a tensor of `shape` (with its own `strides`) as if it had been broadcast to `target`:
 * zero along every stretched axis.
 */
export function broadcastStrides(shape: Shape, strides: readonly number[], target: Shape): number[] {
  const lead = target.length - shape.length;
  return target.map((_, axis) => (axis < lead || shape[axis - lead] === 1 ? 0 : strides[axis - lead]!));
}

/** Non-negative, sorted, unique axes; negative ones count from the end. `null` where one is out of range. */
export function normalizeAxes(axes: readonly number[], rank: number): number[] | null {
  const result = new Set<number>();
  for (const axis of axes) {
    const positive = axis < 0 ? axis + rank : axis;
    if (!Number.isInteger(positive) || positive < 0 || positive >= rank || result.has(positive)) return null;
    result.add(positive);
  }
  return [...result].sort((a, b) => a - b);
}

/** The shape after reducing sorted `axes`. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  if (keepDims) return shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  return shape.filter((_, axis) => !axes.includes(axis));
}
