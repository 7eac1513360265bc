// Reads without copies: reshape, permute, expand and slice are other ways to index the source's buffer. Where a
// consumer cannot index freely (a hand-written kernel, a reshape of a transposed tensor), a copy is made explicit.

import type { OpName } from '../graph/attrs.ts';
import { type Node, topologicalOrder, withInputs } from '../graph/node.ts';
import { type Lowering, ops, type View } from '../ops/index.ts';
import { contiguousStrides, numel } from '../tensor/shape.ts';

/** How a node's elements are read: from `source` (which is no view), by `view`. */
export interface Access {
  readonly source: Node;
  readonly view: View;
}

export interface Viewed {
  /** In topological order, views included. */
  readonly nodes: readonly Node[];
  readonly access: ReadonlyMap<Node, Access>;
  /** The node that stands for each output: a contiguous read of a computed node. */
  readonly outputs: readonly Node[];
  /** The node that stands for each update's value: a computed node, read whole and in its own order. */
  readonly values: readonly Node[];
}

/** The nodes whose values must outlive the step. */
export function keptSources({ access, outputs, values }: Viewed): Set<Node> {
  return new Set([...outputs, ...values].map((node) => access.get(node)!.source));
}

export function loweringOf(node: Node): Lowering<OpName> {
  return ops[node.op].lower as unknown as Lowering<OpName>;
}

export function isContiguous(view: View): boolean {
  const dense = contiguousStrides(view.shape);
  return view.shape.every((extent, axis) => extent === 1 || view.strides[axis] === dense[axis]);
}

/** Reads all of `source` in its own order: the linear index is the same. */
export function isIdentity({ source, view }: Access): boolean {
  return view.offset === 0 && isContiguous(view) && numel(view.shape) === numel(source.shape);
}

export function resolveViews(outputs: readonly Node[], values: readonly Node[]): Viewed {
  const access = new Map<Node, Access>();
  const replaced = new Map<Node, Node>();
  const copies = new Map<Node, Node>();

  const own = (node: Node): Access => ({
    source: node,
    view: { shape: node.shape, strides: contiguousStrides(node.shape), offset: 0 },
  });
  const copyOf = (node: Node): Node => {
    let copy = copies.get(node);
    if (!copy) {
      copy = contiguousCopy(node);
      copies.set(node, copy);
      access.set(copy, own(copy));
    }
    return copy;
  };
  const contiguous = (node: Node): Node => {
    const { source, view } = access.get(node)!;
    const inRegister = source.op === 'literal' || source.op === 'scalar';
    return inRegister || !isContiguous(view) ? copyOf(node) : node;
  };

  for (const original of topologicalOrder([...outputs, ...values])) {
    const lowering = loweringOf(original);
    let inputs = original.inputs.map((input) => replaced.get(input)!);
    if (lowering.kind === 'kernel') inputs = inputs.map(contiguous);
    if (lowering.kind === 'view') {
      const read = (input: Node): View | null => lowering.view(original, access.get(input)!.view);
      if (read(inputs[0]!) === null) inputs = [copyOf(inputs[0]!)];
      const view = read(inputs[0]!);
      if (view === null)
        throw new Error(`${original.op}: no view even of a contiguous input (${original.name})`);
      const node = withInputs(original, inputs);
      replaced.set(original, node);
      access.set(node, { source: access.get(inputs[0]!)!.source, view });
    } else {
      const node = withInputs(original, inputs);
      replaced.set(original, node);
      access.set(node, own(node));
    }
  }
  const kept = (root: Node, fits: (access: Access) => boolean): Node => {
    const node = replaced.get(root)!;
    const read = access.get(node)!;
    return loweringOf(read.source).kind !== 'leaf' && fits(read) ? node : copyOf(node);
  };
  const keptOutputs = outputs.map((output) => kept(output, ({ view }) => isContiguous(view)));
  const keptValues = values.map((value) => kept(value, isIdentity));
  return {
    nodes: topologicalOrder([...keptOutputs, ...keptValues]),
    access,
    outputs: keptOutputs,
    values: keptValues,
  };
}

/** A cast to the same dtype: pointwise, so that it fuses with its neighbours. */
function contiguousCopy(node: Node): Node {
  const { id, shape, dtype, site } = node;
  const attrs = Object.freeze({ dtype });
  return Object.freeze({
    id,
    op: 'cast',
    inputs: Object.freeze([node]),
    attrs,
    shape,
    dtype,
    name: `${node.name}:copy`,
    site,
  });
}
