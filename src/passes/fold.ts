// Arithmetic on literals, done when the plan is made: means, decay rates and gradients are full of it, and WGSL refuses
// constant expressions that overflow.
import type { OpName } from '../graph/attrs.ts';
import type { Node, NodeWith } from '../graph/node.ts';
import { ops } from '../ops/index.ts';
import { allocate } from '../tensor/types.ts';

type Literal = NodeWith<'literal'>;

/** The literal that `node` holds in every element, if any. */
export function literalOf(node: Node): Literal | undefined {
  if (node.op === 'expand' || node.op === 'reshape') return literalOf(node.inputs[0]!);
  return node.op === 'literal' ? node : undefined;
}

/** A pointwise node over literals alone becomes the literal of its value, stretched to its shape. */
export function foldLiterals(node: Node): Node {
  if (node.inputs.length === 0 || node.op === 'philox' || ops[node.op].lower.kind !== 'pointwise')
    return node;
  const operands = node.inputs.flatMap((input) => literalOf(input) ?? []);
  if (operands.length < node.inputs.length) return node;
  const { id, dtype, shape, name, site } = node;
  const value = compute({ ...node, inputs: operands, shape: [] }, operands);
  const none = Object.freeze([]);
  const literal: Literal = Object.freeze({
    ...{ id, dtype, name, site },
    ...{ op: 'literal', inputs: none, attrs: { value }, shape: none },
  });
  if (shape.length === 0) return literal;
  return Object.freeze({
    ...{ id, dtype, name, site, shape },
    ...{ op: 'expand', inputs: Object.freeze([literal]), attrs: { shape } },
  });
}

/** By the CPU definition, rounded to float32 as on the device. */
function compute<K extends OpName>(node: NodeWith<K>, operands: readonly Literal[]): number {
  const inputs = operands.map(({ dtype, attrs }) => allocate(dtype, 1).fill(attrs.value));
  const output = allocate(node.dtype, 1);
  ops[node.op].cpu(node, inputs, output);
  return output[0]!;
}
