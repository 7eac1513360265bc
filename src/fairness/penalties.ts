// Comparators built from the same group statistics: what FairMT is set against.
import type { Value } from '../graph/value.ts';
import type { Levels } from './shortfall.ts';

/**
 * `symmetric`: mean absolute difference of each cell to the mean of its partition's cells, all with their gradients:
 * it closes gaps by lifting and by pulling down alike. `worst-group`: the served-ness of the worst cell, negated; with
 * the notion `loss-parity` this is bounded group loss (Agarwal et al. 2019) and group DRO's objective.
 */
export type PenaltyKind = 'symmetric' | 'worst-group';

/** One penalty a column, `[K]`, ≥ 0 for `symmetric`; partitions without two eligible cells add nothing. */
export function penalty(kind: PenaltyKind, { served, eligible }: Levels): Value {
  const cells = eligible.cast('f32').sum(-1, true);
  const compared = cells.ge(2);
  if (kind === 'worst-group') {
    const worst = eligible.select(served, 1e30).min(-1, true);
    return compared.select(worst.neg(), 0).sum([1, 2]);
  }
  const mean = eligible.select(served, 0).sum(-1, true).div(cells.maximum(1));
  const spread = eligible.select(served.sub(mean).abs(), 0).sum(-1, true).div(cells.maximum(1));
  return compared.select(spread, 0).mean([1, 2]);
}
