// The labels of a task: what is learnt of them from the training rows, and their encoding with a mask for the missing.
import type { RawColumn } from '../collect/collect.ts';
import type { Labels, NoticeBoard } from '../dataset.ts';
import type { TaskSpec } from '../spec.ts';
import { encodeClassification, fitClassification } from './classification.ts';
import { encodeDetection, fitDetection } from './detection.ts';
import type { TaskEncoding } from './encoding.ts';
import { encodeRegression, fitRegression } from './regression.ts';

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

/** @param places where each row goes */
export function encodeTask(
  task: TaskEncoding,
  columns: readonly RawColumn[],
  board: NoticeBoard,
  places: Uint32Array,
): Labels {
  switch (task.type) {
    case 'detection':
      return encodeDetection(task, columns, board, places);
    case 'classification':
      return encodeClassification(task, columns[0]!, board, places);
    case 'regression':
      return encodeRegression(task, columns, places);
  }
}
