import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { certificate, minNormPoint, minNormPointOfTwo } from '../../src/mtl/minnorm/min-norm-point.ts';
import { nearestToOrigin, ROUNDING } from '../../src/mtl/minnorm/nearest-to-origin.ts';
import { Random } from '../../src/tensor/random.ts';
import { combine, dot, gramOf, independentRows, randomRows, roundingOf, totalLength } from './random-gram.ts';

const seed = fc.nat(2 ** 31);
const quadratic = (gram: Float64Array, alpha: ArrayLike<number>) => {
  const n = alpha.length;
  let sum = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) sum += alpha[i]! * gram[i * n + j]! * alpha[j]!;
  return sum;
};

describe('the min-norm point', () => {
  it('lies in the simplex and carries a certificate of at least 0.999, over every family, T up to 64', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 64 }), (s, tasks) => {
        const rows = randomRows(new Random(s), tasks);
        const gram = gramOf(rows);
        const alpha = minNormPoint(gram);
        expect(Math.min(...alpha)).toBeGreaterThanOrEqual(0);
        expect(Math.abs(alpha.reduce((a, b) => a + b) - 1)).toBeLessThan(1e-12);
        const isStationary = quadratic(gram, alpha) <= 1e-12 * totalLength(rows, alpha) ** 2;
        expect(certificate(gram, alpha, isStationary ? ROUNDING : 0)).toBeGreaterThanOrEqual(0.999);
      }),
      { numRuns: 400 },
    );
  });

  it('descends every task to first order, unless the tasks are stationary', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 24 }), (s, tasks) => {
        const rows = randomRows(new Random(s), tasks);
        const alpha = minNormPoint(gramOf(rows));
        const direction = combine(rows, alpha);
        const square = dot(direction, direction);
        for (const row of rows) {
          expect(dot(row, direction)).toBeGreaterThanOrEqual(0.999 * square - roundingOf(rows, alpha, row));
        }
      }),
    );
  });

  it.each([2, 3])('is no longer than any point of a fine grid of the simplex, T = %i', (tasks) => {
    fc.assert(
      fc.property(seed, (s) => {
        const gram = gramOf(randomRows(new Random(s), tasks));
        const least = quadratic(gram, minNormPoint(gram));
        const steps = tasks === 2 ? 1000 : 60;
        for (let i = 0; i <= steps; i++) {
          for (let j = 0; j <= (tasks === 2 ? 0 : steps - i); j++) {
            const alpha = tasks === 2 ? [i, steps - i] : [i, j, steps - i - j];
            const square = quadratic(
              gram,
              alpha.map((part) => part / steps),
            );
            expect(least).toBeLessThanOrEqual(square * (1 + 1e-9) + 1e-12 * gram[0]!);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('has for two tasks the closed form, which the active set reaches too', () => {
    fc.assert(
      fc.property(seed, (s) => {
        const gram = gramOf(randomRows(new Random(s), 2));
        const closed = quadratic(gram, minNormPointOfTwo(gram));
        expect(quadratic(gram, nearestToOrigin(gram, 2))).toBeCloseTo(closed, 9);
      }),
    );
  });

  it('permutes with the tasks', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 2, max: 20 }), (s, tasks) => {
        const random = new Random(s);
        const rows = independentRows(random, tasks);
        const order = random.permutation(tasks);
        const alpha = minNormPoint(gramOf(rows));
        const permuted = minNormPoint(gramOf(Array.from(order, (t) => rows[t]!)));
        permuted.forEach((weight, i) => {
          expect(Math.abs(weight - alpha[order[i]!]!)).toBeLessThan(1e-6);
        });
      }),
    );
  });

  it('does not change with a common factor from 1e-30 to 1e30', () => {
    const gram = gramOf(randomRows(new Random(4), 12));
    const alpha = minNormPoint(gram);
    for (const factor of [2 ** -100, 2 ** 100]) {
      expect(minNormPoint(gram.map((entry) => entry * factor))).toEqual(alpha);
    }
  });

  it('vanishes where gradients of any lengths cancel, and the certificate says so', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 3, max: 30 }), (s, tasks) => {
        const random = new Random(s);
        const rows: Float64Array[] = Array.from({ length: tasks - 1 }, () =>
          Float64Array.from({ length: 40 }, () => random.normal() * 10 ** (2 * random.uniform() - 1)),
        );
        const weights = rows.map(() => -random.uniform());
        rows.push(combine(rows, weights));
        const gram = gramOf(rows);
        const alpha = minNormPoint(gram);
        const direction = combine(rows, alpha);
        expect(Math.sqrt(dot(direction, direction))).toBeLessThan(1e-6 * totalLength(rows, alpha));
        expect(certificate(gram, alpha)).toBeGreaterThanOrEqual(0.999);
      }),
    );
  });

  it('gives the whole weight to tasks of zero gradient', () => {
    const rows = [Float64Array.of(1, 2), Float64Array.of(0, 0), Float64Array.of(3, 1), Float64Array.of(0, 0)];
    expect([...minNormPoint(gramOf(rows))]).toEqual([0, 0.5, 0, 0.5]);
  });

  it('says what is wrong with a matrix', () => {
    expect(() => minNormPoint(new Float64Array(5))).toThrow(/square Gram matrix.*5 entries/);
    expect(() => minNormPoint(Float64Array.of(1, 0, Number.NaN, 1))).toThrow(/NaN in row 1, column 0/);
  });
});

describe('the certificate', () => {
  it('refuses weights that are not the min-norm point', () => {
    const gram = gramOf([Float64Array.of(10, 0), Float64Array.of(-1, 1)]);
    expect(certificate(gram, minNormPoint(gram))).toBeGreaterThan(0.999);
    expect(certificate(gram, [0.5, 0.5])).toBeLessThan(0);
    expect(certificate(gram, [0, 1])).toBeLessThan(0);
  });

  it('bounds the excess of αᵀMα over its minimum', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 2, max: 10 }), (s, tasks) => {
        const random = new Random(s);
        const rows = Array.from({ length: tasks }, () =>
          Float64Array.from({ length: tasks + 5 }, (_, k) => random.normal() + (k === 0 ? 2 : 0)),
        );
        const gram = gramOf(rows);
        const best = minNormPoint(gram);
        const alpha = best.map((weight) => weight + 0.05 * random.uniform());
        const total = alpha.reduce((a, b) => a + b);
        const near = alpha.map((weight) => weight / total);
        const excess = quadratic(gram, near) / quadratic(gram, best) - 1;
        expect(excess).toBeGreaterThan(-1e-9);
        expect(certificate(gram, near, 0)).toBeLessThanOrEqual(1 + 1e-9);
        expect(quadratic(gram, best)).toBeGreaterThanOrEqual(
          quadratic(gram, near) * (2 * certificate(gram, near, 0) - 1) - 1e-9,
        );
      }),
    );
  });
});
