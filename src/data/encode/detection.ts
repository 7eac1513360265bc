// Labels of yes or no, for one attribute or for several.
import type { RawColumn } from '../collect/collect.ts';
import type { NoticeBoard } from '../dataset.ts';
import { type DataError, quote, quoteList } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import type { AttributeList, DetectionTask } from '../spec.ts';
import type { DetectionEncoding } from './encoding.ts';
import { cannotLearn, noLabels, rowsOf, texts } from './label-columns.ts';
import { byFrequency, textCounts } from './statistics.ts';

interface Masked {
  readonly values: Float32Array;
  readonly mask: Uint8Array;
}

export function fitDetection(
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
export function answers(
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
