// Predictions as CSV: for each task the decision, then the probabilities behind it; numbers in the label's own unit.
import Papa from 'papaparse';
import { type Encoding, type TaskEncoding, toUnit } from '../data/index.ts';
import type { Predictions } from '../train/index.ts';
import type { PredictedBatch } from './evaluate.ts';

const line = (cells: readonly string[]): string => `${Papa.unparse([[...cells]])}\n`;

/** `union,union.probability,occupation,occupation.probability.sales,…,wage`. */
export function predictionHeader({ tasks }: Encoding): string {
  return line(tasks.flatMap(columnsOf));
}

function columnsOf(task: TaskEncoding): string[] {
  switch (task.type) {
    case 'detection': {
      const single = task.names.length === 1;
      const names = task.names.map((name) => (single ? task.name : `${task.name}/${name}`));
      return names.flatMap((name) => [name, `${name}.probability`]);
    }
    case 'classification':
      return [task.name, ...task.classes.map((name) => `${task.name}.probability.${name}`)];
    case 'regression':
      return task.columns.length === 1 ? [task.name] : task.columns.map((column) => `${task.name}/${column}`);
  }
}

/** A line a row. */
export function predictionLines({ tasks }: Encoding, { rows, predictions }: PredictedBatch): string {
  const writers = tasks.map((task) => cellsOf(task, predictions));
  const lines: string[] = [];
  for (let row = 0; row < rows; row++) lines.push(writers.map((cells) => cells(row)).join(','), '\n');
  return lines.join('');
}

/** A row's cells of one task, with their commas. */
function cellsOf(task: TaskEncoding, predictions: Predictions): (row: number) => string {
  const { values, width } = predictions[task.name]!;
  const own = (row: number): Float64Array => values.subarray(row * width, (row + 1) * width);
  switch (task.type) {
    case 'detection':
      return (row) => Array.from(own(row), (p) => `${p > 0.5 ? 1 : 0},${share(p)}`).join(',');
    case 'classification': {
      const names = task.classes.map((name) => Papa.unparse([[name]]));
      return (row) => {
        const probabilities = own(row);
        const best = probabilities.indexOf(Math.max(...probabilities));
        return [names[best]!, ...Array.from(probabilities, share)].join(',');
      };
    }
    case 'regression':
      return (row) => Array.from(own(row), (value, column) => short(toUnit(task, column, value))).join(',');
  }
}

/** Six decimals: many columns are probabilities, and this is the fast way to write them. */
const share = (probability: number): string => String(Math.round(probability * 1e6) / 1e6);

/** Six digits: as many as float32 carries. */
const short = (value: number): string => String(Number(value.toPrecision(6)));
