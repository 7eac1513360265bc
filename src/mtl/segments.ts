// Per-task values out of per-column ones: neighbouring columns of one task are summed or repeated.
import type { Value } from '../graph/value.ts';

/** Sums over runs of `widths` neighbouring columns: `[…, Σ widths]` → `[…, widths.length]`. */
export function sumSegments(columns: Value, widths: readonly number[]): Value {
  if (widths.every((width) => width === 1)) return columns;
  const lead = columns.shape.slice(0, -1);
  const first = widths[0]!;
  if (widths.every((width) => width === first))
    return columns.reshape([...lead, widths.length, first]).sum(-1);
  const last = columns.rank - 1;
  let start = 0;
  const [head, ...rest] = widths.map((width) => {
    const part = columns.narrow(last, start, start + width).sum(-1, true);
    start += width;
    return part;
  });
  return head!.concat(rest, last);
}

/** The segment that each column belongs to, as constant indices. */
export function segmentIndices(widths: readonly number[]): number[] {
  return widths.flatMap((width, segment) => new Array<number>(width).fill(segment));
}

/** Repeats `[S]` values over their segments' columns: → `[Σ widths]`. */
export function spreadSegments(values: Value, widths: readonly number[]): Value {
  if (widths.every((width) => width === 1)) return values;
  const indices = segmentIndices(widths);
  return values.gather(values.graph.constant(indices, [indices.length], 'u32'));
}

/** Joins vectors end to end. */
export function join(parts: readonly Value[]): Value {
  const [first, ...rest] = parts;
  return first!.concat(rest, 0);
}
