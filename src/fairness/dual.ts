// Dual ascent without projection (METHOD §3, our reading): multipliers λ that rise while a task's signed worst
// shortfall on hard decisions is positive and fall while it is negative. Each rule is one small function pair.
import type { Graph } from '../graph/graph.ts';
import type { Update } from '../graph/node.ts';
import type { Operand, Value } from '../graph/value.ts';

/**
 * `slack-exponentiated` (the default): exponentiated gradient with a slack coordinate a task and a PI term. The others are
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
  /** Λ > 0: what the multipliers stay below together. */
  readonly cap: Operand;
  /** η. */
  readonly rate: Operand;
  /** K_I and K_P of the PI term. */
  readonly integral: Operand;
  readonly proportional: Operand;
  /** How far ν leaks back to its start a step, in [0, 1), so that nothing winds up. */
  readonly leak: Operand;
  /** Weight of the newest signal in the decayed one, in (0, 1]. */
  readonly signalRate: Operand;
}

/** All `[T]`. */
interface DualSignal {
  /** `c`: positive where a task violates, negative inside its tolerance or over its budget. */
  readonly signal: Value;
  /** The decayed signal after this step and before it. */
  readonly smoothed: Value;
  readonly previous: Value;
}

/** From the dual state ν to multipliers, and from a signal to the next ν. All `[T]`. */
interface DualRule {
  readonly start: number;
  /** `smoothed`: the decayed signal before this step; `sharers`: how many tasks have a constraint. */
  multipliers(nu: Value, settings: DualSettings, smoothed: Value, sharers: number): Value;
  next(nu: Value, signal: DualSignal, settings: DualSettings): Value;
}

/** ν is held in ±15, where `exp` and float32 are at ease and a λ leaves its cap within a known number of steps. */
const bound = 15;

/** Of a task's share of Λ this is 1 / (1 + e^3), little pressure; what ν leaks towards. */
const rest = -3;

const ascend = (nu: Value, { signal }: DualSignal, { rate }: DualSettings): Value => nu.add(signal.mul(rate));

const ascendPi = (nu: Value, { signal, smoothed, previous }: DualSignal, settings: DualSettings): Value => {
  const { rate, integral, proportional } = settings;
  const drive = signal.mul(integral).add(smoothed.sub(previous).mul(proportional));
  return nu.add(drive.mul(rate));
};

/** Neither the proportional term nor the leak may raise ν against a negative signal. */
const ascendLeaking = (nu: Value, signal: DualSignal, settings: DualSettings): Value => {
  const leaked = nu.sub(nu.sub(rest).mul(settings.leak));
  const next = ascendPi(leaked, signal, settings).clamp(-bound, bound);
  return signal.signal.lt(0).select(next.minimum(nu), next);
};

const rules: Record<DualKind, DualRule> = {
  // λ_t = (Λ/T) exp(ν_t) / (1 + exp(ν_t)): each task shares its part of Λ with a slack of its own, so that Σ λ < Λ. With one
  // slack for all (METHOD §3) a task whose gap cannot be closed takes Λ from the others, and a λ can rise under a negative
  // signal.
  'slack-exponentiated': {
    start: rest,
    multipliers: (nu, { cap }, _, sharers) => nu.sigmoid().mul(cap).div(sharers),
    next: ascendLeaking,
  },
  // Without the slack the multipliers always sum to Λ, and without the PI term they oscillate.
  exponentiated: {
    start: 0,
    multipliers: (nu, { cap }) => nu.reshape([1, -1]).softmax().reshape(nu.shape).mul(cap),
    next: (nu, signal, settings) => ascend(nu, signal, settings).clamp(-bound, bound),
  },
  softplus: {
    start: rest,
    multipliers: (nu, { cap }) => nu.softplus().minimum(cap),
    next: (nu, signal, settings) => ascend(nu, signal, settings).clamp(-bound, settings.cap),
  },
  projected: {
    start: 0,
    multipliers: (nu) => nu,
    next: (nu, signal, settings) => ascend(nu, signal, settings).clamp(0, settings.cap),
  },
  // λ = max(0, ν + μ ξ), ξ the decayed signal, μ = η K_P.
  augmented: {
    start: 0,
    multipliers: (nu, { rate, proportional, cap }, smoothed) =>
      smoothed.mul(rate).mul(proportional).add(nu).clamp(0, cap),
    next: (nu, signal, settings) => ascend(nu, signal, settings).clamp(0, settings.cap),
  },
  'nu-pi': {
    start: 0,
    multipliers: (nu) => nu,
    next: (nu, signal, settings) => ascendPi(nu, signal, settings).clamp(0, settings.cap),
  },
};

export interface Dual {
  /** How many tasks have a constraint: each has its part of Λ, 1 / sharers. */
  readonly sharers: number;
  /** λ of this step, `[T]`; 0 for tasks without a constraint. */
  readonly multipliers: Value;
  /** One step under the signal `[T]`; ν stays as it is while `resting` (bool `[]`). */
  update(signal: Value, resting: Value): Update<Value>[];
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
  const previous = graph.state('dual/signal', [tasks]);
  const has = graph.constant(constrained.map(Number), [tasks], 'bool');
  // Under `exponentiated` a task without a constraint must not take a share of Λ: exp(−1000) is 0.
  const sharers = Math.max(1, constrained.filter(Boolean).length);
  const multipliers = has.select(rule.multipliers(has.select(nu, -1000), settings, previous, sharers), 0);
  return {
    sharers,
    multipliers,
    update(signal, resting) {
      const smoothed = previous.add(signal.sub(previous).mul(settings.signalRate));
      const next = rule.next(nu, { signal, smoothed, previous }, settings);
      return [
        { target: nu, value: has.and(resting.not()).select(next, nu) },
        { target: previous, value: smoothed },
      ];
    },
  };
}
