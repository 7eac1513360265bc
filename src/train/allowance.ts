// What the utility budget allows a step (METHOD §3, our reading). People are shown utility on hard decisions, which only
// an epoch's validation measures; a step sees losses. So the step's allowance of loss is steered from epoch to epoch
// until what it costs in validation utility is the budget.
import { decayed } from './decay.ts';

/** How far one epoch may move the allowance, as a factor, and how far all may. */
const largestMove = 1.5;
const bounds = { least: 1 / 8, most: 32 };

export interface UtilityBudget {
  /** b: the share of mean validation utility that the constraint may cost, against the best so far. */
  readonly budget: number;
  readonly warmupEpochs: number;
}

/**
 * The share by which a task's training loss may rise above its lowest in the next epoch: the budget itself up to the
 * end of the warm-up, then more of it after each epoch that stayed within the budget, and less after one that did not.
 * It follows from the past alone, so a run that is resumed goes on alike.
 *
 * @param utilities mean validation utility of the epochs so far; `undefined` where none was measured, which moves nothing
 */
export function lossAllowance(
  utilities: readonly (number | undefined)[],
  { budget, warmupEpochs }: UtilityBudget,
): number {
  let best = Number.NEGATIVE_INFINITY;
  let factor = 1;
  decayed(utilities).forEach((utility, at) => {
    if (utility === undefined) return;
    best = Math.max(best, utility);
    if (at < warmupEpochs) return;
    const paid = (best - utility) / Math.max(Math.abs(best), 1e-6);
    const left = Math.min(1, Math.max(-1, 1 - paid / Math.max(budget, 1e-6)));
    factor = Math.min(bounds.most, Math.max(bounds.least, factor * largestMove ** left));
  });
  return budget * factor;
}
