// What a method adds to a step beside the losses: a scalar to differentiate, and the state that drives it.
import {
  ahfda,
  budgetSlack,
  type ColumnName,
  type FairnessSpec,
  groupStatistics,
  joinLevels,
  type LossTracker,
  makeDual,
  type Partition,
  penalty,
  type StatisticsInputs,
} from '../fairness/index.ts';
import type { Graph } from '../graph/graph.ts';
import type { Update } from '../graph/node.ts';
import type { Value } from '../graph/value.ts';
import type { Labels, TaskLayout } from '../mtl/index.ts';
import type { Method, Pressure } from './method.ts';
import type { SettingScalars } from './settings.ts';

/** What the constraint must know of the step that it is part of. */
export interface PressureOptions {
  readonly layout: TaskLayout;
  /** One entry a slot of the layout; `undefined` leaves a task unconstrained. */
  readonly fairness: readonly (FairnessSpec | undefined)[];
  readonly partitions: readonly Partition[];
  readonly method: Method;
}

export interface Pressing {
  /** `A_λ = Σ λ_t A_t`, or a weighted penalty; shape `[]`. */
  readonly objective?: Value;
  readonly outputs: Readonly<Record<string, Value>>;
  readonly updates: readonly Update<Value>[];
  readonly columns: readonly ColumnName[];
  /** bool `[n, T]`: who is in a best-served group of each task; with a constraint. */
  readonly inBestServed?: Value;
}

export interface StepParts {
  readonly graph: Graph;
  readonly scalars: SettingScalars;
  readonly outputs: Value;
  readonly labels: Labels;
  /** Cell indices f32 `[n, S]`; none where there are no partitions. */
  readonly groups: Value | undefined;
  readonly tracker: LossTracker;
}

export function pressureOf(options: PressureOptions, parts: StepParts): Pressing {
  const { pressure } = options.method;
  const { groups } = parts;
  const unconstrained = options.fairness.every((spec) => spec === undefined);
  if (pressure.kind === 'none' || unconstrained || !groups) return { outputs: {}, updates: [], columns: [] };
  const inputs = statisticsInputs(options, parts, groups);
  return pressure.kind === 'ahfda'
    ? constraintOf(pressure, inputs, options, parts)
    : penaltyOf(pressure, inputs, parts);
}

/** A multiplier below this share of its part of Λ counts as none: what the best served then have, utility alone gives them. */
const idleShare = 0.01;

function constraintOf(
  pressure: Extract<Pressure, { kind: 'ahfda' }>,
  inputs: StatisticsInputs,
  options: PressureOptions,
  parts: StepParts,
): Pressing {
  const { graph, scalars, tracker } = parts;
  const constrained = options.fairness.map((spec) => spec !== undefined);
  const dual = makeDual(graph, pressure.dual, constrained, {
    cap: scalars['dual cap'],
    rate: scalars['dual rate'],
    integral: scalars['dual integral'],
    proportional: scalars['dual proportional'],
    leak: scalars['dual leak'],
    signalRate: scalars['signal rate'],
  });
  const resting = scalars['warm-up'].gt(0);
  const multipliers = resting.select(0, dual.multipliers).mul(scalars.pressure);
  const part = scalars['dual cap'].div(dual.sharers);
  const acting = multipliers.gt(part.mul(idleShare));
  const constraint = ahfda({ graph, reference: pressure.reference, acting, ...inputs });
  const slack = budgetSlack(tracker, scalars.budget, scalars['budget gain']);
  const signal = pressure.budgeted ? constraint.signal.minimum(slack) : constraint.signal;
  return {
    objective: constraint.violation.mul(multipliers).sum(),
    columns: constraint.columns,
    inBestServed: constraint.inBestServed,
    outputs: {
      violation: constraint.violation,
      signal,
      slack,
      multipliers,
      served: constraint.soft.served,
      'served hard': constraint.hard.served,
      'group counts': constraint.counts,
      shortfalls: constraint.shortfalls,
      anchors: constraint.anchors,
    },
    updates: [...constraint.updates, ...dual.update(signal, resting)],
  };
}

function penaltyOf(
  pressure: Extract<Pressure, { weight: number }>,
  inputs: StatisticsInputs,
  parts: StepParts,
): Pressing {
  const { scalars } = parts;
  const { names, estimates, updates } = groupStatistics(inputs);
  const levels = joinLevels(estimates.map((estimate) => estimate.soft));
  const byColumn = penalty(pressure.kind, levels);
  // A task's columns share its weight, so that a task of many classes presses no harder than one of a single rate.
  const shares = names.map(({ task }) => 1 / names.filter((name) => name.task === task).length);
  const total = byColumn.mul(parts.graph.constant(shares, [shares.length])).sum();
  return {
    objective: total.mul(scalars.pressure).mul(pressure.weight),
    columns: names,
    outputs: { violation: byColumn, served: levels.served },
    updates,
  };
}

function statisticsInputs(
  options: PressureOptions,
  { graph, scalars, outputs, labels }: StepParts,
  groups: Value,
): StatisticsInputs {
  return {
    layout: options.layout,
    specs: options.fairness,
    partitions: options.partitions,
    outputs,
    labels,
    groups,
    settings: {
      temperature: scalars.temperature,
      decay: scalars['half-life'].reciprocal().mul(-Math.LN2).exp(),
      minCount: scalars['minimum count'],
      noise: scalars.noise,
      delta: scalars.delta,
      tau: scalars.tau,
      anchorRate: scalars['anchor rate'],
      anchorDecay: scalars['anchor decay'],
      tolerance: graph.input('tolerance', [options.layout.slots.length]),
    },
  };
}
