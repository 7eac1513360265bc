// What is set against what: methods by name, the symmetric penalty at every weight of its sweep.
import { type Method, methods, symmetricPenalty } from '../../src/train/method.ts';
import type { Settings } from '../../src/train/settings.ts';

export interface Contender {
  readonly method: Method;
  /** Where it differs from the defaults. */
  readonly settings?: Partial<Settings>;
}

/** Weights of the symmetric penalty. */
export const sweep = [0.1, 0.25, 0.5, 1] as const;

const penaltyName = (weight: number): string => `symmetric ${weight}`;

/** The names of the sweep, in its order. */
export const penalties: readonly string[] = sweep.map(penaltyName);

/** In the order of the table. ERM comes first: the others are measured against it. */
export const contenders: Readonly<Record<string, Contender>> = {
  erm: { method: methods.erm },
  ...Object.fromEntries(sweep.map((weight) => [penaltyName(weight), { method: symmetricPenalty(weight) }])),
  // Désidéri's method has no ridge.
  mgda: { method: methods.mgda, settings: { ridge: 0 } },
  'fairmt-without-qp': { method: methods['fairmt-without-qp'] },
  fairmt: { method: methods.fairmt },
};
