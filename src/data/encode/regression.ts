// Labels that are numbers, standardised.
import type { RawColumn } from '../collect/collect.ts';
import type { Labels } from '../dataset.ts';
import { quote } from '../errors.ts';
import type { RegressionTask } from '../spec.ts';
import type { RegressionEncoding } from './encoding.ts';
import { cannotLearn, noLabels, numbersOf } from './label-columns.ts';
import { allocate } from './rows.ts';
import { columnStatistics } from './statistics.ts';

export function fitRegression(
  task: RegressionTask,
  columns: readonly RawColumn[],
  training: Uint8Array,
): RegressionEncoding {
  const standards = columns.map((column, c) => {
    const numbers = numbersOf(column);
    const block = { first: 0, rows: numbers.length, data: numbers };
    const [statistics] = columnStatistics({ width: 1, blocks: () => [block] }, training);
    const { count, mean, deviation } = statistics!;
    if (count === 0) throw noLabels(task);
    if (deviation === 0) {
      throw cannotLearn(
        task,
        `values that differ in the column ${quote(task.columns[c]!)}`,
        `${mean} in all ${count} labelled training rows`,
        'Choose another label, or remove the task.',
      );
    }
    return { mean, deviation };
  });
  return { ...task, standards };
}

export function encodeRegression(
  task: RegressionEncoding,
  columns: readonly RawColumn[],
  places: Uint32Array,
): Labels {
  const width = columns.length;
  const values = allocate(Float32Array, places.length, width);
  const mask = allocate(Uint8Array, places.length, width);
  columns.forEach((column, c) => {
    const numbers = numbersOf(column);
    const { mean, deviation } = task.standards[c]!;
    for (let i = 0; i < places.length; i++) {
      const y = numbers[i]!;
      if (Number.isNaN(y)) continue;
      const to = places[i]! * width + c;
      values[to] = (y - mean) / deviation;
      mask[to] = 1;
    }
  });
  return { type: task.type, task: task.name, values, mask };
}
