// fast-check arbitraries of shapes and tensors: small, odd sizes, broadcasting.
import fc from 'fast-check';
import type { GradcheckInput } from '../../src/backend/cpu/gradcheck.ts';
import { numel } from '../../src/tensor/shape.ts';
import type { Shape } from '../../src/tensor/types.ts';

export const extent = fc.constantFrom(1, 2, 3, 5);

export function shapeOfRank(minLength: number, maxLength: number): fc.Arbitrary<Shape> {
  return fc.array(extent, { minLength, maxLength });
}

export const anyShape = shapeOfRank(0, 3);

/** `count` shapes that broadcast with each other: axes of a common one made 1, leading axes dropped. */
export function broadcastable(count: number): fc.Arbitrary<readonly Shape[]> {
  const one = (shape: Shape): fc.Arbitrary<Shape> =>
    fc
      .tuple(
        fc.nat(shape.length),
        fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
      )
      .map(([dropped, stretched]) => shape.map((size, axis) => (stretched[axis] ? 1 : size)).slice(dropped));
  return anyShape.chain((shape) => fc.tuple(...Array.from({ length: count }, () => one(shape))));
}

function filled(shape: Shape, element: fc.Arbitrary<number>): fc.Arbitrary<GradcheckInput> {
  const length = numel(shape);
  return fc.array(element, { minLength: length, maxLength: length }).map((data) => ({ shape, data }));
}

/** Elements in [low, high]. */
export function tensor(shape: Shape, low = -2, high = 2): fc.Arbitrary<GradcheckInput> {
  return filled(shape, fc.double({ min: low, max: high, noNaN: true }));
}

/** Elements of either sign with magnitude in [0.2, 2]: off the kink at 0. */
export function nonzero(shape: Shape): fc.Arbitrary<GradcheckInput> {
  const magnitude = fc.double({ min: 0.2, max: 2, noNaN: true });
  return filled(
    shape,
    fc.tuple(magnitude, fc.boolean()).map(([x, negative]) => (negative ? -x : x)),
  );
}

/** Elements `k/8 + offset`: two tensors of different offsets never tie. */
export function onGrid(shape: Shape, offset: number): fc.Arbitrary<GradcheckInput> {
  return filled(
    shape,
    fc.integer({ min: -16, max: 16 }).map((k) => k / 8 + offset),
  );
}

/** All elements different by at least 1/32. */
export function distinct(shape: Shape): fc.Arbitrary<GradcheckInput> {
  const length = numel(shape);
  return fc
    .uniqueArray(fc.integer({ min: -100, max: 100 }), { minLength: length, maxLength: length })
    .map((ks) => ({ shape, data: ks.map((k) => k / 32) }));
}

/** Some axes of `shape`, at least one where there is one. */
export function someAxes(shape: Shape): fc.Arbitrary<readonly number[]> {
  const axes = shape.map((_, axis) => axis);
  return fc.subarray(axes, { minLength: Math.min(1, axes.length) });
}

/** Row indices below `rows`, with repeats. */
export function indices(length: number, rows: number): fc.Arbitrary<readonly number[]> {
  return fc.array(fc.nat(rows - 1), { minLength: length, maxLength: length });
}
