// Dual ascent without projection (METHOD §3, our reading): multipliers λ that rise while a task's signed worst
// shortfall on hard decisions is positive and fall while it is negative. Each rule is one small function pair.
import type { Graph } from '../graph/graph.ts';
import type { Update } from '../graph/node.ts';
import type { Operand, Value } from '../graph/value.ts';

/**
 * `slack-exponentiated` (the default): exponentiated gradient with a slack coordinate and a PI term. The others are
 * for research: plain exponentiated gradient, softplus, projected ascent, an augmented Lagrangian, and nuPI
 * (Sohrabi et al. 2024).
 */
export type DualKind =
  | 'slack-exponentiated'
  | 'exponentiated'
  | 'softplus'
  | 'projected'
  | 'augmented'
  | 'nu-pi';

export interface DualSettings {
  /** Λ > 0: what the multipliers stay below. */
  readonly cap: Operand;
  /** η. */
  readonly rate: Operand;
  /** K_I and K_P of the PI term. */
  readonly integral: Operand;
  readonly proportional: Operand;
  /** Share of ν that leaks away a step, so that nothing winds up. */
  readonly leak: Operand;
}

export interface DualSignal {
  /** `c`, `[T]`: positive where a task violates, negative inside its tolerance. */
  readonly signal: Value;
  /** The decayed signal after this step and before it. */
  readonly smoothed: Value;
  readonly previous: Value;
}

/** From the dual state ν to multipliers, and from a signal to the next ν. All `[T]`. */
interface DualRule {
  readonly start: number;
  multipliers(nu: Value, settings: DualSettings): Value;
  next(nu: Value, signal: DualSignal, settings: DualSettings): Value;
}

/** ν is held in ±15, where `exp` and float32 are at ease and a λ leaves its cap within a known number of steps. */
const bound = 15;

const ascend = (nu: Value, { signal }: DualSignal, { rate }: DualSettings): Value => nu.add(signal.mul(rate));

const ascendPi = (nu: Value, { signal, smoothed, previous }: DualSignal, settings: DualSettings): Value => {
  const { rate, integral, proportional, leak } = settings;
  const drive = signal.mul(integral).add(smoothed.sub(previous).mul(proportional));
  return nu.sub(nu.mul(leak)).add(drive.mul(rate)).clamp(-bound, bound);
};

const rules: Record<DualKind, DualRule> = {
  // λ_t = Λ exp(ν_t) / (1 + Σ exp(ν_s)): positive, and together below Λ, without a projection.
  'slack-exponentiated': {
    start: -3,
    multipliers: (nu, { cap }) => {
      const weights = nu.exp();
      return weights.div(weights.sum().add(1)).mul(cap);
    },
    next: ascendPi,
  },
  // Without the slack the multipliers always sum to Λ, and without the PI term they oscillate.
  exponentiated: {
    start: 0,
    multipliers: (nu, { cap }) =>
      nu.clamp(-bound, bound).reshape([1, -1]).softmax().reshape(nu.shape).mul(cap),
    next: (nu, signal, settings) => ascend(nu, signal, settings).clamp(-bound, bound),
  },
  softplus: {
    start: -3,
    multipliers: (nu, { cap }) => nu.softplus().minimum(cap),
    next: ascend,
  },
  projected: {
    start: 0,
    multipliers: (nu) => nu,
    next: (nu, signal, settings) => ascend(nu, signal, settings).clamp(0, settings.cap),
  },
  // λ = max(0, ν + μ c), μ the proportional gain, c the smoothed signal kept in ν's own step.
  augmented: {
    start: 0,
    multipliers: (nu, { cap }) => nu.clamp(0, cap),
    next: (nu, { signal, smoothed }, { rate, proportional, cap }) =>
      nu.add(signal.mul(rate)).add(smoothed.mul(rate).mul(proportional)).clamp(0, cap),
  },
  'nu-pi': {
    start: 0,
    multipliers: (nu, { cap }) => nu.clamp(0, cap),
    next: (nu, signal, settings) => {
      const { rate, integral, proportional, cap } = settings;
      const change = signal.signal.mul(integral).add(signal.smoothed.sub(signal.previous).mul(proportional));
      return nu.add(change.mul(rate)).clamp(0, cap);
    },
  },
};

export interface Dual {
  /** λ of this step, `[T]`; 0 for tasks without a constraint. */
  readonly multipliers: Value;
  update(signal: DualSignal): Update<Value>[];
}

/** `constrained`: which of the `T` tasks have a constraint. */
export function makeDual(
  graph: Graph,
  kind: DualKind,
  constrained: readonly boolean[],
  settings: DualSettings,
): Dual {
  const rule = rules[kind];
  const tasks = constrained.length;
  const nu = graph.state('dual/nu', [tasks], new Float32Array(tasks).fill(rule.start));
  const has = graph.constant(constrained.map(Number), [tasks], 'bool');
  // A task without a constraint must not take a share of Λ.
  const multipliers = has.select(rule.multipliers(has.select(nu, -bound), settings), 0);
  return {
    multipliers,
    update: (signal) => [{ target: nu, value: has.select(rule.next(nu, signal, settings), nu) }],
  };
}
