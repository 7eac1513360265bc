// A node of the static graph: frozen, one output, inputs before it.
import type { DType, Shape, TensorType } from '../tensor/types.ts';
import type { OpAttrs, OpName } from './attrs.ts';
import type { Site } from './site.ts';

interface NodeOf<K extends OpName> extends TensorType {
  readonly id: number;
  readonly op: K;
  readonly inputs: readonly Node[];
  readonly attrs: OpAttrs[K];
  readonly shape: Shape;
  readonly dtype: DType;
  /** Unique in its graph: `scope/op_id`, or the leaf's own name. */
  readonly name: string;
  /** The user's line that made it; prints as `file:line:column`. */
  readonly site: Site;
}

/** Discriminated by `op`: `if (node.op === 'sum') node.attrs.axes`. */
export type Node = { [K in OpName]: NodeOf<K> }[OpName];
export type NodeWith<K extends OpName> = NodeOf<K>;

/** The only side effect of a step: after everything was read, `target` (a state leaf) becomes `value`. */
export interface Update<V = Node> {
  readonly target: V;
  readonly value: V;
}

/** All nodes that `roots` need, inputs before users (depth first, so the order depends on the graph alone). */
export function topologicalOrder(roots: readonly Node[]): Node[] {
  const seen = new Set<Node>();
  const order: Node[] = [];
  const stack: { node: Node; next: number }[] = [];
  for (const root of roots) {
    if (seen.has(root)) continue;
    seen.add(root);
    stack.push({ node: root, next: 0 });
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const input = top.node.inputs[top.next++];
      if (input === undefined) {
        order.push(top.node);
        stack.pop();
      } else if (!seen.has(input)) {
        seen.add(input);
        stack.push({ node: input, next: 0 });
      }
    }
  }
  return order;
}

/** The same node over other inputs (of the same types); itself where they are the same nodes. */
export function withInputs(node: Node, inputs: readonly Node[]): Node {
  if (inputs.every((input, at) => input === node.inputs[at])) return node;
  return Object.freeze({ ...node, inputs: Object.freeze([...inputs]) });
}
