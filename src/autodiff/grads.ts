// Gradients of scalar losses, and products with their Hessian.
import type { Value } from '../graph/value.ts';
import { GraphError, misuse } from '../tensor/errors.ts';
import { formatType } from '../tensor/types.ts';
import { vjp } from './vjp.ts';

/**
 * The gradients of several losses over one shared forward graph: `grads(losses, wrt)[i][j]` is that of `losses[i]`
 * with respect to `wrt[j]`, of the shape of `wrt[j]`; zeros where the loss does not depend on it.
 *
 * @throws GraphError for a loss of more than one element
 */
export function grads(losses: readonly Value[], wrt: readonly Value[]): Value[][] {
  return losses.map((loss) => {
    if (loss.size !== 1) {
      const { name, site } = loss.node;
      throw new GraphError(misuse('grads', `one element for loss '${name}'`, formatType(loss), site));
    }
    return vjp([loss], [loss.graph.literal(1).expand(loss.shape)], wrt);
  });
}

/**
 * The Hessian of `loss` with respect to `wrt`, times `vectors` (one of the shape of each of `wrt`, held constant), as
 * the gradient of ⟨gradient, vectors⟩ (Pearlmutter 1994): the price of about two gradients, and no Hessian in memory.
 *
 * @throws GraphError for a count or a shape that does not fit
 */
export function hvp(loss: Value, wrt: readonly Value[], vectors: readonly Value[]): Value[] {
  if (vectors.length !== wrt.length) {
    throw new GraphError(misuse('hvp', `${wrt.length} vectors`, `${vectors.length}`));
  }
  const [gradients] = grads([loss], wrt);
  return vjp(
    gradients!,
    vectors.map((vector) => vector.stopGradient()),
    wrt,
  );
}
