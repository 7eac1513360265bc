// What a run folder's summary.json says: all that a report is made from. Plain JSON.
import type { Evaluation, LevellingDown, Notion, Partition } from '../fairness/index.ts';
import type { FitEpoch, FitResult, Settings, Validation } from '../train/index.ts';

export interface Summary {
  readonly version: 1;
  /** The name of the config, without its ending. */
  readonly name: string;
  readonly software: { readonly fairmt: string; readonly node: string; readonly platform: string };
  readonly device: DeviceFacts;
  readonly seed: number;
  readonly data: DataFacts;
  readonly model: ModelFacts;
  readonly training: TrainingFacts;
  readonly judging: JudgingFacts;
  /** In the order of the config. */
  readonly tasks: readonly TaskFacts[];
  readonly partitions: readonly PartitionFacts[];
  /** The unconstrained model first (where one was trained), then the one that was asked for, which is saved. */
  readonly models: readonly ModelSummary[];
  /** The second model against the first; none where only one was trained. */
  readonly comparison?: Comparison;
  /** What was guessed because the config left it out, a line each. */
  readonly guesses: readonly string[];
  /** What was mended in the data on the way, a line each. */
  readonly notices: readonly string[];
  /** What a reader must know before believing a number, a line each. */
  readonly warnings: readonly string[];
  /** When it ended, ISO 8601, and how long it took. Nothing else in a summary depends on the clock. */
  readonly clock: Clock;
}

export interface Clock {
  readonly ended: string;
  /** Wall-clock seconds of this process; a run that was resumed took longer. */
  readonly seconds: { readonly loading: number; readonly training: number; readonly evaluation: number };
}

export interface DeviceFacts {
  readonly kind: string;
  /** `WebAssembly (SIMD)`, or the adapter. */
  readonly name: string;
}

export interface SideCounts {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

export interface DataFacts {
  /** The path as the config gives it. */
  readonly file: string;
  readonly rows: SideCounts;
  readonly inputs: readonly InputFacts[];
  /** What the split is, in words. */
  readonly split: string;
  /** Rows on which the models were evaluated: the test rows, or the validation rows where there is no test. */
  readonly evaluatedOn: keyof SideCounts;
}

/** The network that all models of the run share. */
export interface ModelFacts {
  /** Widths of the trunk's layers, and of each head's hidden layers; none makes a head linear. */
  readonly widths: readonly number[];
  readonly headWidths: readonly number[];
  /** Numbers that are learnt. */
  readonly parameters: number;
}

/** As planned; `ModelSummary` says where a model ended. */
export interface TrainingFacts {
  readonly epochs: number;
  readonly warmupEpochs: number;
  readonly batch: number;
}

/** How the evaluations were made. */
export interface JudgingFacts {
  /** Labelled rows from which on a cell is judged. */
  readonly minCount: number;
  readonly resamples: number;
  /** The share of the resamples that an interval holds, 0.95 say. */
  readonly confidence: number;
}

export interface InputFacts {
  readonly column: string;
  readonly role: 'numeric' | 'ordinal' | 'categorical' | 'text' | 'image';
  /** Whether the partitions are made from it, too. */
  readonly sensitive: boolean;
}

export interface TaskFacts {
  readonly name: string;
  readonly type: 'detection' | 'classification' | 'regression';
  /** Attributes, classes or columns. */
  readonly outputs: readonly string[];
  /** Labelled rows; of a task of several columns, rows with any label. */
  readonly labelled: SideCounts;
  /** What a label says, in words: `yes where union is 0`. */
  readonly label: string;
  /**
   * Of the labelled training rows, in the order of `outputs`: the share of yes, the share of each class, or the mean
   * of each column in the unit that is learnt.
   */
  readonly prior: readonly number[];
  /** Of a regression: the standard deviation of each column, by which served-ness counts errors. */
  readonly deviations?: readonly number[];
  readonly notion: Notion | 'none';
  readonly tolerance: number;
  readonly favourable?: string;
  /** Of a regression: `log10` and the like; levels and errors are then in that unit. */
  readonly transform?: string;
}

export interface PartitionFacts extends Partition {
  readonly columns: readonly string[];
  /** Rows of each cell, in the order of `cells`. */
  readonly counts: readonly SideCounts[];
  /** Rows in no cell. */
  readonly unknown: SideCounts;
}

export interface ModelSummary {
  /** The method's name: `erm`, `fairmt` … */
  readonly method: string;
  /** The epoch that was kept, from 1. */
  readonly epoch: number;
  readonly ended: FitResult['ended'];
  readonly settings: Settings;
  /** With intervals, on `data.evaluatedOn`. Its tasks of several columns are one task a column, `task/column`. */
  readonly evaluation: Evaluation;
  readonly curves: readonly EpochMetrics[];
}

/** An epoch in numbers; by task where nothing else is said. A line of metrics.jsonl. */
export interface EpochMetrics {
  readonly method: string;
  /** From 1. */
  readonly epoch: number;
  readonly warmup: boolean;
  /** Training losses, decayed over about an epoch. */
  readonly losses: ByTask;
  /** A_t: the aggregated shortfall that is trained on; with a constraint only, as are the next four. */
  readonly violation?: ByTask;
  /** c_t: the worst shortfall beyond the tolerance on hard decisions, below 0 where all are within it. */
  readonly signal?: ByTask;
  /** λ_t. */
  readonly multipliers?: ByTask;
  /** How much of its allowance of training loss a task has left. */
  readonly slack?: ByTask;
  /** α_t: the tasks' weights in the step's direction. */
  readonly alpha: ByTask;
  /** β: the weight of the constraint. */
  readonly beta: number;
  /** The lowest cosine between two tasks' gradients: below 0 they pull against each other. */
  readonly conflict?: number;
  readonly validation?: Validation;
  /** The share by which the constraint may raise a task's training loss: what the utility budget came to. */
  readonly allowance?: number;
  /** On request: how many audited steps raised an objective. */
  readonly audit?: FitEpoch['audit'];
}

export type ByTask = Readonly<Record<string, number>>;

export interface Comparison {
  /** Every cell that both models' evaluations could judge, by its gain in served-ness; the most lifted first. */
  readonly changes: readonly CellChange[];
  readonly levellingDown: LevellingDown;
}

export interface CellChange {
  readonly task: string;
  readonly partition: string;
  readonly cell: string;
  readonly condition: string;
  readonly count: number;
  readonly before: number;
  readonly after: number;
  readonly gapBefore: number;
  readonly gapAfter: number;
}
