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
 * Among the epochs whose utility is within `price` of the best one's (relative to it), the one of the smallest gap; of
 * equal ones the one of the highest utility, then the earliest. Without a price, or a gap that could be measured, the one
 * of the highest utility, then of the smallest gap. The best is sought over all epochs, the choice among those from `from`
 * on; the last epoch where nothing can be measured.
 * @returns an index into `epochs`
 */
export function selectEpoch(epochs: readonly Scored[], { from, price }: SelectionRule): number {
  const best = Math.max(...epochs.map(({ utility }) => utility ?? Number.NEGATIVE_INFINITY));
  const floor = best - price * Math.abs(best);
  const late = [...epochs.keys()].filter((at) => at + 1 >= from && epochs[at]!.utility !== undefined);
  const near = late.filter((at) => epochs[at]!.utility! >= floor);
  const looksAtGap = price > 0 && near.some((at) => epochs[at]!.gap !== undefined);
  // No late epoch is near the best: the late one that comes nearest.
  const better = near.length > 0 && looksAtGap ? fairer : abler;
  const [first, ...rest] = near.length > 0 ? near : late;
  if (first === undefined) return epochs.length - 1;
  return rest.reduce((chosen, at) => (better(epochs[at]!, epochs[chosen]!) ? at : chosen), first);
}

/** No less utility and no wider gap, and one of the two better: then the rule never chooses the other. */
export function dominates(one: Scored, other: Scored): boolean {
  const [ahead, behind] = [utilityOf(one), utilityOf(other)];
  const [tight, wide] = [gapOf(one), gapOf(other)];
  return ahead >= behind && tight <= wide && (ahead > behind || tight < wide);
}

const utilityOf = ({ utility }: Scored): number => utility ?? Number.NEGATIVE_INFINITY;

const gapOf = ({ gap }: Scored): number => gap ?? Number.POSITIVE_INFINITY;

const fairer = (one: Scored, other: Scored): boolean =>
  gapOf(one) < gapOf(other) || (gapOf(one) === gapOf(other) && one.utility! > other.utility!);

const abler = (one: Scored, other: Scored): boolean =>
  one.utility! > other.utility! || (one.utility === other.utility && gapOf(one) < gapOf(other));
