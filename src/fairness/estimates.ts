// Group statistics over batches: decayed means whose value is the estimate and whose gradient is the batch's
// (straight-through), so that a small group is neither noise nor silent (METHOD §2.1, our reading).
import type { Graph } from '../graph/graph.ts';
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

/** Means of columns over cells. `shape`: `[K, S, G]`. */
export function estimateMeans(
  columns: MeanColumns,
  members: Value,
  shape: readonly [number, number, number],
  settings: EstimateSettings,
): Estimates {
  const [width, partitions, largest] = shape;
  const flat = [width, partitions * largest];
  const { soft, counted } = columns;
  const hard = columns.hard.stopGradient();
  const still = soft.stopGradient();
  const total = (x: Value): Value => counted.select(x, 0).matmul(members, { transA: true });
  const inBatch = counted.cast('f32').matmul(members, { transA: true });
  const decayed = new DecayedMeans(soft.graph, 'fairness/means', flat, inBatch, settings.decay);
  const batchSoft = total(soft).div(inBatch.maximum(1));
  const softMean = straightThrough(decayed.mean('soft', total(still)), batchSoft, inBatch);
  const softSquare = decayed.mean('soft-square', total(still.square()));
  const hardMean = decayed.mean('hard', total(hard));
  const hardSquare = decayed.mean('hard-square', total(hard.square()));
  const counts = decayed.counts;
  const eligible = counts.ge(settings.minCount).and(counts.gt(0)).reshape(shape);
  const levels = (mean: Value, square: Value): Levels => ({
    served: mean.reshape(shape),
    errors: standardError(square.sub(mean.stopGradient().square()), counts).reshape(shape),
    eligible,
  });
  return {
    soft: levels(softMean, softSquare),
    hard: levels(hardMean, hardSquare),
    counts: counts.reshape(shape),
    updates: decayed.updates,
  };
}

/** Concordance of prediction and label over cells, from decayed moments. Decisions are the predictions themselves. */
export function estimateConcordances(
  columns: ConcordanceColumns,
  members: Value,
  shape: readonly [number, number, number],
  settings: EstimateSettings,
): Estimates {
  const [width, partitions, largest] = shape;
  const flat = [width, partitions * largest];
  const { predicted: x, actual: y, counted } = columns;
  const total = (value: Value): Value => counted.select(value, 0).matmul(members, { transA: true });
  const inBatch = counted.cast('f32').matmul(members, { transA: true });
  const decayed = new DecayedMeans(x.graph, 'fairness/moments', flat, inBatch, settings.decay);
  const moment = (name: string, value: Value): Value => {
    const sum = total(value);
    return straightThrough(decayed.mean(name, sum.stopGradient()), sum.div(inBatch.maximum(1)), inBatch);
  };
  const moments = {
    x: moment('x', x),
    y: moment('y', y),
    xx: moment('xx', x.square()),
    yy: moment('yy', y.square()),
    xy: moment('xy', x.mul(y)),
  };
  const served = concordance(moments).reshape(shape);
  const counts = decayed.counts;
  const eligible = counts.ge(settings.minCount).and(counts.gt(0)).reshape(shape);
  const spread = served.stopGradient().square().neg().add(1).square();
  const errors = standardError(spread, counts.reshape(shape));
  return {
    soft: { served, errors, eligible },
    hard: { served: served.stopGradient(), errors, eligible },
    counts: counts.reshape(shape),
    updates: decayed.updates,
  };
}

/** Means under a common decayed count: an absent cell keeps its mean exactly, while its count shrinks. */
class DecayedMeans {
  readonly updates: Update<Value>[] = [];
  /** After this batch. */
  readonly counts: Value;
  readonly #graph: Graph;
  readonly #name: string;
  readonly #shape: readonly number[];
  readonly #inBatch: Value;
  readonly #past: Value;

  constructor(graph: Graph, name: string, shape: readonly number[], inBatch: Value, decay: Operand) {
    this.#graph = graph;
    this.#name = name;
    this.#shape = shape;
    this.#inBatch = inBatch;
    const counts = graph.state(`${name}/counts`, shape);
    this.#past = counts.mul(decay);
    this.counts = this.#past.add(inBatch).maximum(counts.gt(0).select(leastCount, 0));
    this.updates.push({ target: counts, value: this.counts });
  }

  /** The decayed mean with this batch's `sum` in it. */
  mean(name: string, sum: Value): Value {
    const state = this.#graph.state(`${this.#name}/${name}`, this.#shape);
    const mixed = state.mul(this.#past).add(sum).div(this.counts.maximum(leastCount));
    const next = this.#inBatch.gt(0).select(mixed, state);
    this.updates.push({ target: state, value: next });
    return next;
  }
}

/** The value of `estimate`, the gradient of `batch` where the batch has any. */
function straightThrough(estimate: Value, batch: Value, inBatch: Value): Value {
  const carrier = inBatch.gt(0).select(batch.sub(batch.stopGradient()), 0);
  return estimate.stopGradient().add(carrier);
}

function standardError(variance: Value, counts: Value): Value {
  return variance.maximum(0).div(counts.maximum(1)).sqrt().stopGradient();
}
