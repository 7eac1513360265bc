// The labels of a task: what is learnt of them from the training rows, and their encoding with a mask for the missing.
import type { RawColumn } from '../collect/collect.ts';
import type { Labels, NoticeBoard } from '../dataset.ts';
import { DataError, quote, quoteList } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import type { AttributeList, ClassificationTask, DetectionTask, RegressionTask, TaskSpec } from '../spec.ts';
import type {
  ClassificationEncoding,
  DetectionEncoding,
  RegressionEncoding,
  TaskEncoding,
} from './encoding.ts';
import { byFrequency, columnStatistics, textCounts } from './statistics.ts';

/** `training[i]` is 1 for the rows to learn from. @throws DataError where those rows cannot teach the task */
export function fitTask(task: TaskSpec, columns: readonly RawColumn[], training: Uint8Array): TaskEncoding {
  switch (task.type) {
    case 'detection':
      return fitDetection(task, columns, training);
    case 'classification':
      return fitClassification(task, columns[0]!, training);
    case 'regression':
      return fitRegression(task, columns, training);
  }
}

export function encodeTask(task: TaskEncoding, columns: readonly RawColumn[], board: NoticeBoard): Labels {
  switch (task.type) {
    case 'detection': {
      const { type, name } = task;
      return { type, task: name, ...answers(task, task.names, columns, board) };
    }
    case 'classification':
      return encodeClassification(task, columns[0]!, board);
    case 'regression':
      return encodeRegression(task, columns);
  }
}

interface Masked {
  readonly values: Float32Array;
  readonly mask: Uint8Array;
}

const rowsOf = (column: RawColumn): number => ('numbers' in column ? column.numbers : column.codes).length;

/** A label column as texts. */
function texts(column: RawColumn): Extract<RawColumn, { codes: unknown }> {
  if ('numbers' in column) throw new TypeError('a label of texts was collected as numbers');
  return column;
}

function cannotLearn(task: TaskSpec, expected: string, got: string, remedy: string): DataError {
  return new DataError({ expected: `${expected} for the task ${quote(task.name)}`, got, remedy });
}

function noLabels(task: TaskSpec): DataError {
  const why = task.where === undefined ? '' : ` or its condition ${quote(task.where)}`;
  const remedy = `Check the label column${why}, or remove the task.`;
  return cannotLearn(task, 'labelled training rows', 'none', remedy);
}

// Detection

function fitDetection(
  task: DetectionTask,
  columns: readonly RawColumn[],
  training: Uint8Array,
): DetectionEncoding {
  const names =
    'list' in task
      ? attributeNames(task, task.list, columns[0]!, training)
      : task.attributes.map(({ name }) => name);
  const { values, mask } = answers(task, names, columns);
  const width = names.length;
  const rates = names.map((name, a) => {
    let labelled = 0;
    let yes = 0;
    for (let i = 0; i < training.length; i++) {
      if (training[i] === 1 && mask[i * width + a] === 1) {
        labelled++;
        yes += values[i * width + a]!;
      }
    }
    if (labelled === 0) throw noLabels(task);
    if (yes === 0 || yes === labelled) throw oneAnswer(task, name, columns[a]!, yes > 0);
    return yes / labelled;
  });
  return { ...task, names, rates };
}

/** Which answer came always, and which values there are to choose from. */
function oneAnswer(task: DetectionTask, name: string, column: RawColumn, yes: boolean): DataError {
  const got = `only ${yes ? 'yes' : 'no'}`;
  const expected = `training rows of both answers, yes and no, about ${quote(name)},`;
  const source =
    'attributes' in task ? task.attributes.find((attribute) => attribute.name === name) : undefined;
  if (source === undefined || 'when' in source || 'numbers' in column) {
    return cannotLearn(task, expected, got, 'Check its condition, or remove it.');
  }
  const present = column.texts.slice(1);
  const wanted = source.positive.join(', ');
  const remedy = `The column ${quote(source.column)} holds ${quoteList(present)}; positive is ${quote(wanted)}.${yes ? '' : didYouMean(wanted, present)}`;
  return cannotLearn(task, expected, got, remedy);
}

function attributeNames(
  task: DetectionTask,
  list: AttributeList,
  column: RawColumn,
  training: Uint8Array,
): readonly string[] {
  if (list.names !== undefined) return list.names;
  const { codes, texts: cells } = texts(column);
  const counts = new Map<string, number>();
  textCounts(codes, cells.length, training).forEach((count, code) => {
    if (code === 0 || count === 0) return;
    for (const name of namesIn(cells[code]!, list)) counts.set(name, (counts.get(name) ?? 0) + count);
  });
  if (counts.size === 0) throw noLabels(task);
  return byFrequency(counts);
}

const namesIn = (cell: string, { separator }: AttributeList): Set<string> =>
  new Set(cell.split(separator).flatMap((name) => (name.trim() === '' ? [] : [name.trim()])));

/** [rows, attributes] of 0 and 1. */
function answers(
  task: DetectionTask,
  names: readonly string[],
  columns: readonly RawColumn[],
  board?: NoticeBoard,
): Masked {
  const rows = rowsOf(columns[0]!);
  const width = names.length;
  const values = new Float32Array(rows * width);
  const mask = new Uint8Array(rows * width);
  if ('list' in task) {
    const { codes, texts: cells } = texts(columns[0]!);
    const named = cells.map((cell) => namesIn(cell, task.list));
    const answersOf = named.map((present) => names.map((name) => Number(present.has(name))));
    const strange = named.map((present) => [...present].find((name) => !names.includes(name)));
    for (let i = 0; i < rows; i++) {
      const code = codes[i]!;
      if (code === 0) continue;
      values.set(answersOf[code]!, i * width);
      mask.fill(1, i * width, (i + 1) * width);
      if (strange[code] !== undefined) board?.add('unknown-attribute', task.name, strange[code]);
    }
    return { values, mask };
  }
  task.attributes.forEach((source, a) => {
    const column = columns[a]!;
    const answer = answerOf(column, 'positive' in source ? source.positive : []);
    for (let i = 0; i < rows; i++) {
      const value = answer(i);
      if (Number.isNaN(value)) continue;
      values[i * width + a] = value;
      mask[i * width + a] = 1;
    }
  });
  return { values, mask };
}

/** 1, 0 or NaN (missing) for a row. */
function answerOf(column: RawColumn, positive: readonly string[]): (row: number) => number {
  if ('numbers' in column) return (i) => column.numbers[i]!;
  const byCode = column.texts.map((text, code) =>
    code === 0 ? Number.NaN : Number(positive.includes(text)),
  );
  return (i) => byCode[column.codes[i]!]!;
}

// Classification

function fitClassification(
  task: ClassificationTask,
  column: RawColumn,
  training: Uint8Array,
): ClassificationEncoding {
  const { codes, texts: cells } = texts(column);
  const found = new Map<string, number>();
  textCounts(codes, cells.length, training).forEach((count, code) => {
    if (code > 0 && count > 0) found.set(cells[code]!, count);
  });
  if (found.size === 0) throw noLabels(task);
  const classes = task.classes ?? byFrequency(found);
  const absent = classes.find((name) => !found.has(name));
  if (absent !== undefined) {
    const remedy = `The column holds ${quoteList(byFrequency(found))}.${didYouMean(absent, [...found.keys()])}`;
    throw cannotLearn(task, `training rows of the class ${quote(absent)}`, 'none', remedy);
  }
  if (classes.length < 2) {
    throw cannotLearn(task, 'two classes or more', `only ${quote(classes[0]!)}`, 'Check the label column.');
  }
  return { ...task, classes, counts: classes.map((name) => found.get(name)!) };
}

function encodeClassification(task: ClassificationEncoding, column: RawColumn, board: NoticeBoard): Labels {
  const { codes, texts: cells } = texts(column);
  const classOf = cells.map((cell) => task.classes.indexOf(cell));
  const values = new Uint32Array(codes.length);
  const mask = new Uint8Array(codes.length);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    if (code === 0) continue;
    const index = classOf[code]!;
    if (index < 0) {
      board.add('unknown-class', task.name, cells[code]);
      continue;
    }
    values[i] = index;
    mask[i] = 1;
  }
  return { type: task.type, task: task.name, values, mask };
}

// Regression

const numbersOf = (column: RawColumn): Float32Array => {
  if ('numbers' in column) return column.numbers;
  throw new TypeError('a label of numbers was collected as texts');
};

function fitRegression(
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

function encodeRegression(task: RegressionEncoding, columns: readonly RawColumn[]): Labels {
  const width = columns.length;
  const rows = rowsOf(columns[0]!);
  const values = new Float32Array(rows * width);
  const mask = new Uint8Array(rows * width);
  columns.forEach((column, c) => {
    const numbers = numbersOf(column);
    const { mean, deviation } = task.standards[c]!;
    for (let i = 0; i < rows; i++) {
      const y = numbers[i]!;
      if (Number.isNaN(y)) continue;
      values[i * width + c] = (y - mean) / deviation;
      mask[i * width + c] = 1;
    }
  });
  return { type: task.type, task: task.name, values, mask };
}
