// Fairness notions: which statistic says how well a group is served (METHOD §2.1, our reading). Higher is better for
// every task and notion; that is what makes tasks of different kinds comparable.
import type { Task, TaskKind } from '../mtl/index.ts';
import { GraphError, misuse } from '../tensor/errors.ts';

export type Notion =
  | 'equal-opportunity'
  | 'equalized-odds'
  | 'demographic-parity'
  | 'accuracy-parity'
  | 'error-parity'
  | 'ccc-parity'
  | 'loss-parity';

/** The notions that each kind of task knows. */
export const notionsOf = {
  detection: ['equal-opportunity', 'equalized-odds', 'demographic-parity', 'accuracy-parity', 'loss-parity'],
  classification: ['equal-opportunity', 'demographic-parity', 'accuracy-parity', 'loss-parity'],
  regression: ['error-parity', 'ccc-parity', 'loss-parity'],
} as const satisfies Record<TaskKind, readonly Notion[]>;

/** What fairness means for one task. */
export interface FairnessSpec {
  readonly notion: Notion;
  /** ε ≥ 0: how far a group may stay behind the reference, in units of the statistic. */
  readonly tolerance: number;
  /**
   * Detection: which answer is the favourable one (`positive` by default); the statistic then speaks of that one.
   * Classification under demographic parity: the favourable classes.
   */
  readonly favourable?: 'positive' | 'negative' | readonly number[];
  /** For `loss-parity`: the loss of predicting the training prior, by which losses are divided. One an output. */
  readonly priorLoss?: readonly number[];
}

/** A sensitive attribute, or an intersection of several: everyone is in one of its cells or (unknown) in none. */
export interface Partition {
  readonly name: string;
  /** Names of the cells, at least two. */
  readonly cells: readonly string[];
}

/** @throws GraphError for a notion that the task does not know, a tolerance below 0, a missing prior or class. */
export function checkFairness(task: Task, spec: FairnessSpec): void {
  const call = `fairness of task '${task.name}'`;
  const known: readonly Notion[] = notionsOf[task.kind];
  if (!known.includes(spec.notion)) {
    throw new GraphError(misuse(call, `a notion for ${task.kind}: ${known.join(', ')}`, `'${spec.notion}'`));
  }
  if (!(spec.tolerance >= 0)) throw new GraphError(misuse(call, 'a tolerance ≥ 0', `${spec.tolerance}`));
  if (spec.notion === 'loss-parity' && !spec.priorLoss?.every((loss) => loss > 0)) {
    throw new GraphError(misuse(call, 'a prior loss > 0 for each output', `${spec.priorLoss ?? 'none'}`));
  }
  if (task.kind === 'classification' && spec.notion === 'demographic-parity') {
    const classes = Array.isArray(spec.favourable) ? spec.favourable : [];
    if (
      classes.length === 0 ||
      !classes.every(
        (k: unknown) => Number.isInteger(k) && (k as number) >= 0 && (k as number) < task.classes,
      )
    ) {
      throw new GraphError(
        misuse(call, `favourable classes in 0 … ${task.classes - 1}`, `${spec.favourable ?? 'none'}`),
      );
    }
  }
}
