// What is to be made of a table: the columns and their roles, the tasks, the groups, the split. Plain JSON.

import type { TextOptions } from './collect/text.ts';
import type { DerivedColumn } from './table/derive.ts';

export interface DataSpec extends Schema {
  /** Only the rows for which this condition holds; all of them without one. */
  readonly rows?: string;
  readonly split: SplitSpec;
}

/** What prediction needs of it too. */
export interface Schema {
  readonly derived: readonly DerivedColumn[];
  readonly inputs: readonly InputSpec[];
  readonly image?: ImageSpec;
  readonly tasks: readonly TaskSpec[];
  readonly groups: readonly GroupSpec[];
}

export type InputSpec = NumericInput | OrdinalInput | CategoricalInput | TextInput;

export interface NumericInput {
  readonly role: 'numeric';
  readonly column: string;
}

/** Its values in their order become 0, 1, 2 … and then a numeric column. */
export interface OrdinalInput {
  readonly role: 'ordinal';
  readonly column: string;
  readonly order: readonly string[];
}

export interface CategoricalInput {
  readonly role: 'categorical';
  readonly column: string;
  /** Values in fewer training rows than this are folded into "other". */
  readonly minCount: number;
}

export interface TextInput extends TextOptions {
  readonly role: 'text';
  readonly column: string;
}

/** Row i of the table has image i of the IDX file, or the image that the column numbers (from 0). */
export interface ImageSpec {
  readonly column?: string;
}

export type TaskSpec = DetectionTask | ClassificationTask | RegressionTask;

interface Task {
  readonly name: string;
  /** The label exists only where this condition holds; elsewhere it is missing. */
  readonly where?: string;
}

/** Yes or no, for one attribute or for several: either each from cells of its own, or all from one column of lists. */
export type DetectionTask = Task & { readonly type: 'detection' } & (
    | { readonly attributes: readonly Attribute[] }
    | { readonly list: AttributeList }
  );

/** Yes where the cell is one of these, or where the condition holds; missing where the cell is, or the condition unknown. */
export type Attribute =
  | { readonly name: string; readonly column: string; readonly positive: readonly string[] }
  | { readonly name: string; readonly when: string };

/** A cell such as `joy|pride`: yes for each that it names. Without `names`, all of the training rows, by frequency. */
export interface AttributeList {
  readonly column: string;
  readonly separator: string;
  readonly names?: readonly string[];
}

export interface ClassificationTask extends Task {
  readonly type: 'classification';
  readonly column: string;
  /** In this order; without it, all of the training rows, by frequency. */
  readonly classes?: readonly string[];
}

export interface RegressionTask extends Task {
  readonly type: 'regression';
  readonly columns: readonly string[];
  readonly transform: Transform;
}

/** What is learnt instead of the value itself: nothing else, its decimal logarithm, or ln(1 + value). */
export type Transform = 'none' | 'log10' | 'log1p';

/** A partition of the rows by one column, or by the combinations of several (an intersection). */
export interface GroupSpec {
  readonly name: string;
  readonly columns: readonly string[];
}

export type SplitSpec = RatioSplit | ColumnSplit;

interface RandomSplit {
  /** The share of the rows to choose for validation. */
  readonly validation: number;
  /** All rows of one value of this column (a person, an actor) stay on one side. */
  readonly subject?: string;
  /** Even shares of every group and label, as far as the counts allow. */
  readonly stratify: boolean;
}

export interface RatioSplit extends RandomSplit {
  readonly by: 'ratio';
  readonly test: number;
}

/** The column says train or test. Validation rows are those that it names; if none, a share of the training rows. */
export interface ColumnSplit extends RandomSplit {
  readonly by: 'column';
  readonly column: string;
  readonly values: Readonly<Record<Side, readonly string[]>>;
}

export type Side = 'train' | 'validation' | 'test';
export const sides = ['train', 'validation', 'test'] as const satisfies readonly Side[];
