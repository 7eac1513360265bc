// The loops of a fused chain. Its elements are visited in row-major order; a nest of loops is chosen such that every
// buffer read is walked by one constant stride a loop, so that addresses only ever advance.
import type { Run } from '../../codegen/position.ts';

/** One stride in elements for each loop. */
export type Walk = readonly number[];

/** Numbers of elements below each boundary between runs. */
function cuts(runs: readonly Run[]): number[] {
  const result: number[] = [];
  let below = 1;
  for (const run of runs.slice(1).reverse()) {
    below *= run.extent;
    result.push(below);
  }
  return result;
}

/**
 * Extents of the coarsest nest that suits all `reads` but those whose boundaries would cross those of earlier ones,
 * outermost first; none for a single element.
 */
export function nestFor(size: number, reads: readonly (readonly Run[])[]): number[] {
  let chosen: readonly number[] = [];
  for (const runs of reads) {
    const union = [...new Set([...chosen, ...cuts(runs)])].sort((a, b) => a - b);
    if (union.every((cut, at) => at === 0 || cut % union[at - 1]! === 0)) chosen = union;
  }
  const boundaries = [1, ...chosen, size];
  const extents = boundaries.slice(1).map((boundary, at) => boundary / boundaries[at]!);
  return extents.filter((extent) => extent > 1).reverse();
}

/** How `runs` are walked in loops of these extents, or `null` where the loops cut across them. */
export function walkOf(extents: readonly number[], runs: readonly Run[]): Walk | null {
  const walk: number[] = [];
  let step = 1;
  for (const extent of extents.toReversed()) {
    const stride = strideAcross(runs, step, extent);
    if (stride === null) return null;
    walk.unshift(stride);
    step *= extent;
  }
  return walk;
}

/** The stride for a move by `step` elements, `extent` times over, all within one run. */
function strideAcross(runs: readonly Run[], step: number, extent: number): number | null {
  let below = 1;
  for (const run of runs.toReversed()) {
    const above = below * run.extent;
    if (step < above) {
      const fits = step % below === 0 && above % (step * extent) === 0;
      return fits ? run.stride * (step / below) : null;
    }
    below = above;
  }
  return null;
}

/** How many loops must be entered before the walk's address is known. */
export function depthOf(walk: Walk): number {
  return walk.findLastIndex((stride) => stride !== 0) + 1;
}
