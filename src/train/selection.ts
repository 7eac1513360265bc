// Which epoch's model is kept: a stated rule that looks at utility and gap together, on validation data.

export interface Scored {
  /** Mean utility over tasks (of `fit`: decayed over epochs), higher is better; `undefined` where nothing could be measured. */
  readonly utility: number | undefined;
  /** Mean gap to the best-served groups, lower is better. */
  readonly gap: number | undefined;
}

export interface SelectionRule {
  /** First epoch (from 1) that may be kept: with a constraint, the first after the warm-up. */
  readonly from: number;
  /** Share of the best epoch's utility that may be given up for a smaller gap; 0 keeps the best utility. */
  readonly price: number;
}

/**
 * Among the epochs whose utility is within `price` of the best one's (relative to it), the one of the smallest gap,
 * the earliest of equals. The best is sought over all epochs, the choice among those from `from` on; the last epoch
 * where nothing can be measured.
 * @returns an index into `epochs`
 */
export function selectEpoch(epochs: readonly Scored[], { from, price }: SelectionRule): number {
  const best = Math.max(...epochs.map(({ utility }) => utility ?? Number.NEGATIVE_INFINITY));
  const floor = best - price * Math.abs(best);
  let chosen = -1;
  epochs.forEach(({ utility, gap }, at) => {
    if (at + 1 < from || utility === undefined || utility < floor) return;
    const rival = epochs[chosen];
    const smaller =
      rival === undefined || (price > 0 ? (gap ?? 0) < (rival.gap ?? 0) : utility > rival.utility!);
    if (smaller) chosen = at;
  });
  if (chosen >= 0) return chosen;
  return fallback(epochs, from);
}

/** No late epoch is near the best: the late one that comes nearest. */
function fallback(epochs: readonly Scored[], from: number): number {
  let chosen = epochs.length - 1;
  let highest = Number.NEGATIVE_INFINITY;
  epochs.forEach(({ utility }, at) => {
    if (at + 1 < from || utility === undefined || utility <= highest) return;
    highest = utility;
    chosen = at;
  });
  return chosen;
}
