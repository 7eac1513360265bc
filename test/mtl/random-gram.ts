/** Random gradients and their Gram matrices: the families over which a min-norm solver has to hold. */
import type { Random } from '../../src/tensor/random.ts';

export type Rows = readonly Float64Array[];

/** Rows as training meets them at worst: shared parts, unlike scales, dependent, repeated and zero rows. */
export function randomRows(random: Random, tasks: number): Rows {
  const rankDeficient = random.uniform() < 0.25;
  const dimension = rankDeficient ? 1 + random.int(tasks) : tasks + random.int(64);
  const shared = Array.from({ length: dimension }, () => random.normal());
  const agreement = random.uniform() < 0.5 ? 3 * random.uniform() : 0;
  const isScaled = random.uniform() < 0.7;
  const hasCopies = random.uniform() < 0.25;
  const hasZeros = random.uniform() < 0.1;
  const rows: Float64Array[] = [];
  for (let t = 0; t < tasks; t++) {
    const scale = isScaled ? 10 ** (4 * random.uniform() - 2) : 1;
    const row = Float64Array.from(shared, (part) => scale * (random.normal() + agreement * part));
    if (hasCopies && t > 0 && random.uniform() < 0.4) row.set(rows[random.int(t)]!);
    if (hasZeros && random.uniform() < 0.2) row.fill(0);
    rows.push(row);
  }
  return rows;
}

/** Linearly independent rows of unlike scales, for which every minimiser is unique. */
export function independentRows(random: Random, tasks: number): Rows {
  return Array.from({ length: tasks }, () => {
    const scale = 10 ** (4 * random.uniform() - 2);
    return Float64Array.from({ length: tasks + 10 }, () => scale * random.normal());
  });
}

/** A constraint's gradient beside `rows`: between opposed to and in line with their mean, over four decades. */
export function randomConstraint(random: Random, rows: Rows): Float64Array {
  const scale = 10 ** (4 * random.uniform() - 2);
  const opposition = 6 * random.uniform() - 3;
  const mean = combine(
    rows,
    rows.map(() => 1 / rows.length),
  );
  const noise = 1 / Math.sqrt(mean.length);
  return mean.map((part) => scale * (noise * random.normal() + opposition * part));
}

export function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

export function combine(rows: Rows, weights: ArrayLike<number>): Float64Array {
  const sum = new Float64Array(rows[0]!.length);
  rows.forEach((row, t) => {
    row.forEach((value, k) => {
      sum[k]! += weights[t]! * value;
    });
  });
  return sum;
}

/** [T, T] row-major. */
export function gramOf(rows: Rows): Float64Array {
  return Float64Array.from(rows.flatMap((a) => rows.map((b) => dot(a, b))));
}

/** The length that the weighted rows would have if none cancelled another. */
export function totalLength(rows: Rows, weights: ArrayLike<number>): number {
  return rows.reduce((sum, row, t) => sum + weights[t]! * Math.sqrt(dot(row, row)), 0);
}

/**
 * How far ⟨row, Σ w r⟩ may be off by rounding. Where the sum cancels to 1e-6 of its terms the solver calls it
 * zero: its direction is lost, and with it what its square would demand.
 */
export function roundingOf(rows: Rows, weights: ArrayLike<number>, row: Float64Array): number {
  const total = totalLength(rows, weights);
  const direction = combine(rows, weights);
  const square = dot(direction, direction);
  const reach = total * Math.sqrt(dot(row, row));
  return square <= 1e-12 * total ** 2 ? 1e-6 * reach + square : 1e-10 * reach;
}
