// Labels of yes or no, for one attribute or for several.
import type { RawColumn } from '../collect/collect.ts';
import type { Labels, NoticeBoard } from '../dataset.ts';
import { type DataError, quote, quoteList } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import type { AttributeList, DetectionTask } from '../spec.ts';
import type { DetectionEncoding } from './encoding.ts';
import { cannotLearn, noLabels, texts } from './label-columns.ts';
import { allocate } from './rows.ts';
import { byFrequency, textCounts } from './statistics.ts';

export function fitDetection(
  task: DetectionTask,
  columns: readonly RawColumn[],
  training: Uint8Array,
): DetectionEncoding {
  const names =
    'list' in task
      ? attributeNames(task, task.list, columns[0]!, training)
      : task.attributes.map(({ name }) => name);
  const answer = answers(task, names, columns);
  const rates = names.map((name, a) => {
    let labelled = 0;
    let yes = 0;
    for (let i = 0; i < training.length; i++) {
      const value = training[i] === 1 ? answer(i, a) : Number.NaN;
      if (Number.isNaN(value)) continue;
      labelled++;
      yes += value;
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

export function encodeDetection(
  task: DetectionEncoding,
  columns: readonly RawColumn[],
  board: NoticeBoard,
  places: Uint32Array,
): Labels {
  const width = task.names.length;
  const answer = answers(task, task.names, columns);
  const values = allocate(Uint8Array, places.length, width);
  const mask = allocate(Uint8Array, places.length, width);
  for (let i = 0; i < places.length; i++) {
    const to = places[i]! * width;
    for (let a = 0; a < width; a++) {
      const value = answer(i, a);
      if (Number.isNaN(value)) continue;
      values[to + a] = value;
      mask[to + a] = 1;
    }
  }
  if ('list' in task) noticeUnknown(task.name, task.list, task.names, columns[0]!, board);
  return { type: task.type, task: task.name, values, mask };
}

/** 1, 0 or NaN (missing) for a row and an attribute. */
type Answers = (row: number, attribute: number) => number;

function answers(task: DetectionTask, names: readonly string[], columns: readonly RawColumn[]): Answers {
  if ('list' in task) {
    const { codes, texts: cells } = texts(columns[0]!);
    const byCode = cells.map((cell) => {
      const present = namesIn(cell, task.list);
      return names.map((name) => Number(present.has(name)));
    });
    return (row, a) => (codes[row] === 0 ? Number.NaN : byCode[codes[row]!]![a]!);
  }
  const columnAnswers = task.attributes.map((source, a) =>
    answerOf(columns[a]!, 'positive' in source ? source.positive : []),
  );
  return (row, a) => columnAnswers[a]!(row);
}

/** 1, 0 or NaN (missing) for a row. */
function answerOf(column: RawColumn, positive: readonly string[]): (row: number) => number {
  if ('numbers' in column) return (row) => column.numbers[row]!;
  const byCode = column.texts.map((text, code) =>
    code === 0 ? Number.NaN : Number(positive.includes(text)),
  );
  return (row) => byCode[column.codes[row]!]!;
}

function noticeUnknown(
  task: string,
  list: AttributeList,
  names: readonly string[],
  column: RawColumn,
  board: NoticeBoard,
): void {
  const { codes, texts: cells } = texts(column);
  const unknown = cells.map((cell) => [...namesIn(cell, list)].find((name) => !names.includes(name)));
  for (let i = 0; i < codes.length; i++) {
    const name = unknown[codes[i]!];
    if (name !== undefined) board.add('unknown-attribute', task, name);
  }
}
