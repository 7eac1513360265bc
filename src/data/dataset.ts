// Device-ready data: typed arrays, row-major, that can be written to buffers as they are.
import type { Indices, SignedIndices } from '../tensor/types.ts';

export interface Dataset {
  readonly rows: number;
  /** [rows, numbers], as `inputShape` names them: standardised, 0 where one is missing; indicators; pixels 0 … 1. */
  readonly numeric: Float32Array;
  /** [rows, categorical columns]: an index per column. */
  readonly categorical: Indices;
  readonly text: readonly TextBags[];
  readonly labels: readonly Labels[];
  readonly groups: readonly Partition[];
  /** What was mended on the way, and how often. */
  readonly notices: readonly Notice[];
}

export interface TextBags {
  /** [rows, maxTokens]: buckets, padded with 0. */
  readonly indices: Indices;
  /** [rows]: how many of them are no padding. */
  readonly counts: Indices;
}

/** The labels of one task. Where `mask` is 0 there is no label, and the value is 0. */
export type Labels =
  /** [rows, attributes]: 0 or 1; `mask` has the same shape. */
  | {
      readonly type: 'detection';
      readonly task: string;
      readonly values: Uint8Array;
      readonly mask: Uint8Array;
    }
  /** [rows]: the index of the class. */
  | {
      readonly type: 'classification';
      readonly task: string;
      readonly values: Indices;
      readonly mask: Uint8Array;
    }
  /** [rows, columns]: standardised; `mask` has the same shape. */
  | {
      readonly type: 'regression';
      readonly task: string;
      readonly values: Float32Array;
      readonly mask: Uint8Array;
    };

export interface Partition {
  readonly name: string;
  readonly cells: readonly string[];
  /** [rows]: the cell of each row, −1 where it is unknown. */
  readonly index: SignedIndices;
}

/** The rows `from` ≤ row < `to`, where they lie: nothing is copied. */
export function viewRows(dataset: Dataset, from: number, to: number): Dataset {
  const view = <A extends Float32Array | SignedIndices | Indices>(all: A): A => {
    const width = dataset.rows === 0 ? 0 : all.length / dataset.rows;
    return all.subarray(from * width, to * width) as A;
  };
  return {
    rows: to - from,
    numeric: view(dataset.numeric),
    categorical: view(dataset.categorical),
    text: dataset.text.map(({ indices, counts }) => ({ indices: view(indices), counts: view(counts) })),
    labels: dataset.labels.map(
      (labels) => ({ ...labels, values: view(labels.values), mask: view(labels.mask) }) as Labels,
    ),
    groups: dataset.groups.map((group) => ({ ...group, index: view(group.index) })),
    notices: dataset.notices,
  };
}

export interface Notice {
  readonly kind: keyof typeof noticeTexts;
  /** The column, task or partition. */
  readonly subject: string;
  readonly count: number;
  readonly example: string;
}

const noticeTexts = {
  'unknown-category': 'rare, or never seen in training, and so counted as "other"',
  'unknown-order': 'not in the given order, and so counted as missing',
  'missing-imputed': 'missing, which training never saw, and so given the mean of training',
  'unknown-class': 'of no class of the task, and so unlabelled',
  'unknown-attribute': 'naming no attribute of the task, and so left out',
  'unknown-group': 'in no group known from training, and so counted for none',
  constant: 'all equal in training, so that the column tells nothing',
  'no-split': 'with none of the values of the split, and so on no side',
} as const;

/** `"job": 3 rows rare, or never seen in training, and so counted as "other" (such as "astronaut")`. */
export function noticeText({ kind, subject, count, example }: Notice): string {
  const rows = count === 1 ? '1 row' : `${count} rows`;
  return `"${subject}": ${rows} ${noticeTexts[kind]}${example === '' ? '' : ` (such as "${example}")`}`;
}

/** Counts of what was mended, with the first example of each. */
export class NoticeBoard {
  readonly #notices = new Map<string, { -readonly [K in keyof Notice]: Notice[K] }>();

  add(kind: Notice['kind'], subject: string, example = '', count = 1): void {
    const key = JSON.stringify([kind, subject]);
    const notice = this.#notices.get(key);
    if (notice) notice.count += count;
    else this.#notices.set(key, { kind, subject, count, example });
  }

  get notices(): readonly Notice[] {
    return [...this.#notices.values()];
  }
}
