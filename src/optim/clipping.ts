// Gradient clipping by global norm (Pascanu et al. 2013).
import type { Operand, Value } from '../graph/value.ts';

/** The Euclidean norm of all `gradients` together, shape `[]`. */
export function globalNorm(gradients: readonly Value[]): Value {
  return gradients
    .map((gradient) => gradient.square().sum())
    .reduce((total, part) => total.add(part))
    .sqrt();
}

/** Scales all gradients by the same factor so that their global norm is at most `limit`. */
export function clipByGlobalNorm(gradients: readonly Value[], limit: Operand): Value[] {
  const norm = globalNorm(gradients);
  const factor = norm.reciprocal().mul(limit).minimum(1);
  // A zero norm has an infinite reciprocal, which the minimum takes to 1.
  return gradients.map((gradient) => gradient.mul(factor));
}
