// The columns of a task's labels as they were collected, and what is said of labels that cannot be learnt.
import type { RawColumn } from '../collect/collect.ts';
import { DataError, quote } from '../errors.ts';
import type { TaskSpec } from '../spec.ts';

/** A label column as texts. */
export function texts(column: RawColumn): Extract<RawColumn, { codes: unknown }> {
  if ('numbers' in column) throw new TypeError('a label of texts was collected as numbers');
  return column;
}

export function cannotLearn(task: TaskSpec, expected: string, got: string, remedy: string): DataError {
  return new DataError({ expected: `${expected} for the task ${quote(task.name)}`, got, remedy });
}

export function noLabels(task: TaskSpec): DataError {
  const why = task.where === undefined ? '' : ` or its condition ${quote(task.where)}`;
  const remedy = `Check the label column${why}, or remove the task.`;
  return cannotLearn(task, 'labelled training rows', 'none', remedy);
}

/** A label column as numbers. */
export const numbersOf = (column: RawColumn): Float32Array => {
  if ('numbers' in column) return column.numbers;
  throw new TypeError('a label of numbers was collected as texts');
};
