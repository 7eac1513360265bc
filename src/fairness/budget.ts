// The utility budget (METHOD §3, our reading): fairness is raised as far as a stated price in utility allows. When a
// task has paid more than its budget, its signal turns negative and its multiplier falls, whatever its gap.
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
 * `g · (b − (L / L_best − 1))`: positive while the price paid is within the budget `b`, and never below `−g · b`: what
 * pulls a multiplier down is no stronger than what lets it rise, or one dear epoch would silence a task for the rest
 * of the run (seen on ACS: a price of 10 % once, multipliers at e^−12 for the next ten epochs).
 */
export function budgetSlack({ smoothed, best }: LossTracker, budget: Operand, gain: Operand): Value {
  const paid = smoothed.div(best.maximum(1e-12)).sub(1);
  return paid.minimum(paid.graph.literal(2).mul(budget)).neg().add(budget).mul(gain);
}
