// Training methods, all built from the same parts: FairMT, its ablations, and what it is set against.
import type { DualKind, PenaltyKind, Reference } from '../fairness/index.ts';
import type { DirectionKind, GramKind } from '../mtl/index.ts';

/** How fairness enters a step. */
export type Pressure =
  | { readonly kind: 'none' }
  /** The asymmetric constraint under dual ascent. */
  | {
      readonly kind: 'ahfda';
      readonly reference: Reference;
      readonly dual: DualKind;
      readonly budgeted: boolean;
    }
  /** A penalty of fixed weight. */
  | { readonly kind: PenaltyKind; readonly weight: number };

export interface Method {
  readonly pressure: Pressure;
  readonly direction: DirectionKind;
  readonly gram: GramKind;
  /**
   * On request, under `ahfda`: the losses of each task's best-served groups join the quadratic program as objectives of
   * their own, so that to first order the step harms none of them. Beyond the paper, and twice the objectives.
   */
  readonly noHarm?: boolean;
}

const anchored: Pressure = {
  kind: 'ahfda',
  reference: { kind: 'anchored' },
  dual: 'slack-exponentiated',
  budgeted: true,
};

export const methods = {
  /** Plain multi-task training: the unconstrained model. */
  erm: { pressure: { kind: 'none' }, direction: 'uniform', gram: 'head-aware' },
  /** Min-norm weights from the exact Gram matrix (Désidéri 2012). */
  mgda: { pressure: { kind: 'none' }, direction: 'utility-only', gram: 'exact' },
  /** Min-norm weights from gradients by the representation (Sener & Koltun 2018). */
  'mgda-ub': { pressure: { kind: 'none' }, direction: 'utility-only', gram: 'representation' },
  'fairmt-without-qp': { pressure: anchored, direction: 'uniform', gram: 'head-aware' },
  'fairmt-no-harm': { pressure: anchored, direction: 'pareto-guided', gram: 'head-aware', noHarm: true },
  fairmt: { pressure: anchored, direction: 'pareto-guided', gram: 'head-aware' },
} as const satisfies Record<string, Method>;

export type MethodName = keyof typeof methods;

/** The penalty that closes gaps from both sides. */
export function symmetricPenalty(weight: number): Method {
  return { pressure: { kind: 'symmetric', weight }, direction: 'uniform', gram: 'head-aware' };
}

/** Bounded group loss as a penalty; give its tasks the notion `loss-parity`. */
export function worstGroup(weight: number): Method {
  return { pressure: { kind: 'worst-group', weight }, direction: 'uniform', gram: 'head-aware' };
}
