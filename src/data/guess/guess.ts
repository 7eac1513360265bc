// A first guess at what the columns of a table are for, each with its reason: a draft for a person to correct.

import { quote, quoteList } from '../errors.ts';
import {
  type ColumnSplit,
  type GroupSpec,
  type InputSpec,
  type SplitSpec,
  sides,
  type TaskSpec,
} from '../spec.ts';
import type { DerivedColumn } from '../table/derive.ts';
import { parseDecimal } from '../table/numbers.ts';
import {
  CLASSES_AT_MOST,
  type Column,
  describe,
  distinct,
  holdsLists,
  type Kind,
  namesSubjects,
  oddCell,
  present,
} from './kinds.ts';
import type { ColumnProfile } from './profile.ts';

export interface Guessed<T> {
  readonly spec: T;
  readonly reason: string;
}

export interface TableGuess {
  readonly inputs: readonly Guessed<InputSpec>[];
  /** Columns that are no input, and why. */
  readonly leftOut: readonly { readonly column: string; readonly reason: string }[];
  readonly tasks: readonly Guessed<TaskSpec>[];
  readonly groups: readonly Guessed<GroupSpec>[];
  /** Bands of age and the like, for the groups. */
  readonly derived: readonly DerivedColumn[];
  readonly split: Guessed<SplitSpec>;
  /** Cells that seem to mean "missing": for the `missing` option of the reader. */
  readonly missing: readonly string[];
}

const LABELS_AT_MOST = 4;
/** Of more values most have too few people to be judged. */
const GROUPS_AT_MOST = 16;

const REASON_OUT: Partial<Record<Kind, string>> = {
  date: 'dates: turn them into numbers (days, an age) to use them',
  id: 'its values name the rows',
  constant: 'it has one value only',
  empty: 'it is empty',
  varied: 'too many different values to learn from each',
};

/**
 * @param profiles of all columns, best of all rows
 * @param known the columns that are labels, where that is no guess
 */
export function guessRoles(profiles: readonly ColumnProfile[], known?: readonly string[]): TableGuess {
  const { columns, missing } = describe(profiles);
  const side = columns.find((column) => column.hints.split && sideValues(column) !== undefined);
  const subject = columns.find(namesSubjects);
  const sensitive = columns.filter(
    ({ hints, kind }) => hints.sensitive && (kind === 'numeric' || kind === 'categorical'),
  );
  const labels = known
    ? columns.filter(({ column }) => known.includes(column))
    : labelColumns(
        columns.filter((column) => column !== side && column !== subject && !sensitive.includes(column)),
      );
  const reasonOut = (column: Column): string | undefined => {
    if (column === side) return 'it says which rows are for training and test';
    if (column === subject) return 'it names the subject: all rows of one stay on one side of the split';
    if (labels.includes(column)) return 'it is a label';
    return REASON_OUT[column.kind];
  };
  const groups = sensitive.filter(partsPeople).map(groupOf);
  return {
    inputs: columns.filter((column) => reasonOut(column) === undefined).map(inputOf),
    leftOut: columns.flatMap((column) => {
      const reason = reasonOut(column);
      return reason === undefined ? [] : [{ column: column.column, reason }];
    }),
    tasks: labels.map(taskOf),
    groups: groups.map(({ group }) => group),
    derived: groups.flatMap(({ derived }) => derived ?? []),
    split: splitOf(side, subject),
    missing,
  };
}

/** The columns that are named like one; else the last that could be one. */
function labelColumns(columns: readonly Column[]): Column[] {
  const possible = columns.filter((column) => {
    if (column.kind === 'numeric' || (column.hints.label && holdsLists(column))) return true;
    return column.kind === 'categorical' && distinct(column) <= CLASSES_AT_MOST;
  });
  const named = possible.filter(({ hints }) => hints.label);
  return named.length > 0 ? named.slice(0, LABELS_AT_MOST) : possible.slice(-1);
}

/** Whether its groups are few enough to be judged. */
function partsPeople(column: Column): boolean {
  return column.kind === 'numeric' || distinct(column) <= GROUPS_AT_MOST;
}

/** What else is to be said of a sensitive input. */
function alsoOf(column: Column): string {
  if (!column.hints.sensitive) return '';
  return partsPeople(column)
    ? '; also a group: decide whether the model may see it'
    : '; named like a sensitive attribute, but most of so many groups would be too small to judge: combine some, and name it under groups';
}

function inputOf(column: Column): Guessed<InputSpec> {
  const name = column.column;
  const also = alsoOf(column);
  switch (column.kind) {
    case 'numeric':
      return {
        spec: { role: 'numeric', column: name },
        reason: `${numbersOf(column)}${also}`,
      };
    case 'text':
      return {
        spec: { role: 'text', column: name, buckets: 2 ** 14, maxTokens: 64, ngrams: 2 },
        reason: `texts of about ${Math.round(column.words)} words`,
      };
    default:
      return {
        spec: { role: 'categorical', column: name, minCount: 5 },
        reason: `${distinct(column)} values, such as ${quoteList([...column.values!.keys()].slice(0, 3))}${also}`,
      };
  }
}

const POSITIVE = /^(1|1\.0|yes|y|true|t|positive|pos|>50k|bad|member)$/i;

const NEGATIVE = /^(0|no|n|none|false|f|negative|neg|good|<=50k)$|^(non|not|no)[- _]/i;

function taskOf(column: Column): Guessed<TaskSpec> {
  const name = column.column;
  const why = column.hints.label ? 'named like a label' : 'the last column that could be a label';
  if (distinct(column) === 2) {
    const values = [...column.values!.keys()];
    const positive =
      values.find((value) => POSITIVE.test(value)) ??
      values.find((value) => NEGATIVE.test(values.find((other) => other !== value)!)) ??
      values[1]!;
    return {
      spec: { type: 'detection', name, attributes: [{ name, column: name, positive: [positive] }] },
      reason: `${why}; two values, of which ${quote(positive)} is taken for yes`,
    };
  }
  if (holdsLists(column)) {
    const spec: TaskSpec = { type: 'detection', name, list: { column: name, separator: '|' } };
    return { spec, reason: `${why}; lists parted by "|", of which each name is a question of its own` };
  }
  if (column.kind === 'categorical') {
    return {
      spec: { type: 'classification', name, column: name },
      reason: `${why}; ${distinct(column)} classes`,
    };
  }
  return {
    spec: { type: 'regression', name, columns: [name], transform: 'none' },
    reason: `${why}; ${numbersOf(column)}`,
  };
}

function numbersOf(column: Column): string {
  const odd = oddCell(column);
  const but = odd === undefined ? '' : `, but for ${quote(odd)}: correct it, or list it under "missing"`;
  return `numbers from ${column.min} to ${column.max}${but}`;
}

function groupOf(column: Column): { group: Guessed<GroupSpec>; derived?: DerivedColumn } {
  const name = column.column;
  const reason = 'named like a sensitive attribute';
  if (column.kind === 'categorical') return { group: { spec: { name, columns: [name] }, reason } };
  const bins =
    column.hints.age && column.min < 30 && column.min >= 0 && column.max >= 50 ? [30, 50] : thirds(column);
  const band = `${name}_band`;
  return {
    group: {
      spec: { name: band, columns: [band] },
      reason: `${reason}; in bands, with edges at ${bins.join(' and ')}`,
    },
    derived: { name: band, column: name, bins },
  };
}

/** Edges that part the values into about three equal parts. */
function thirds(column: Column): number[] {
  const sorted = [...(column.values ?? [])]
    .map(([text, count]) => [parseDecimal(text), count] as const)
    .filter(([value]) => !Number.isNaN(value))
    .sort(([a], [b]) => a - b);
  if (sorted.length === 0) return [1, 2].map((k) => column.min + (k * (column.max - column.min)) / 3);
  let seen = 0;
  const edges = new Set<number>();
  for (const [value, count] of sorted) {
    if (value > sorted[0]![0] && seen >= ((edges.size + 1) * present(column)) / 3 && edges.size < 2)
      edges.add(value);
    seen += count;
  }
  return edges.size > 0 ? [...edges] : [sorted.at(-1)![0]];
}

const SIDE_NAMES = {
  train: /^(train|training|learn)$/i,
  validation: /^(val|valid|validation|dev)$/i,
  test: /^(test|testing|holdout|eval)$/i,
} as const;

/** The values of a column that name sides; undefined unless some are for training and some for test. */
function sideValues({ values }: ColumnProfile): ColumnSplit['values'] | undefined {
  const texts = [...(values?.keys() ?? [])];
  const [train, validation, test] = sides.map((side) => texts.filter((text) => SIDE_NAMES[side].test(text)));
  return train!.length > 0 && test!.length > 0
    ? { train: train!, validation: validation!, test: test! }
    : undefined;
}

function splitOf(side: Column | undefined, subject: Column | undefined): Guessed<SplitSpec> {
  const common = { validation: 0.15, stratify: true, ...(subject && { subject: subject.column }) };
  const bySubject = subject ? `; by ${quote(subject.column)}, so that nobody is on both sides` : '';
  if (side) {
    return {
      spec: { by: 'column', column: side.column, values: sideValues(side)!, ...common },
      reason: `the column ${quote(side.column)} says it${bySubject}`,
    };
  }
  return { spec: { by: 'ratio', test: 0.15, ...common }, reason: `at random${bySubject}` };
}
