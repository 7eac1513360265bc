// The gradient of a tensor that was read slice by slice is a sum of zero-padded pieces. Where the pieces lie side by side
// it is their concat: no zero is written, and nothing is added.
import type { Node, NodeWith } from '../graph/node.ts';
import { sameShape } from '../tensor/shape.ts';

/** A node's elements between zeros, along one axis. */
interface Padded {
  readonly inside: Node;
  readonly axis: number;
  readonly low: number;
  readonly high: number;
}

/** A sum of two padded pieces that touch, as a padded concat; any other node as it is. */
export function joinPads(node: Node): Node {
  if (node.op !== 'add') return node;
  const [a, b] = node.inputs.map(paddedOf);
  if (!a || !b || a.axis !== b.axis || !sameShape(node.inputs[0]!.shape, node.inputs[1]!.shape)) return node;
  const [first, second] = a.low < b.low ? [a, b] : [b, a];
  const { axis, low } = first;
  const extent = node.shape[axis]!;
  if (extent - first.high !== second.low) return node;
  const inside = concatOf(node, axis, [first.inside, second.inside]);
  return pad(node, { inside, axis, low, high: second.high });
}

function paddedOf(node: Node): Padded | undefined {
  if (node.op !== 'pad' || node.attrs.value !== 0) return undefined;
  const { low, high } = node.attrs;
  const axes = node.shape.flatMap((_, axis) => (low[axis] || high[axis] ? [axis] : []));
  const [axis] = axes;
  if (axis === undefined || axes.length > 1) return undefined;
  return { inside: node.inputs[0]!, axis, low: low[axis]!, high: high[axis]! };
}

function concatOf({ id, dtype, shape, name, site }: Node, axis: number, parts: readonly Node[]): Node {
  const isSame = (part: Node): part is NodeWith<'concat'> => part.op === 'concat' && part.attrs.axis === axis;
  const inputs = Object.freeze(parts.flatMap((part) => (isSame(part) ? part.inputs : [part])));
  const extent = inputs.reduce((sum, input) => sum + input.shape[axis]!, 0);
  return Object.freeze({
    ...{ id, dtype, name, site, op: 'concat', inputs },
    attrs: Object.freeze({ axis }),
    shape: Object.freeze(shape.map((old, at) => (at === axis ? extent : old))),
  });
}

function pad({ id, dtype, shape, name, site }: Node, { inside, axis, low, high }: Padded): Node {
  if (low + high === 0) return inside;
  const widths = (width: number): readonly number[] =>
    Object.freeze(shape.map((_, at) => (at === axis ? width : 0)));
  return Object.freeze({
    ...{ id, dtype, name, site, shape, op: 'pad', inputs: Object.freeze([inside]) },
    attrs: Object.freeze({ low: widths(low), high: widths(high), value: 0 }),
  });
}
