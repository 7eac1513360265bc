// Directional shortfall against an anchored reference (METHOD §2.2, our reading): who is served worse than the level
// that utility alone reached for the best served, beyond tolerance and noise.
import type { Graph } from '../graph/graph.ts';
import type { Update } from '../graph/node.ts';
import type { Operand, Value } from '../graph/value.ts';

/**
 * What the worse served are measured against. `anchored`: the best-served level that utility alone reached; while the
 * best served stand above it they are the reference themselves, with their gradient, so that what the constraint added
 * can be taken back. `stopped-anchor` keeps the anchor but stops that gradient; `stopped-maximum` is the plain best of
 * the moment, stopped: both are negative controls, which run away or level down. `fixed`: levels of the user's own, a
 * baseline model's or a target.
 */
export type Reference =
  | { readonly kind: 'anchored' | 'stopped-anchor' | 'stopped-maximum' }
  /** One level a column and partition, `[K, S]` row-major. */
  | { readonly kind: 'fixed'; readonly levels: readonly number[] };

/** Stands for "no such cell": below any statistic, and far from overflow. */
export const noCell = -1e30;

export interface Levels {
  /** `[K, S, G]`. */
  readonly served: Value;
  /** Standard errors of `served`. */
  readonly errors: Value;
  /** bool: counted often enough to set the reference or to violate. */
  readonly eligible: Value;
}

export interface ShortfallSettings {
  /** `[K, 1, 1]`. */
  readonly tolerance: Value;
  /** z ≥ 0: standard errors taken off a shortfall. */
  readonly noise: Operand;
}

/** The best eligible cell of each column and partition, `[K, S, 1]`; `noCell` where there is none. */
export function bestServed({ served, eligible }: Levels): Value {
  return eligible.select(served, noCell).max(-1, true);
}

/** `e = R − S − ε − z·se`; `noCell` for cells that are not eligible. */
export function shortfalls(levels: Levels, reference: Value, { tolerance, noise }: ShortfallSettings): Value {
  const { served, errors, eligible } = levels;
  return eligible.select(reference.sub(served).sub(tolerance).sub(errors.mul(noise)), noCell);
}

/** `0` for e ≤ 0, `e²/2δ` up to δ, `e − δ/2` beyond: C¹, and exactly zero with zero slope within tolerance. */
export function hinge(shortfall: Value, delta: Operand): Value {
  const quadratic = shortfall.square().div(delta).mul(0.5);
  const linear = shortfall.sub(shortfall.graph.literal(0.5).mul(delta));
  return shortfall.gt(0).select(shortfall.lt(delta).select(quadratic, linear), 0);
}

export interface AnchorSettings {
  /** bool `[K, 1, 1]`: the constraint does not act on the column's task, so the anchor follows the best served. */
  readonly follows: Value;
  /** How far it follows a step, in (0, 1]. */
  readonly followRate: Operand;
  /** How far it may fall a step while the constraint acts, in [0, 1): the ratchet's slow decay. */
  readonly decay: Operand;
}

export interface Anchor {
  /** `[K, S, 1]`, with the gradient that the kind of reference lets through. */
  reference(best: Value): Value;
  /** The anchor itself, `[K, S, 1]`: `best` until a first best-served level was seen. */
  level(best: Value): Value;
  update(best: Value, settings: AnchorSettings): Update<Value>[];
}

export function makeAnchor(
  graph: Graph,
  kind: Reference,
  [columns, partitions]: readonly [number, number],
  name: string,
): Anchor {
  const shape = [columns, partitions, 1];
  if (kind.kind === 'fixed') {
    const levels = graph.constant(kind.levels, shape);
    return { reference: () => levels, level: () => levels, update: () => [] };
  }
  const state = graph.state(name, shape, new Float32Array(columns * partitions).fill(noCell));
  const unset = state.lt(noCell / 2);
  const level = (best: Value): Value => unset.select(best.stopGradient(), state);
  return {
    level,
    reference(best) {
      const stopped = best.stopGradient();
      if (kind.kind === 'stopped-maximum') return stopped;
      const anchor = level(best);
      return stopped.gt(anchor).select(kind.kind === 'anchored' ? best : stopped, anchor);
    },
    update(best, { follows, followRate, decay }) {
      const now = best.stopGradient();
      const difference = now.sub(state);
      const followed = state.add(difference.mul(followRate));
      const ratcheted = state.add(difference.minimum(0).mul(decay));
      const known = now.gt(noCell / 2);
      const next = unset.select(now, follows.select(followed, ratcheted));
      return [{ target: state, value: known.select(next, state) }];
    },
  };
}
