// One evaluation against another: what fairness or sharing cost, and whom.
import type { CellEvaluation, Evaluation, LevelEvaluation, TaskEvaluation } from './evaluation.ts';
import { isMeasured, type Measured, meanMeasured } from './measured.ts';
import type { TaskMetrics } from './utility.ts';

/** A best-served cell of the unconstrained model, and what it lost. Below 0, it gained. */
export interface Loss {
  readonly task: string;
  readonly partition: string;
  readonly cell: string;
  readonly condition: string;
  readonly loss: number;
}

export interface LevellingDown {
  /** The largest loss of served-ness, under the condition that the cell is best served under. */
  readonly served: Loss | 'insufficient';
  /** The largest loss of utility. */
  readonly utility: Loss | 'insufficient';
}

/**
 * Whether groups were made equal by harming someone: the largest loss of any group that the unconstrained model serves
 * best, for each task, partition and condition.
 */
export function levellingDown(evaluation: Evaluation, unconstrained: Evaluation): LevellingDown {
  const best = evaluation.tasks.flatMap((task) => {
    const before = unconstrained.tasks.find((other) => other.task === task.task);
    return before ? bestServed(before).map((place) => ({ place, now: cellAt(task, place) })) : [];
  });
  const losses = (of: (place: BestServed, now: CellEvaluation) => Measured): Loss[] =>
    best.flatMap(({ place, now }) => {
      const loss = now ? of(place, now) : 'insufficient';
      const { task, partition, condition } = place;
      return isMeasured(loss) ? [{ task, partition, cell: place.cell.cell, condition, loss }] : [];
    });
  return {
    served: largest(
      losses(({ cell, condition }, now) => difference(levelAt(cell, condition), levelAt(now, condition))),
    ),
    utility: largest(losses(({ cell }, now) => difference(cell.utility.value, now.utility.value))),
  };
}

interface BestServed {
  readonly task: string;
  readonly partition: string;
  readonly condition: string;
  readonly cell: CellEvaluation;
}

function bestServed({ task, partitions }: TaskEvaluation): BestServed[] {
  return partitions.flatMap(({ partition, cells }) =>
    (cells[0]?.levels ?? []).flatMap(({ condition }) => {
      const cell = cells.find(({ levels }) => levelOf(levels, condition)?.gap.value === 0);
      return cell ? [{ task, partition, condition, cell }] : [];
    }),
  );
}

function cellAt({ partitions }: TaskEvaluation, { partition, cell }: BestServed): CellEvaluation | undefined {
  const group = partitions.find((other) => other.partition === partition);
  return group?.cells.find((other) => other.cell === cell.cell);
}

function levelOf(levels: readonly LevelEvaluation[], condition: string): LevelEvaluation | undefined {
  return levels.find((level) => level.condition === condition);
}

function levelAt({ levels }: CellEvaluation, condition: string): Measured {
  return levelOf(levels, condition)?.level.value ?? 'insufficient';
}

function difference(before: Measured, now: Measured): Measured {
  return isMeasured(before) && isMeasured(now) ? before - now : 'insufficient';
}

function largest(losses: readonly Loss[]): Loss | 'insufficient' {
  const [first, ...others] = losses;
  return first
    ? others.reduce((worst, other) => (other.loss > worst.loss ? other : worst), first)
    : 'insufficient';
}

/**
 * Δm, the mean relative change of the tasks' metrics against single-task models, in per cent and signed so that higher
 * is better whatever the metric (Maninis et al. 2019; Vandenhende et al. 2021): balanced accuracy for detection and
 * classification, MAE for regression. Tasks that either evaluation cannot judge are left out.
 */
export function deltaM(evaluation: Evaluation, singleTask: Evaluation): Measured {
  const changes = evaluation.tasks.map(({ task, overall }) => {
    const baseline = singleTask.tasks.find((other) => other.task === task)?.overall.metrics ?? 'insufficient';
    const [now, before] = [headline(overall.metrics), headline(baseline)];
    if (!isMeasured(now) || !isMeasured(before) || before === 0) return 'insufficient';
    const isLowerBetter = overall.metrics !== 'insufficient' && overall.metrics.kind === 'regression';
    return (isLowerBetter ? -100 : 100) * ((now - before) / before);
  });
  return meanMeasured(changes);
}

function headline(metrics: TaskMetrics | 'insufficient'): Measured {
  if (metrics === 'insufficient') return metrics;
  return metrics.kind === 'regression' ? metrics.mae : metrics.balancedAccuracy;
}
