// The numbers of a step that may change while it runs: each is a scalar of the program.
import type { Graph } from '../graph/graph.ts';
import type { Value } from '../graph/value.ts';

/** Defaults, chosen once for all data sets on validation data; `settingsFor` fits some of them to the run. */
export const defaultSettings = {
  'learning rate': 3e-3,
  'weight decay': 1e-4,
  /** Gradients are clipped to this global norm. */
  'clip norm': 10,
  /** κ: logits are divided by it before they become probabilities of the statistics. */
  temperature: 0.4,
  /** Steps after which past counts weigh half. */
  'half-life': 50,
  /** Decayed count from which on a cell sets the reference or violates. */
  'minimum count': 30,
  /** z: standard errors taken off a shortfall. */
  noise: 1,
  /** δ: where the hinge turns from quadratic to linear. */
  delta: 0.02,
  /** τ of the worst-case aggregation. */
  tau: 0.1,
  /** How far the anchors follow the best served a step while the constraint does not act. */
  'anchor rate': 0.05,
  /** How far they may fall a step while it does. */
  'anchor decay': 0.001,
  /** Λ: what the multipliers of all tasks together stay below. */
  'dual cap': 12,
  'dual rate': 0.25,
  'dual integral': 1,
  'dual proportional': 1.5,
  'dual leak': 1e-3,
  /** Weight of the newest signal and loss in their decayed means. */
  'signal rate': 0.02,
  /**
   * b: the share of the mean validation utility that fairness may cost, against the best of the run. Without validation
   * rows, the share by which it may raise a task's training loss. The step's scalar of this name is that share of loss.
   */
  budget: 0.01,
  /** g: the signal of a task that has paid nothing; as strongly it is pulled down where it has paid twice its allowance. */
  'budget gain': 0.15,
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

/**
 * The defaults fitted to a run: what is "about an epoch" follows from the steps of an epoch, and the widths of hinge
 * and aggregation from the mean tolerance.
 */
export function settingsFor(stepsPerEpoch: number, tolerances: readonly number[]): Settings {
  const perStep = 1 / Math.max(stepsPerEpoch, 5);
  const mean = tolerances.reduce((sum, tolerance) => sum + tolerance, 0) / Math.max(1, tolerances.length);
  const tolerance = Math.max(mean, 1e-3);
  return {
    ...defaultSettings,
    'half-life': 0.5 / perStep,
    delta: tolerance,
    // Sharper, the one worst and often smallest cell takes all of the gradient.
    tau: 5 * tolerance,
    'signal rate': perStep,
    'anchor rate': Math.min(1, 2 * perStep),
    'anchor decay': 0.02 * perStep,
    'dual rate': 5 * perStep,
    'dual proportional': 0.3 / perStep,
    'dual leak': 0.02 * perStep,
  };
}
