// Gradients by decree.
import type { Value } from '../graph/value.ts';

/** `value`, but for autodiff a constant. */
export function stopGradient(value: Value): Value {
  return value.stopGradient();
}

/**
 * `forward`, with a gradient of your own: what arrives at the result goes to `inputs` by `backward`, and nothing goes
 * through the computation of `forward` itself.
 *
 * @param backward from the gradient `g` (shaped like `forward`) to one gradient for each of `inputs`, of its shape, or
 *   `null`. Built from values of the same graph; differentiable if second derivatives are wanted.
 */
export function customVjp(
  forward: Value,
  inputs: readonly Value[],
  backward: (g: Value) => readonly (Value | null)[],
): Value {
  return forward.graph.apply('customVjp', [forward, ...inputs], { backward });
}
