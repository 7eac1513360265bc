// Finds the first node of a step whose value has a NaN or an infinity: a second program counts, for every float node,
// the elements that fail the bit test.
import { type Node, topologicalOrder } from '../graph/node.ts';
import { Value } from '../graph/value.ts';
import type { ProgramSpec } from './executable.ts';
import type { Program } from './program.ts';

export interface NonFinite {
  /** The node's name. */
  readonly node: string;
  readonly op: string;
  readonly site: string;
  /** How many of its elements are NaN or infinite. */
  readonly count: number;
}

function floatNodes({ outputs, updates = [] }: ProgramSpec): Value[] {
  const values = [...Object.values(outputs), ...updates.map((update) => update.value)];
  const graph = values[0]!.graph;
  const isFloat = (node: Node): boolean => node.dtype === 'f32' && node.op !== 'literal';
  return topologicalOrder(values.map((value) => value.node))
    .filter(isFloat)
    .map((node) => new Value(graph, node));
}

export const findNonFinite = {
  /** One output: a count for each float node, in topological order. */
  outputs(spec: ProgramSpec): Record<string, Value> {
    const [first, ...rest] = floatNodes(spec).map((value) =>
      value.isFinite().not().cast('u32').sum().reshape([1]),
    );
    return { counts: first!.concat(rest, 0) };
  },

  async first(checker: Program, spec: ProgramSpec): Promise<NonFinite | null> {
    const counts = await checker.read('counts');
    const nodes = floatNodes(spec).map((value) => value.node);
    const at = counts.findIndex((count) => count > 0);
    if (at < 0) return null;
    const { name, op, site } = nodes[at]!;
    return { node: name, op, site: site.toString(), count: counts[at]! };
  },
};
