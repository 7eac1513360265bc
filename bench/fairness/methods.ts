// What is set against what: methods by name, the symmetric penalty at every weight of its sweep, FairMT at every budget.
import { type Method, methods, symmetricPenalty } from '../../src/train/method.ts';
import { defaultSettings, type Settings } from '../../src/train/settings.ts';

export interface Contender {
  readonly method: Method;
  /** Where it differs from the defaults. */
  readonly settings?: Partial<Settings>;
}

/** Weights of the symmetric penalty. */
export const sweep = [0.1, 0.25, 0.5, 1] as const;

/** Utility budgets of FairMT beside the default, which is called `fairmt`. */
export const budgets = [0.5, 2, 4].map((factor) => factor * defaultSettings.budget);

const penaltyName = (weight: number): string => `symmetric ${weight}`;
const budgetName = (budget: number): string => `fairmt ${Number((100 * budget).toPrecision(3))} %`;

/** The names of the sweep, in its order. */
export const penalties: readonly string[] = sweep.map(penaltyName);

/** FairMT by rising budget. */
export const byBudget: readonly string[] = [...budgets, defaultSettings.budget]
  .sort((a, b) => a - b)
  .map((budget) => (budget === defaultSettings.budget ? 'fairmt' : budgetName(budget)));

/** In the order of the table. ERM comes first: the others are measured against it. */
export const contenders: Readonly<Record<string, Contender>> = {
  erm: { method: methods.erm },
  ...Object.fromEntries(sweep.map((weight) => [penaltyName(weight), { method: symmetricPenalty(weight) }])),
  // Désidéri's method has no ridge.
  mgda: { method: methods.mgda, settings: { ridge: 0 } },
  'fairmt-without-qp': { method: methods['fairmt-without-qp'] },
  ...Object.fromEntries(
    budgets.map((budget) => [budgetName(budget), { method: methods.fairmt, settings: { budget } }]),
  ),
  fairmt: { method: methods.fairmt },
};
