// Finds the first node of a step whose value has a NaN or an infinity: a second program counts, for every float node,
// the elements that fail the bit test.
import { type Node, topologicalOrder } from '../graph/node.ts';
import { Value } from '../graph/value.ts';
import type { HostArray } from '../tensor/types.ts';
import type { ProgramSpec } from './executable.ts';

export interface NonFinite {
  /** The node's name. */
  readonly node: string;
  readonly op: string;
  readonly site: string;
  /** How many of its elements are NaN or infinite. */
  readonly count: number;
}

/** The values that a check looks at, in topological order. */
export function floatNodes({ outputs, updates = [] }: ProgramSpec): Value[] {
  const values = [...Object.values(outputs), ...updates.map((update) => update.value)];
  const graph = values[0]!.graph;
  const isFloat = (node: Node): boolean => node.dtype === 'f32' && node.op !== 'literal';
  return topologicalOrder(values.map((value) => value.node))
    .filter(isFloat)
    .map((node) => new Value(graph, node));
}

/** The output of a program that checks `values`: how many elements of each are NaN or infinite. */
export function countNonFinite(values: readonly Value[]): Value {
  const counts = values.map((value) => value.isFinite().not().cast('u32').sum().reshape([1]));
  return counts[0]!.concat(counts.slice(1), 0);
}

export function firstNonFinite(values: readonly Value[], counts: HostArray): NonFinite | null {
  const at = counts.findIndex((count) => count > 0);
  if (at < 0) return null;
  const { name, op, site } = values[at]!.node;
  return { node: name, op, site: site.toString(), count: counts[at]! };
}
