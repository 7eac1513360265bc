// The utility budget (METHOD §3, our reading): fairness is raised as far as a stated price in utility allows. When a
// task has paid more than it is allowed, its signal turns negative and its multiplier falls, whatever its gap.
import type { Graph } from '../graph/graph.ts';
import type { Update } from '../graph/node.ts';
import type { Operand, Value } from '../graph/value.ts';

export interface LossTracker {
  /** Decayed losses after this step, `[T]`. */
  readonly smoothed: Value;
  /** The lowest of them so far. */
  readonly best: Value;
  readonly updates: Update<Value>[];
}

/** Follows the losses of tasks that have labels; `rate` in (0, 1] is the weight of the newest. */
export function trackLosses(graph: Graph, losses: Value, present: Value, rate: Operand): LossTracker {
  const current = losses.stopGradient();
  const mean = graph.state('budget/loss', losses.shape);
  const best = graph.state('budget/best', losses.shape);
  const started = mean.gt(0);
  const next = started.select(mean.add(current.sub(mean).mul(rate)), current);
  const smoothed = present.select(next, mean);
  const lowest = started.select(best.minimum(smoothed), smoothed);
  return {
    smoothed,
    best: lowest,
    updates: [
      { target: mean, value: smoothed },
      { target: best, value: lowest },
    ],
  };
}

/**
 * `g · (1 − (L / L_best − 1) / a)`: g while nothing was paid, 0 where the allowance `a` is spent, and never below −g: what
 * pulls a multiplier down is no stronger than what lets it rise, or one dear epoch would silence a task for the rest of
 * the run (seen on ACS: a price of 10 % once, multipliers at e^−12 for the next ten epochs). Nor is it weaker, however
 * small the allowance: a pull in proportion to it let multipliers stand for the whole run (ACS, an allowance of 0.2 %).
 */
export function budgetSlack({ smoothed, best }: LossTracker, allowance: Value, gain: Operand): Value {
  const paid = smoothed.div(best.maximum(1e-12)).sub(1);
  return paid.div(allowance.maximum(1e-6)).minimum(2).neg().add(1).mul(gain);
}
