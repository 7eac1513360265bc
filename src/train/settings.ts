// The numbers of a step that may change while it runs: each is a scalar of the program.
import type { Graph } from '../graph/graph.ts';
import type { Value } from '../graph/value.ts';

/** Defaults, chosen once for all data sets on validation data (docs/method.md says how). */
export const defaultSettings = {
  'learning rate': 1e-3,
  'weight decay': 1e-4,
  /** Gradients are clipped to this global norm. */
  'clip norm': 10,
  /** κ: logits are divided by it before they become probabilities of the statistics. */
  temperature: 0.4,
  /** Steps after which past counts weigh half. */
  'half-life': 50,
  /** Decayed count from which on a cell sets the reference or violates. */
  'minimum count': 20,
  /** z: standard errors taken off a shortfall. */
  noise: 1,
  /** δ: where the hinge turns from quadratic to linear. */
  delta: 0.02,
  /** τ of the worst-case aggregation. */
  tau: 0.04,
  /** How far the anchors follow the best served a step while nothing is violated. */
  'anchor rate': 0.05,
  /** How far they may fall a step while something is. */
  'anchor decay': 0.001,
  /** Λ: what the multipliers stay below. */
  'dual cap': 10,
  'dual rate': 0.5,
  'dual integral': 1,
  'dual proportional': 5,
  'dual leak': 1e-3,
  /** Weight of the newest signal and loss in their decayed means. */
  'signal rate': 0.02,
  /** b: the loss of utility that fairness may cost a task, relative to its best. */
  budget: 0.02,
  'budget gain': 5,
  /** γ: how strongly the quadratic program's weights are drawn together. */
  ridge: 1,
  /** 1 during warm-up: anchors follow, multipliers rest. */
  'warm-up': 0,
  /** 0 switches the constraint off without another program. */
  pressure: 1,
} as const;

export type SettingName = keyof typeof defaultSettings;
export type Settings = Readonly<Record<SettingName, number>>;

/** One scalar leaf a setting. */
export type SettingScalars = Readonly<Record<SettingName, Value>>;

export function settingScalars(graph: Graph, settings: Settings): SettingScalars {
  const names = Object.keys(defaultSettings) as SettingName[];
  return Object.fromEntries(
    names.map((name) => [name, graph.scalar(name, settings[name])]),
  ) as SettingScalars;
}
