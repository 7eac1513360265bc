// Facts of a run for its summary: the data, the tasks, the groups, the model.
import { columnNames, type ResolvedConfig, type ResolvedTask } from '../config/index.ts';
import type { TaskEncoding } from '../data/index.ts';
import type { InputFacts, ModelFacts, PartitionFacts, SideCounts, TaskFacts } from '../report/summary.ts';
import { numel } from '../tensor/shape.ts';
import type { TrainingData } from '../train/index.ts';
import { parameterEntries } from './model-file.ts';
import type { LoadedProblem } from './problem.ts';

export function countSides({ sides }: LoadedProblem, count: (data: TrainingData) => number): SideCounts {
  return { train: count(sides.train), validation: count(sides.validation), test: count(sides.test) };
}

export function inputFacts({ inputs, groups, data }: ResolvedConfig): InputFacts[] {
  const sources = (column: string): string[] => {
    const derived = data.derived.find(({ name }) => name === column);
    return derived && 'column' in derived ? [column, ...sources(derived.column)] : [column];
  };
  const sensitive = new Set(groups.flatMap(({ columns }) => columns).flatMap(sources));
  const facts = inputs.map(
    ({ column, role }): InputFacts => ({ column, role, sensitive: sensitive.has(column) }),
  );
  if (data.images === undefined) return facts;
  return [...facts, { column: data.images, role: 'image', sensitive: false }];
}

export function taskFacts(task: ResolvedTask, encoding: TaskEncoding, loaded: LoadedProblem): TaskFacts {
  const { favourable } = task as { favourable?: string | readonly string[] };
  return {
    name: task.name,
    type: task.type,
    outputs: columnNames(encoding),
    labelled: countSides(loaded, ({ labels, rows }) => labelledRows(labels[task.name]!.known, rows)),
    label: labelText(task),
    prior: priorOf(encoding),
    ...(encoding.type === 'regression' && {
      deviations: encoding.standards.map(({ deviation }) => deviation),
    }),
    notion: task.notion,
    tolerance: task.tolerance,
    ...(favourable !== undefined && { favourable: [favourable].flat().join(', ') }),
    ...(task.type === 'regression' && task.transform !== 'none' && { transform: task.transform }),
  };
}

function priorOf(encoding: TaskEncoding): readonly number[] {
  switch (encoding.type) {
    case 'detection':
      return encoding.rates;
    case 'classification': {
      const total = encoding.counts.reduce((sum, count) => sum + count, 0);
      return encoding.counts.map((count) => count / total);
    }
    case 'regression':
      return encoding.standards.map(({ mean }) => mean);
  }
}

/** Rows with a label in any of the task's columns. */
function labelledRows(known: ArrayLike<number>, rows: number): number {
  const width = rows === 0 ? 0 : known.length / rows;
  let count = 0;
  for (let row = 0; row < rows; row++) {
    let any = false;
    for (let column = 0; column < width; column++) any ||= known[row * width + column] !== 0;
    if (any) count++;
  }
  return count;
}

function labelText(task: ResolvedTask): string {
  const where = task.where === undefined ? '' : `, where ${task.where}`;
  switch (task.type) {
    case 'classification':
      return `the value of ${task.column}${where}`;
    case 'regression':
      return `the value of ${task.columns.join(', ')}${where}`;
    case 'detection': {
      if (task.list) return `yes for each name in ${task.list.column}${where}`;
      const parts = (task.attributes ?? []).map((attribute) =>
        'when' in attribute
          ? `yes where ${attribute.when}`
          : `yes where ${attribute.column} is ${attribute.positive.join(' or ')}`,
      );
      return `${parts.length > 3 ? `${parts.slice(0, 3).join('; ')}; …` : parts.join('; ')}${where}`;
    }
  }
}

export function partitionFacts(
  name: string,
  columns: readonly string[],
  loaded: LoadedProblem,
): PartitionFacts {
  const { cells } = loaded.problem.partitions.find((partition) => partition.name === name)!;
  const count = (cell: number): SideCounts =>
    countSides(loaded, ({ groups }) => {
      let rows = 0;
      for (const index of groups[name]!) if (index === cell) rows++;
      return rows;
    });
  return { name, columns, cells, counts: cells.map((_, cell) => count(cell)), unknown: count(-1) };
}

export function splitText({ data: { split } }: ResolvedConfig): string {
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  const together = split.subject === undefined ? '' : `; all rows of one ${split.subject} on one side`;
  if (split.by === 'column') return `by the column ${split.column}${together}`;
  const shares = `${percent(split.test)} for the test, ${percent(split.validation)} for validation`;
  return `at random, ${shares}${split.stratify ? ', even shares of groups and labels' : ''}${together}`;
}

export function modelFacts({ config: { model }, problem }: LoadedProblem): ModelFacts {
  const parameters = parameterEntries(problem.model).reduce((sum, { shape }) => sum + numel(shape), 0);
  return { widths: model.widths, headWidths: model.headWidths, parameters };
}
