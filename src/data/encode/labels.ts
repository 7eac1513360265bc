// The labels of a task: what is learnt of them from the training rows, and their encoding with a mask for the missing.
import type { RawColumn } from '../collect/collect.ts';
import type { Labels, NoticeBoard } from '../dataset.ts';
import type { TaskSpec } from '../spec.ts';
import { encodeClassification, fitClassification } from './classification.ts';
import { answers, fitDetection } from './detection.ts';
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
