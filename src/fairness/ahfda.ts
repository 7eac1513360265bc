// AHFDA: the asymmetric heterogeneous fairness disparity aggregation, from model outputs to one violation a task, and
// the signed signal that drives its multiplier. Our reading of the method (METHOD §2): only the abstract of
// arXiv 2512.00469 was at hand, which names the parts and gives no equation.
import type { Graph } from '../graph/graph.ts';
import type { Update } from '../graph/node.ts';
import type { Operand, Value } from '../graph/value.ts';
import type { Labels, TaskLayout } from '../mtl/index.ts';
import { aggregate } from './aggregation.ts';
import { type Estimates, estimateConcordances, estimateMeans, membership } from './estimates.ts';
import type { FairnessSpec, Partition } from './notions.ts';
import { type ColumnName, servednessColumns } from './servedness.ts';
import {
  type Anchor,
  bestServed,
  hinge,
  type Levels,
  makeAnchor,
  noCell,
  type Reference,
  shortfalls,
} from './shortfall.ts';

/** All may be scalars of the program, to change while it runs. */
export interface AhfdaSettings {
  /** κ: sharpening of probabilities; 0.4 by default of the trainer. */
  readonly temperature: Operand;
  /** Factor a step on past counts, `2^(−1/half-life)`. */
  readonly decay: Operand;
  readonly minCount: Operand;
  /** z. */
  readonly noise: Operand;
  /** δ of the hinge, > 0. */
  readonly delta: Operand;
  /** τ of the aggregation, > 0. */
  readonly tau: Operand;
  readonly anchorRate: Operand;
  readonly anchorDecay: Operand;
  /** ε of each task, `[T]`. */
  readonly tolerance: Value;
}

export interface AhfdaInputs {
  readonly graph: Graph;
  readonly layout: TaskLayout;
  /** One entry a task of the layout; `undefined` leaves the task unconstrained. */
  readonly specs: readonly (FairnessSpec | undefined)[];
  readonly partitions: readonly Partition[];
  readonly reference: Reference;
  /**
   * bool `[T]`: whether the constraint acts on the task. Only while it does not is the best served's level one that
   * utility alone has reached, and the anchors follow it. Being within tolerance is no sign of that: a constraint that
   * has just lifted everyone would take its own work for the anchor, and climb on.
   */
  readonly acting: Value;
  readonly outputs: Value;
  readonly labels: Labels;
  /** Cell indices f32 `[n, S]`, −1 where unknown. */
  readonly groups: Value;
  readonly settings: AhfdaSettings;
}

/** One statistic a column, partition and cell: `[K, S, G]`, padded with cells that are never eligible. */
export interface Ahfda {
  readonly columns: readonly ColumnName[];
  /** `A_t ≥ 0`, `[T]`: 0 exactly where every cell is within tolerance. */
  readonly violation: Value;
  /** `c_t`, `[T]`: the signed worst shortfall on hard decisions; −1 for a task with nothing to compare. */
  readonly signal: Value;
  readonly soft: Levels;
  readonly hard: Levels;
  /** Shortfalls `e` of the differentiable statistics. */
  readonly shortfalls: Value;
  readonly counts: Value;
  /** Anchors of the soft statistics, `[K, S, 1]`; −1e30 until a cell was eligible. */
  readonly anchors: Value;
  /** bool `[n, T]`: who is in a best-served cell of each task, under any of its conditions and partitions. */
  readonly inBestServed: Value;
  readonly updates: Update<Value>[];
}

export function ahfda(inputs: AhfdaInputs): Ahfda {
  const { graph, layout, partitions, reference, settings } = inputs;
  const { names, members, estimates, updates } = groupStatistics(inputs);
  const [soft, hard, counts] = [
    joinLevels(estimates.map((estimate) => estimate.soft)),
    joinLevels(estimates.map((estimate) => estimate.hard)),
    joinRows(estimates.map((estimate) => estimate.counts)),
  ];
  const tasks = layout.slots.length;
  const owner = names.map((name) => name.task);
  const ofTask = graph.constant(ownership(owner, tasks), [tasks, names.length], 'bool');
  const byColumn = graph.constant(owner, [names.length], 'u32');
  const tolerance = settings.tolerance.gather(byColumn).reshape([-1, 1, 1]);
  const shape: [number, number] = [names.length, partitions.length];

  const softAnchor = makeAnchor(graph, reference, shape, 'fairness/anchor');
  const hardAnchor = makeAnchor(graph, reference, shape, 'fairness/hard-anchor');
  const measured = (levels: Levels, anchor: Anchor) => {
    const best = bestServed(levels);
    return {
      best,
      shortfall: shortfalls(levels, anchor.reference(best), { tolerance, noise: settings.noise }),
    };
  };
  const primal = measured(soft, softAnchor);
  const dual = measured(hard, hardAnchor);
  const violations = soft.eligible.select(hinge(primal.shortfall, settings.delta), 0);
  const byCell = aggregate(violations.reshape([names.length, -1]), settings.tau);
  const violation = aggregate(ofTask.select(byCell, 0), settings.tau);
  const worst = ofTask.select(dual.shortfall.reshape([names.length, -1]).max(-1), noCell).max(-1);
  const follows = inputs.acting.not().gather(byColumn).reshape([-1, 1, 1]);
  const anchorSettings = { follows, followRate: settings.anchorRate, decay: settings.anchorDecay };
  return {
    columns: names,
    violation,
    signal: worst
      .gt(noCell / 2)
      .select(worst, -1)
      .stopGradient(),
    soft,
    hard,
    shortfalls: primal.shortfall,
    counts,
    anchors: softAnchor.level(primal.best),
    inBestServed: bestMembers(soft, primal.best, ofTask, members),
    updates: [
      ...updates,
      ...softAnchor.update(primal.best, anchorSettings),
      ...hardAnchor.update(dual.best, anchorSettings),
    ],
  };
}

function bestMembers({ served, eligible }: Levels, best: Value, ofTask: Value, members: Value): Value {
  const isBest = eligible.and(served.eq(best)).cast('f32');
  const byTask = ofTask.cast('f32').matmul(isBest.reshape([ofTask.shape[1]!, -1]));
  return members.matmul(byTask, { transB: true }).gt(0);
}

export type StatisticsInputs = Omit<AhfdaInputs, 'graph' | 'reference' | 'acting'>;

/** Group statistics of all columns of all constrained tasks. Comparators use them too. */
export function groupStatistics({
  layout,
  specs,
  partitions,
  outputs,
  labels,
  groups,
  settings,
}: StatisticsInputs): {
  readonly names: readonly ColumnName[];
  /** One-hot, `[n, S·G]`. */
  readonly members: Value;
  readonly estimates: readonly Estimates[];
  readonly updates: Update<Value>[];
} {
  const largest = Math.max(...partitions.map((partition) => partition.cells.length));
  const columns = servednessColumns({ layout, specs, outputs, labels, temperature: settings.temperature });
  const members = membership(groups, largest);
  const estimates: Estimates[] = [];
  const names: ColumnName[] = [];
  if (columns.means) {
    const { names: own } = columns.means;
    estimates.push(estimateMeans(columns.means, members, [own.length, partitions.length, largest], settings));
    names.push(...own);
  }
  if (columns.concordances) {
    const { names: own } = columns.concordances;
    estimates.push(
      estimateConcordances(columns.concordances, members, [own.length, partitions.length, largest], settings),
    );
    names.push(...own);
  }
  return { names, members, estimates, updates: estimates.flatMap((estimate) => estimate.updates) };
}

/** 1 where column k belongs to task t, `[T, K]`. */
function ownership(owner: readonly number[], tasks: number): Uint8Array {
  const matrix = new Uint8Array(tasks * owner.length);
  owner.forEach((task, column) => {
    matrix[task * owner.length + column] = 1;
  });
  return matrix;
}

export function joinLevels(parts: readonly Levels[]): Levels {
  return {
    served: joinRows(parts.map((part) => part.served)),
    errors: joinRows(parts.map((part) => part.errors)),
    eligible: joinRows(parts.map((part) => part.eligible)),
  };
}

function joinRows(parts: readonly Value[]): Value {
  const [first, ...rest] = parts;
  return first!.concat(rest, 0);
}
