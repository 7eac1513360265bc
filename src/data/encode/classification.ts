// Labels that are one of several classes.
import type { RawColumn } from '../collect/collect.ts';
import type { Labels, NoticeBoard } from '../dataset.ts';
import { quote, quoteList } from '../errors.ts';
import { indexType } from '../indices.ts';
import { didYouMean } from '../nearest.ts';
import type { ClassificationTask } from '../spec.ts';
import type { ClassificationEncoding } from './encoding.ts';
import { cannotLearn, noLabels, texts } from './label-columns.ts';
import { allocate } from './rows.ts';
import { byFrequency, textCounts } from './statistics.ts';

export function fitClassification(
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

export function encodeClassification(
  task: ClassificationEncoding,
  column: RawColumn,
  board: NoticeBoard,
  places: Uint32Array,
): Labels {
  const { codes, texts: cells } = texts(column);
  const classOf = cells.map((cell) => task.classes.indexOf(cell));
  const values = allocate(indexType(task.classes.length - 1), codes.length, 1);
  const mask = allocate(Uint8Array, codes.length, 1);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    if (code === 0) continue;
    const index = classOf[code]!;
    if (index < 0) {
      board.add('unknown-class', task.name, cells[code]);
      continue;
    }
    values[places[i]!] = index;
    mask[places[i]!] = 1;
  }
  return { type: task.type, task: task.name, values, mask };
}
