// What a real data set is in the fairness benchmark: its columns, tasks, groups and split, and the size of the run.
import type { DataSpec, InputSpec } from '../../../src/data/index.ts';
import type { FairnessSpec } from '../../../src/fairness/index.ts';

export interface BenchSet {
  readonly name: string;
  /** In `shared/data`. */
  readonly file: string;
  readonly data: DataSpec;
  /** By task name. */
  readonly fairness: Readonly<Record<string, FairnessSpec>>;
  /** Widths of the trunk's layers; the heads are linear. */
  readonly widths: readonly number[];
  readonly batch: number;
  readonly epochs: number;
  readonly warmupEpochs: number;
}

/** ε of every task of every set. */
export const tolerance = 0.02;

export const numeric = (...columns: string[]): InputSpec[] =>
  columns.map((column) => ({ role: 'numeric', column }));

/** Values in fewer than 30 training rows are folded into "other". */
export const categorical = (...columns: string[]): InputSpec[] =>
  columns.map((column) => ({ role: 'categorical', column, minCount: 30 }));
