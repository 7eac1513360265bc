// The descent audit (METHOD §4, our reading): what a step's direction truly does to every objective, seen by one more
// forward pass a little further along it. The proxies of the Gram matrix promise less than the exact one: this says
// how often they fail.
import type { Value } from '../graph/value.ts';
import { type Objectives, outputWidth, sumSegments } from '../mtl/index.ts';

/** The forward pass is taken this far along the direction, as a share of the parameters' length. */
const reach = 2 ** -10;

/** A slope counts as rising above this share of what its samples add up to; below are rounding and curvature. */
const tolerance = 0.01;

/**
 * Slopes of all objectives along minus `gradient`, a unit of length: `[2, objectives]`. The second row holds what the
 * slopes would be if no sample's part cancelled another's. A task without labels in the batch has 0 in both.
 *
 * The objectives' gradients by the outputs are exact whatever the Gram matrix, so the change of the outputs is all that
 * needs looking at.
 *
 * @param outputsAt the outputs `[n, P]` of the same batch under other parameters
 */
export function slopesAlong(
  gradient: Value,
  objectives: Objectives,
  outputsAt: (parameters: Value) => Value,
): Value {
  const { parameters, outputs } = objectives;
  const length = (x: Value): Value => x.square().sum().sqrt();
  const distance = length(parameters.flat).mul(reach).maximum(1e-6);
  const norm = length(gradient);
  const step = norm.gt(0).select(distance.div(norm), 0);
  const change = outputsAt(parameters.flat.sub(gradient.mul(step)))
    .sub(outputs)
    .div(distance);
  const parts = contributions(objectives, change);
  return total(objectives, parts)
    .unsqueeze(0)
    .concat(
      [
        total(
          objectives,
          parts.map((part) => part.abs()),
        ).unsqueeze(0),
      ],
      0,
    );
}

/** Each sample's and output's part in the slopes: of the tasks' losses, of protected ones, of the constraint. */
function contributions(
  { taskGradient, protectedGradient, constraintGradient }: Objectives,
  change: Value,
): Value[] {
  const none = change.mul(0);
  return [
    taskGradient.mul(change),
    ...(protectedGradient ? [protectedGradient.mul(change)] : []),
    constraintGradient ? constraintGradient.mul(change) : none,
  ];
}

/** Summed by task, but for the last, the constraint's, which is one. */
function total({ layout }: Objectives, parts: readonly Value[]): Value {
  const widths = layout.slots.map(({ task }) => outputWidth(task));
  const sums = parts.map((part, at) =>
    at < parts.length - 1 ? sumSegments(part.sum(0), widths) : part.sum().reshape([1]),
  );
  return sums[0]!.concat(sums.slice(1), 0);
}

/** The objectives that rise, by the output `slopes` of one step. */
export function risingAmong(slopes: ArrayLike<number>, objectives: readonly string[]): string[] {
  return objectives.filter((_, at) => slopes[at]! > tolerance * slopes[objectives.length + at]!);
}

/** What to audit, and when the proxy of the Gram matrix has failed. */
export interface Audit {
  /** Audits every so-many-th step. */
  readonly every: number;
  /**
   * The share of audited steps that may raise an objective. Above it the exact Gram matrix takes the proxy's place for
   * the rest of the run.
   */
  readonly threshold: number;
}

/** Between what was measured of the head-aware proxy (0.12 on average) and of MGDA-UB (0.36). */
export const defaultThreshold = 0.25;

/** Audited steps below which a share is no evidence. */
const leastAudits = 20;

/** Plain data. */
export interface AuditTally {
  readonly steps: number;
  /** Those of them that raised an objective. */
  readonly rising: number;
  /** How many steps raised it, by objective; 0 left out. */
  readonly byObjective: Readonly<Record<string, number>>;
}

export const noAudits: AuditTally = { steps: 0, rising: 0, byObjective: {} };

/** @param slopes the output `slopes` of each audited step */
export function tallyAudits(slopes: readonly ArrayLike<number>[], objectives: readonly string[]): AuditTally {
  return slopes
    .map((values) => risingAmong(values, objectives))
    .map((rising) => ({
      steps: 1,
      rising: Math.min(1, rising.length),
      byObjective: Object.fromEntries(rising.map((name) => [name, 1])),
    }))
    .reduce(joinTallies, noAudits);
}

export function joinTallies(a: AuditTally, b: AuditTally): AuditTally {
  const byObjective = { ...a.byObjective };
  for (const [name, count] of Object.entries(b.byObjective))
    byObjective[name] = (byObjective[name] ?? 0) + count;
  return { steps: a.steps + b.steps, rising: a.rising + b.rising, byObjective };
}

/** Whether the exact Gram matrix is to take over: a share above the threshold, of enough audited steps. */
export function fallsBack({ steps, rising }: AuditTally, { threshold }: Audit): boolean {
  return steps >= leastAudits && rising > threshold * steps;
}
