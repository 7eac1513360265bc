// What a method pays, and whom it harms, at a gap of choice: read off the straight lines between the points of its sweep.
import { byBudget, penalties } from './methods.ts';
import type { MethodSummary } from './summary.ts';

export interface FrontierPoint {
  /** Share of ERM's mean gap that is left. */
  readonly gapRatio: number;
  /** Of mean utility, relative to ERM. */
  readonly utilityChange: number;
  /** Mean levelling down. */
  readonly loss: number;
}

/** ERM, and then the method from the mildest of its sweep to the strongest. */
export type Frontier = readonly FrontierPoint[];

export interface Frontiers {
  readonly symmetric: Frontier;
  readonly fairmt: Frontier;
}

export function frontiersOf(summaries: readonly MethodSummary[]): Frontiers {
  const point = (name: string): FrontierPoint => {
    const { gapRatio, utilityChange, meanLoss } = summaries.find(({ method }) => method === name)!;
    return { gapRatio, utilityChange, loss: meanLoss.mean };
  };
  return {
    symmetric: ['erm', ...penalties].map(point),
    fairmt: ['erm', ...byBudget].map(point),
  };
}

/**
 * The point of the frontier with this gap, on the first of its lines that comes so low; `undefined` where none does.
 * Nothing is chosen by how it turned out: the order is that of the sweep.
 */
export function atGap(frontier: Frontier, gapRatio: number): FrontierPoint | undefined {
  const next = frontier.findIndex((point) => point.gapRatio <= gapRatio);
  if (next < 0) return undefined;
  const to = frontier[next]!;
  const from = frontier[Math.max(0, next - 1)]!;
  const share =
    from.gapRatio === to.gapRatio ? 1 : (from.gapRatio - gapRatio) / (from.gapRatio - to.gapRatio);
  const mix = (of: (point: FrontierPoint) => number): number => of(from) + share * (of(to) - of(from));
  return {
    gapRatio,
    utilityChange: mix((point) => point.utilityChange),
    loss: mix((point) => point.loss),
  };
}
