// The learning rate over a run: utility first, then, for a constrained method, a second descent under the constraint.
import type { Value } from '../graph/value.ts';

/** Where the first descent ends and the second begins, as shares of the full rate. */
const restart = { from: 0.1, to: 0.5 };
const last = 0.01;

/**
 * The factor after `done` steps (f32 `[]`). Up linearly over the first twentieth, down half a cosine. With a
 * warm-up of `warmup` steps (0 < warmup < steps) the first descent ends with it, at a tenth of the rate, so that the
 * anchors stand where utility alone converges to; a second one, from half the rate, belongs to the constraint. Methods
 * without a constraint descend alike, so that comparisons are of like with like.
 */
export function rateFactor(done: Value, steps: number, warmup: number): Value {
  const twice = warmup > 0 && warmup < steps;
  const first = twice ? warmup : steps;
  const rise = Math.max(1, Math.round(first / 20));
  const up = done.add(1).div(rise);
  const down = halfCosine(done.sub(rise).div(Math.max(1, first - rise)), 1, twice ? restart.from : last);
  const again = twice ? halfCosine(done.sub(first).div(steps - first), restart.to, last) : down;
  return done.lt(rise).select(up, done.lt(first).select(down, again));
}

/** Stays at `to` after its end. */
function halfCosine(progress: Value, from: number, to: number): Value {
  const height = progress.minimum(1).mul(Math.PI).cos().add(1).mul(0.5);
  return height.mul(from - to).add(to);
}
