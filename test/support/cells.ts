// Three tasks, five groups of one person each, and closeness to a label of 0 as the statistic: a test chooses every
// group's served-ness itself.
import fc from 'fast-check';
import type { Reference } from '../../src/fairness/index.ts';
import { Constraint } from './constraint.ts';
import { float64, type Outputs } from './devices.ts';

export const tasks = 3;
export const cells = 5;
/** The state of an anchor that has seen no eligible cell. */
export const unset = -1e30;

export function compileCells(
  reference: Exclude<Reference['kind'], 'fixed'>,
  device = float64.device,
): Promise<Constraint> {
  const names = Array.from({ length: tasks }, (_, t) => `r${t}`);
  return Constraint.compile(
    {
      tasks: names.map((name) => ({ kind: 'regression', name })),
      fairness: Object.fromEntries(names.map((name) => [name, { notion: 'error-parity', tolerance: 0 }])),
      partitions: [{ name: 'group', cells: ['a', 'b', 'c', 'd', 'e'] }],
      rows: cells,
      reference: { kind: reference },
    },
    device,
  );
}

/** Served-ness and presence of each cell, task by task. */
export interface Cells {
  readonly served: readonly number[];
  readonly present: readonly boolean[];
  /** One a task; those of the run before, where left out. */
  readonly anchors?: readonly number[];
  /** 1 where the constraint acts on the task, as by default. */
  readonly acting?: readonly number[];
  readonly tolerance: readonly number[];
  readonly weights: readonly number[];
  readonly tau: number;
  readonly delta: number;
}

/** Cells whose anchors a test sets. */
export type AnchoredCells = Cells & Required<Pick<Cells, 'anchors'>>;

export const between = (min: number, max: number): fc.Arbitrary<number> =>
  fc.double({ min, max, noNaN: true }).map(Math.fround);
const list = <T>(element: fc.Arbitrary<T>, length: number): fc.Arbitrary<T[]> =>
  fc.array(element, { minLength: length, maxLength: length });

export const anyCells: fc.Arbitrary<AnchoredCells> = fc.record({
  served: list(between(-0.5, 1), tasks * cells),
  present: list(fc.integer({ min: 0, max: 4 }).map(Boolean), tasks * cells),
  anchors: list(fc.oneof(between(-0.5, 1.2), fc.constant(unset)), tasks),
  tolerance: list(between(0, 0.2), tasks),
  weights: list(between(0.1, 5), tasks),
  tau: between(0.04, 0.3),
  delta: between(0.01, 0.2),
});

/** `[task][cell]` → the layout of a batch, `[cell, task]`. */
const byPerson = <T>(values: readonly T[]): T[] =>
  Array.from({ length: cells * tasks }, (_, i) => values[(i % tasks) * cells + Math.floor(i / tasks)]!);

export function runCells(
  constraint: Constraint,
  { served, present, anchors, tau, delta, ...rest }: Cells,
  scalars: Readonly<Record<string, number>> = {},
): Promise<Outputs> {
  return constraint.run({
    inputs: {
      outputs: byPerson(served).map((level) => 1 - level),
      labels: new Float64Array(cells * tasks),
      known: byPerson(present).map(Number),
      groups: Float64Array.from({ length: cells }, (_, cell) => cell),
      ...rest,
    },
    scalars: { tau, delta, ...scalars },
    ...(anchors && { states: { 'fairness/anchor': anchors, 'fairness/hard-anchor': anchors } }),
  });
}
