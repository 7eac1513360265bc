// What was learnt of the columns from the training rows: all that is needed to encode new rows exactly as those.
// Plain JSON (it goes into `model.json`): doubles survive the round trip bit for bit.

import type * as spec from '../spec.ts';
import type { DerivedColumn } from '../table/derive.ts';

export interface Encoding extends spec.Schema {
  readonly version: 1;
  readonly derived: readonly DerivedColumn[];
  readonly inputs: readonly InputEncoding[];
  readonly image?: ImageEncoding;
  readonly tasks: readonly TaskEncoding[];
  readonly groups: readonly GroupEncoding[];
}

export type InputEncoding = NumberEncoding | CategoryEncoding | spec.TextInput;

/** `(x − mean) / deviation` of the float32 `x`; a missing cell gives 0, and 1 in the indicator if there is one. */
export type NumberEncoding = (spec.NumericInput | spec.OrdinalInput) &
  Standardised & {
    /** Whether cells were missing in the training rows: then the column has an indicator. */
    readonly indicator: boolean;
  };

export interface Standardised {
  readonly mean: number;
  /** Of the population; 1 where all values are equal. */
  readonly deviation: number;
}

/** Index 0: missing. 1: other (rare or never seen). From 2 on: the vocabulary, the most frequent first. */
export interface CategoryEncoding extends spec.CategoricalInput {
  readonly vocabulary: readonly string[];
  /** Training rows whose value was folded into "other". */
  readonly folded: number;
}

export const MISSING = 0;
export const OTHER = 1;
export const FIRST_CATEGORY = 2;

export interface ImageEncoding extends spec.ImageSpec {
  readonly height: number;
  readonly width: number;
}

export type TaskEncoding = DetectionEncoding | ClassificationEncoding | RegressionEncoding;

export type DetectionEncoding = spec.DetectionTask & {
  readonly names: readonly string[];
  /** The share of yes among the labelled training rows, per attribute. */
  readonly rates: readonly number[];
};

export interface ClassificationEncoding extends spec.ClassificationTask {
  readonly classes: readonly string[];
  /** Training rows of each class. */
  readonly counts: readonly number[];
}

/** Labels are `(transform(y) − mean) / deviation`, per column. */
export interface RegressionEncoding extends spec.RegressionTask {
  readonly standards: readonly Standardised[];
}

export interface GroupEncoding extends spec.GroupSpec {
  /** Named `female`, or `female × Black`; `values` has one value per column. */
  readonly cells: readonly { readonly name: string; readonly values: readonly string[] }[];
}

/** What a model for this encoding takes in. */
export interface InputShape {
  /** The columns of `Dataset.numeric`: the numeric and ordinal inputs, then the indicators; pixels follow. */
  readonly numeric: readonly string[];
  /** The columns of `Dataset.categorical`, with the number of their indices. */
  readonly categorical: readonly { readonly column: string; readonly size: number }[];
  readonly text: readonly spec.TextInput[];
  readonly image?: { readonly height: number; readonly width: number };
}

export function inputShape(encoding: Encoding): InputShape {
  const numbers = encoding.inputs.filter(isNumber);
  const { image } = encoding;
  return {
    numeric: [
      ...numbers.map(({ column }) => column),
      ...numbers.filter(({ indicator }) => indicator).map(({ column }) => `${column} is missing`),
    ],
    categorical: encoding.inputs
      .filter(isCategory)
      .map(({ column, vocabulary }) => ({ column, size: vocabulary.length + FIRST_CATEGORY })),
    text: encoding.inputs.filter(isText),
    ...(image && { image: { height: image.height, width: image.width } }),
  };
}

type WithRole<I extends { role: string }, R extends I['role']> = I extends { role: infer Q }
  ? Q extends R
    ? I
    : never
  : never;

export const isNumber = <I extends spec.InputSpec>(input: I): input is WithRole<I, 'numeric' | 'ordinal'> =>
  input.role === 'numeric' || input.role === 'ordinal';
export const isCategory = <I extends spec.InputSpec>(input: I): input is WithRole<I, 'categorical'> =>
  input.role === 'categorical';
export const isText = <I extends spec.InputSpec>(input: I): input is WithRole<I, 'text'> =>
  input.role === 'text';

/** How many outputs a task's head has: its attributes, classes or columns. */
export function outputs(task: TaskEncoding): number {
  if (task.type === 'detection') return task.names.length;
  return task.type === 'classification' ? task.classes.length : task.columns.length;
}

export const transforms = {
  none: { forward: (y: number) => y, inverse: (z: number) => z, above: -Infinity },
  log10: { forward: Math.log10, inverse: (z: number) => 10 ** z, above: 0 },
  log1p: { forward: Math.log1p, inverse: Math.expm1, above: -1 },
} as const satisfies Record<spec.Transform, unknown>;

/** An output of a regression head back in the label's own unit. */
export function toUnit(task: RegressionEncoding, column: number, output: number): number {
  const { mean, deviation } = task.standards[column]!;
  return transforms[task.transform].inverse(output * deviation + mean);
}
