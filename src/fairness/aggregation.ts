// Worst-case aggregation of violations (METHOD §2.3, our reading):
//   V_τ(v) = τ · log(1 + Σ_j (exp(v_j/τ) − 1)),  max v ≤ V ≤ Σ v,  V = 0 iff every v = 0.
// It is associative (cells → task → all equals flat) and padding-invariant (zeros change nothing).
import { customVjp } from '../autodiff/index.ts';
import type { Operand, Value } from '../graph/value.ts';

/** Above this v/τ the maximum is taken out; below, `expm1` and `log1p` are exact down to v/τ = 0. */
const crossover = 30;

/**
 * Over the last axis: `[…, J]` → `[…]`, for `violations` ≥ 0 and τ > 0. The gradient is `exp((v_j − V)/τ)`, in (0, 1],
 * written out, since the chain through the stable series would lose it.
 */
export function aggregate(violations: Value, tau: Operand): Value {
  const ratio = violations.div(tau);
  const largest = ratio.max(-1, true);
  const small = ratio.minimum(crossover).expm1().sum(-1, true).log1p();
  const floor = largest.neg().exp();
  const large = ratio.sub(largest).exp().sub(floor).sum(-1, true).add(floor).log().add(largest);
  const kept = largest.gt(crossover).select(large, small).mul(tau);
  const shape = violations.shape.slice(0, -1);
  return customVjp(kept.reshape(shape), [violations], (g) => {
    const slope = violations.sub(kept).div(tau).minimum(0).exp();
    return [slope.mul(g.reshape(kept.shape))];
  });
}
