// Group statistics over batches: decayed means whose value is the estimate and whose gradient is the batch's
// (straight-through), so that a small group is neither noise nor silent (METHOD §2.1, our reading).
import type { Update } from '../graph/node.ts';
import type { Operand, Value } from '../graph/value.ts';
import { concordance } from '../mtl/index.ts';
import type { ConcordanceColumns, MeanColumns } from './servedness.ts';
import type { Levels } from './shortfall.ts';

/** Counts are floored here, long before float32 underflow: an absent cell keeps its estimate for ever. */
const leastCount = 1e-20;

export interface EstimateSettings {
  /** Factor a step on past counts, in (0, 1): `2^(−1/half-life)`. */
  readonly decay: Operand;
  /** Decayed count from which on a cell is eligible. */
  readonly minCount: Operand;
}

export interface Estimates {
  /** The differentiable statistic: decayed value, batch gradient. */
  readonly soft: Levels;
  /** The same on hard decisions; no gradient. */
  readonly hard: Levels;
  /** Decayed counts, `[K, S, G]`. */
  readonly counts: Value;
  readonly updates: Update<Value>[];
}

/** One-hot membership `[n, S·G]` from cell indices f32 `[n, S]`; a negative index (unknown) belongs to no cell. */
export function membership(groups: Value, largest: number): Value {
  const [n, partitions] = groups.shape as readonly [number, number];
  const cells = groups.graph.iota([n, partitions, largest], 2).cast('f32');
  return cells
    .eq(groups.unsqueeze(2))
    .cast('f32')
    .reshape([n, partitions * largest]);
}

/** `[K, S, G]`. */
type CellShape = readonly [columns: number, partitions: number, cells: number];

/** Means of columns over cells. */
export function estimateMeans(
  columns: MeanColumns,
  members: Value,
  shape: CellShape,
  settings: EstimateSettings,
): Estimates {
  const { soft } = columns;
  const hard = columns.hard.stopGradient();
  const still = soft.stopGradient();
  const cells = new CellMeans('fairness/means', columns.counted, members, shape, settings);
  const levels = (served: Value, square: Value): Levels => ({
    served,
    errors: cells.standardError(square.sub(served.stopGradient().square())),
    eligible: cells.eligible,
  });
  return {
    soft: levels(cells.withGradient('soft', soft), cells.mean('soft-square', still.square())),
    hard: levels(cells.mean('hard', hard), cells.mean('hard-square', hard.square())),
    counts: cells.counts,
    updates: cells.updates,
  };
}

/** Concordance of prediction and label over cells, from decayed moments. Decisions are the predictions themselves. */
export function estimateConcordances(
  columns: ConcordanceColumns,
  members: Value,
  shape: CellShape,
  settings: EstimateSettings,
): Estimates {
  const { predicted: x, actual: y } = columns;
  const cells = new CellMeans('fairness/moments', columns.counted, members, shape, settings);
  const served = concordance({
    x: cells.withGradient('x', x),
    y: cells.withGradient('y', y),
    xx: cells.withGradient('xx', x.square()),
    yy: cells.withGradient('yy', y.square()),
    xy: cells.withGradient('xy', x.mul(y)),
  });
  const errors = cells.standardError(served.stopGradient().square().neg().add(1).square());
  const { eligible, counts, updates } = cells;
  return {
    soft: { served, errors, eligible },
    hard: { served: served.stopGradient(), errors, eligible },
    counts,
    updates,
  };
}

/**
 * Means of columns `[n, K]` over cells, under a common decayed count: an absent cell keeps its mean exactly, while its
 * count shrinks. All results `[K, S, G]`.
 */
class CellMeans {
  readonly updates: Update<Value>[] = [];
  /** Decayed, after this batch. */
  readonly counts: Value;
  readonly eligible: Value;
  readonly #name: string;
  readonly #counted: Value;
  readonly #members: Value;
  readonly #shape: CellShape;
  readonly #inBatch: Value;
  readonly #past: Value;

  constructor(
    name: string,
    counted: Value,
    members: Value,
    shape: CellShape,
    { decay, minCount }: EstimateSettings,
  ) {
    this.#name = name;
    this.#counted = counted;
    this.#members = members;
    this.#shape = shape;
    this.#inBatch = this.#overCells(counted.cast('f32'));
    const state = counted.graph.state(`${name}/counts`, shape);
    this.#past = state.mul(decay);
    this.counts = this.#past.add(this.#inBatch).maximum(state.gt(0).select(leastCount, 0));
    this.eligible = this.counts.ge(minCount).and(this.counts.gt(0));
    this.updates.push({ target: state, value: this.counts });
  }

  /** The decayed mean with this batch in it; no gradient. */
  mean(name: string, column: Value): Value {
    return this.#decayed(name, this.#total(column).stopGradient());
  }

  /** The value of the decayed mean, the gradient of the batch's where the batch has any (straight-through). */
  withGradient(name: string, column: Value): Value {
    const total = this.#total(column);
    const batch = total.div(this.#inBatch.maximum(1));
    const carrier = this.#inBatch.gt(0).select(batch.sub(batch.stopGradient()), 0);
    return this.#decayed(name, total.stopGradient()).add(carrier);
  }

  standardError(variance: Value): Value {
    return variance.maximum(0).div(this.counts.maximum(1)).sqrt().stopGradient();
  }

  #decayed(name: string, sum: Value): Value {
    const state = sum.graph.state(`${this.#name}/${name}`, this.#shape);
    const mixed = state.mul(this.#past).add(sum).div(this.counts.maximum(leastCount));
    const next = this.#inBatch.gt(0).select(mixed, state);
    this.updates.push({ target: state, value: next });
    return next.stopGradient();
  }

  #total(column: Value): Value {
    return this.#overCells(this.#counted.select(column, 0));
  }

  #overCells(column: Value): Value {
    return column.matmul(this.#members, { transA: true }).reshape(this.#shape);
  }
}
