// The learning rate over a run: utility first, then, for a constrained method, a second descent under the constraint.

/** Where the first descent ends and the second begins, as shares of the full rate. */
const restart = { from: 0.1, to: 0.5 };
const last = 0.01;

/**
 * Up linearly over the first twentieth, down half a cosine. With a warm-up of `warmup` steps (0 < warmup < steps) the
 * first descent ends with it, at a tenth of the rate, so that the anchors stand where utility alone converges to; a
 * second one, from half the rate, belongs to the constraint. Methods without a constraint descend alike, so that
 * comparisons are of like with like.
 */
export function rateFactor(step: number, steps: number, warmup: number): number {
  const twice = warmup > 0 && warmup < steps;
  const first = twice ? warmup : steps;
  const rise = Math.max(1, Math.round(first / 20));
  if (step < rise) return (step + 1) / rise;
  if (step < first)
    return halfCosine((step - rise) / Math.max(1, first - rise), 1, twice ? restart.from : last);
  return halfCosine((step - first) / (steps - first), restart.to, last);
}

function halfCosine(progress: number, from: number, to: number): number {
  return to + (from - to) * 0.5 * (1 + Math.cos(Math.PI * progress));
}
