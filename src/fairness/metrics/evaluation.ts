// What an evaluation says: plain data, ready for JSON.
import type { Notion } from '../notions.ts';
import type { Interval } from './bootstrap.ts';
import type { Insufficient, Measured } from './measured.ts';
import type { TaskMetrics } from './utility.ts';

export interface Estimate {
  readonly value: Measured;
  /** Bootstrap percentiles; absent where none was asked for or too few draws gave a value. */
  readonly interval?: Interval;
}

/** How one cell is served under one condition of its task's notion. */
export interface LevelEvaluation {
  /** `y=1`, `y=0`, `y=3`, `all`, `favourable=2`. */
  readonly condition: string;
  /** Labelled rows of the cell that meet the condition. */
  readonly count: number;
  /** Served-ness on hard decisions; higher is better. Insufficient below the minimum count. */
  readonly level: Estimate;
  /**
   * How far the cell stays behind the best-served one, ≥ 0. Insufficient where the level is, or where the partition
   * has no second cell to compare with. The best of several noisy levels is too high, and so are gaps to it: the
   * more so, the smaller the cells.
   */
  readonly gap: Estimate;
}

export interface RowsEvaluation {
  /** Labelled rows. */
  readonly count: number;
  /** Balanced accuracy or, for regression, `1 − MAE / s_t`: at most 1, higher is better. */
  readonly utility: Estimate;
  readonly metrics: TaskMetrics | Insufficient;
}

export interface CellEvaluation extends RowsEvaluation {
  readonly cell: string;
  /** One a condition; none where groups are not to be compared. */
  readonly levels: readonly LevelEvaluation[];
}

export interface PartitionEvaluation {
  readonly partition: string;
  readonly cells: readonly CellEvaluation[];
}

/** A gap and where it is. */
export interface Gap {
  readonly task: string;
  readonly partition: string;
  readonly cell: string;
  readonly condition: string;
  readonly gap: number;
}

export interface TaskEvaluation {
  readonly task: string;
  readonly kind: TaskMetrics['kind'];
  readonly notion: Notion | 'none';
  readonly overall: RowsEvaluation;
  readonly partitions: readonly PartitionEvaluation[];
  /** Mean over partitions and conditions of the worst-served cell's gap. */
  readonly meanGap: Measured;
  readonly worstGap: Gap | Insufficient;
}

export interface Evaluation {
  readonly tasks: readonly TaskEvaluation[];
  /** Mean of the tasks' utilities. */
  readonly meanUtility: Measured;
  readonly worstUtility: { readonly task: string; readonly utility: number } | Insufficient;
  /** Mean of the tasks' mean gaps: every task weighs the same, however many conditions it has. */
  readonly meanGap: Measured;
  readonly worstGap: Gap | Insufficient;
}
