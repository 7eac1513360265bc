// Reverse mode, graph to graph: walks the forward nodes backwards and appends their gradients as further nodes of
// the same graph, so a gradient can itself be differentiated. Iterative, and linear in the number of edges.
import type { OpName } from '../graph/attrs.ts';
import { type Node, type NodeWith, topologicalOrder } from '../graph/node.ts';
import { Value } from '../graph/value.ts';
import { ops } from '../ops/index.ts';
import { GraphError, misuse } from '../tensor/errors.ts';
import { sameShape } from '../tensor/shape.ts';
import { formatType, type TensorType } from '../tensor/types.ts';

/**
 * The vector–Jacobian product: the gradients with respect to `wrt` of Σ ⟨outputs[i], cotangents[i]⟩.
 *
 * `wrt` may hold any f32 values, leaves or not; each gradient has the shape of its value. One that no output
 * depends on (or only through ops without a gradient) gets zeros. Nothing flows through i32, u32 and bool.
 *
 * @throws GraphError for a cotangent whose shape is not its output's, or a value that is not f32
 */
export function vjp(outputs: readonly Value[], cotangents: readonly Value[], wrt: readonly Value[]): Value[] {
  checkCall(outputs, cotangents, wrt);
  const order = topologicalOrder(outputs.map((output) => output.node));
  const onPath = dependents(order, wrt);
  const gradients = new Map<Node, Value>();
  const accumulate = (node: Node, gradient: Value): void => {
    const sum = gradients.get(node);
    gradients.set(node, sum ? inScope(gradient, node, () => sum.add(gradient)) : gradient);
  };
  outputs.forEach(({ node }, i) => {
    accumulate(node, cotangents[i]!);
  });
  for (const node of order.reverse()) {
    const g = gradients.get(node);
    if (g === undefined || !onPath.has(node)) continue;
    const flowing = inScope(g, node, () => pullBack(node, g));
    node.inputs.forEach((input, i) => {
      const gradient = flowing[i];
      if (gradient && onPath.has(input)) accumulate(input, checked(gradient, input, node));
    });
  }
  return wrt.map(({ node, graph }) => gradients.get(node) ?? graph.literal(0).expand(node.shape));
}

/** Those of `order` through which a gradient can reach one of `wrt`, these included. */
function dependents(order: readonly Node[], wrt: readonly Value[]): Set<Node> {
  const onPath = new Set(wrt.map((value) => value.node));
  for (const node of order) {
    const passes = node.dtype === 'f32' && ops[node.op].vjp !== 'none';
    if (passes && node.inputs.some((input) => onPath.has(input))) onPath.add(node);
  }
  return onPath;
}

function pullBack<K extends OpName>(node: NodeWith<K>, g: Value): readonly (Value | null)[] {
  const rule = ops[node.op].vjp;
  if (rule === 'none') return [];
  const { graph } = g;
  const inputs = node.inputs.map((input) => new Value(graph, input));
  return rule({ g, inputs, output: new Value(graph, node as unknown as Node), attrs: node.attrs });
}

/** Nodes of a gradient are named after the forward node: `grad/mlp/matmul_3/matmul_57`. */
function inScope<T>({ graph }: Value, node: Node, build: () => T): T {
  return graph.scope(`grad/${node.name}`, build);
}

/** The rules of the table always fit; a user's `customVjp` may not. */
function checked(gradient: Value, input: Node, node: Node): Value {
  if (gradient.dtype === 'f32' && sameShape(gradient.shape, input.shape)) return gradient;
  const call = `backward of ${node.op} '${node.name}'`;
  throw mismatch(call, `${formatType(input)} for '${input.name}'`, gradient, node.site);
}

function checkCall(outputs: readonly Value[], cotangents: readonly Value[], wrt: readonly Value[]): void {
  if (outputs.length !== cotangents.length) {
    throw new GraphError(
      misuse('vjp', `${outputs.length} cotangents, one an output`, `${cotangents.length}`),
    );
  }
  for (const { node } of [...outputs, ...wrt]) {
    if (node.dtype !== 'f32') throw mismatch('vjp', `f32 for '${node.name}'`, node, node.site);
  }
  outputs.forEach(({ node }, i) => {
    const cotangent = cotangents[i]!;
    if (cotangent.dtype === 'f32' && sameShape(cotangent.shape, node.shape)) return;
    throw mismatch('vjp', `a cotangent ${formatType(node)} for '${node.name}'`, cotangent, node.site);
  });
}

function mismatch(call: string, expected: string, got: TensorType, site: Node['site']): GraphError {
  return new GraphError(misuse(call, expected, formatType(got), site));
}
