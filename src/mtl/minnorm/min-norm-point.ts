/**
 * The min-norm point of task gradients, exactly, in float64 (MGDA: Désidéri 2012; Sener & Koltun 2018), and the
 * certificate by which any solver's answer is judged.
 */
import { nearestToOrigin, ROUNDING } from './nearest-to-origin.ts';

/** The number of rows of a square matrix, with an error where it is not square or not finite. */
export function orderOf(caller: string, gram: Float64Array): number {
  const order = Math.round(Math.sqrt(gram.length));
  if (order * order !== gram.length || order === 0) {
    throw new RangeError(`${caller}: expected a square Gram matrix, row-major; got ${gram.length} entries`);
  }
  const broken = gram.findIndex((entry) => !Number.isFinite(entry));
  if (broken >= 0) {
    const place = `row ${Math.floor(broken / order)}, column ${broken % order}`;
    throw new RangeError(`${caller}: expected finite inner products; got ${gram[broken]} in ${place}`);
  }
  return order;
}

/** A row's length from its squared length, which rounding may have left below zero. */
export function lengthOf(square: number): number {
  return Math.sqrt(Math.max(0, square));
}

/**
 * `argmin αᵀMα` over the simplex: the convex weights under which the gradients' sum is shortest.
 *
 * @param gram M [T, T] row-major, inner products of the tasks' gradients. Rows may differ in scale, repeat
 *   or vanish (tasks of zero gradient share the whole weight)
 * @returns α [T]
 */
export function minNormPoint(gram: Float64Array): Float64Array {
  const tasks = orderOf('minNormPoint', gram);
  return tasks === 2 ? minNormPointOfTwo(gram) : nearestToOrigin(gram, tasks);
}

/** The closed form of `minNormPoint` for two tasks; equal gradients get equal weights. */
export function minNormPointOfTwo(gram: Float64Array): Float64Array {
  const [first, across, , second] = gram as unknown as [number, number, number, number];
  const distance = first + second - 2 * across;
  const weight = distance > 0 ? Math.min(1, Math.max(0, (second - across) / distance)) : 0.5;
  return Float64Array.of(weight, 1 - weight);
}

/**
 * `min_t (Mα)_t / αᵀMα`: at least 1 exactly where α is the min-norm point, and positive where the common
 * direction `Σ α_t ∇L_t` descends every task. It needs no multipliers, so it judges every solver alike.
 *
 * Where `αᵀMα` is zero to rounding, no common descent exists (the tasks are Pareto stationary) and it is 1.
 *
 * @param rounding relative error of M's entries, as a share of the lengths that meet in them: each `(Mα)_t` is
 *   taken at the upper end of what that error allows. `2 ** -20` for a Gram matrix or an α in float32, 0 for none
 */
export function certificate(gram: Float64Array, alpha: ArrayLike<number>, rounding = ROUNDING): number {
  const tasks = orderOf('certificate', gram);
  const products = new Float64Array(tasks);
  let square = 0;
  let length = 0;
  for (let t = 0; t < tasks; t++) {
    for (let s = 0; s < tasks; s++) products[t]! += gram[t * tasks + s]! * alpha[s]!;
    square += alpha[t]! * products[t]!;
    length += alpha[t]! * lengthOf(gram[t * tasks + t]!);
  }
  if (square <= rounding * length * length) return 1;
  const allowed = products.map((product, t) => product + rounding * length * lengthOf(gram[t * tasks + t]!));
  return Math.min(...allowed) / square;
}
