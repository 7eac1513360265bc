// Graph → graph: shared subexpressions are made one, arithmetic on literals is done, identities go, transposes move
// into the matmul that reads them, gradients of slices that lie side by side are put side by side. Nothing here changes
// an answer by more than the op it removes (but for the sign of a zero, which WGSL does not promise either); the
// interpreter runs the graph without it.
import type { Node } from '../graph/node.ts';
import { topologicalOrder, withInputs } from '../graph/node.ts';
import { numel, sameShape } from '../tensor/shape.ts';
import { foldLiterals, literalOf } from './fold.ts';
import { joinPads } from './join.ts';

export type Rewriting = ReadonlyMap<Node, Node>;

/** The simplified counterpart of every node that `roots` reach. */
export function simplify(roots: readonly Node[]): Rewriting {
  const rewritten = new Map<Node, Node>();
  const shared = new Shared();
  for (const node of topologicalOrder(roots)) {
    const inputs = node.inputs.map((input) => rewritten.get(input)!);
    rewritten.set(node, shared.nodeLike(joinPads(foldLiterals(rewrite(withInputs(node, inputs))))));
  }
  return rewritten;
}

/** One node of each value. */
class Shared {
  readonly #known = new Map<string, Node>();
  readonly #ids = new Map<Node, number>();

  /** The node that stands for all that compute what `node` does. A rewriting may have made its inputs too. */
  nodeLike(node: Node): Node {
    if (this.#ids.has(node)) return node;
    const next = withInputs(
      node,
      node.inputs.map((input) => this.nodeLike(input)),
    );
    const key = identityKey(next, this.#ids);
    const twin = key === null ? undefined : this.#known.get(key);
    if (twin) return twin;
    this.#ids.set(next, this.#ids.size);
    if (key !== null) this.#known.set(key, next);
    return next;
  }
}

/** Equal keys mean equal values; `null` for leaves and for ops whose attributes are functions. */
function identityKey(node: Node, ids: ReadonlyMap<Node, number>): string | null {
  switch (node.op) {
    case 'input':
    case 'state':
    case 'scalar':
    case 'constant':
    case 'customVjp':
    case 'customKernel':
      return null;
    default:
      return `${node.op} ${node.dtype} ${node.inputs.map((input) => ids.get(input)).join(' ')} ${JSON.stringify(node.attrs, exactly)}`;
  }
}

/** JSON has no NaN, no infinity and no −0. */
function exactly(_: string, value: unknown): unknown {
  const lost = typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0));
  return lost ? `number ${Object.is(value, -0) ? '-0' : value}` : value;
}

function rewrite(node: Node): Node {
  const [a, b] = node.inputs;
  switch (node.op) {
    case 'stopGradient':
    case 'customVjp':
      return a!;
    case 'add':
      return isLiteral(b!, 0) ? orSelf(a!, node) : isLiteral(a!, 0) ? orSelf(b!, node) : node;
    case 'mul':
      return isLiteral(b!, 1) ? orSelf(a!, node) : isLiteral(a!, 1) ? orSelf(b!, node) : node;
    case 'sub':
      return isLiteral(b!, 0) ? orSelf(a!, node) : node;
    case 'div':
      return isLiteral(b!, 1) ? orSelf(a!, node) : node;
    case 'neg':
      return a!.op === 'neg' ? a!.inputs[0]! : node;
    case 'cast':
      return a!.dtype === node.dtype ? a! : node;
    case 'reshape':
      return rewriteReshape(node, a!);
    case 'expand':
      return sameShape(a!.shape, node.shape) ? a! : node;
    case 'pad':
      return sameShape(a!.shape, node.shape) ? a! : node;
    case 'permute':
      return node.attrs.axes.every((axis, at) => axis === at) ? a! : node;
    case 'sum':
    case 'max':
    case 'min':
      return numel(a!.shape) === numel(node.shape) ? rewriteReshape(reshaped(node, a!), a!) : node;
    case 'matmul': {
      const [left, transA] = absorbTranspose(a!, node.attrs.transA);
      const [right, transB] = absorbTranspose(b!, node.attrs.transB);
      if (left === a && right === b) return node;
      return Object.freeze({
        ...node,
        inputs: Object.freeze([left, right]),
        attrs: Object.freeze({ transA, transB }),
      });
    }
    default:
      return node;
  }
}

/** `0 + x` may broadcast; then it is no identity. */
function orSelf(value: Node, node: Node): Node {
  return sameShape(value.shape, node.shape) ? value : node;
}

/** Whether a node is that number in every element; a zero of either sign is 0. */
function isLiteral(node: Node, value: number): boolean {
  return literalOf(node)?.attrs.value === value;
}

function reshaped(node: Node, input: Node): Node & { op: 'reshape' } {
  const { id, shape, dtype, name, site } = node;
  return Object.freeze({
    id,
    op: 'reshape',
    inputs: Object.freeze([input]),
    attrs: { shape },
    shape,
    dtype,
    name,
    site,
  });
}

function rewriteReshape(node: Node, input: Node): Node {
  const source = input.op === 'reshape' ? input.inputs[0]! : input;
  if (sameShape(source.shape, node.shape)) return source;
  return source === input ? node : withInputs(node, [source]);
}

/** A permutation of the last two axes alone becomes the matmul's own flag. */
function absorbTranspose(operand: Node, flag: boolean): [Node, boolean] {
  if (operand.op !== 'permute') return [operand, flag];
  const { axes } = operand.attrs;
  const rank = axes.length;
  const swapsLastTwo =
    axes[rank - 1] === rank - 2 &&
    axes[rank - 2] === rank - 1 &&
    axes.slice(0, -2).every((axis, at) => axis === at);
  return swapsLastTwo ? [operand.inputs[0]!, !flag] : [operand, flag];
}
