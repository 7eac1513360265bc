// The operands of a concat along its outermost axis lie in the result as they are, one after another: each can be made
// right there and needs no copy. The gradients of all parameters, side by side for the optimiser, are such a concat.
import type { Node } from '../graph/node.ts';
import { numel } from '../tensor/shape.ts';
import { type Fused, hasStore, type Unit } from './fuse.ts';
import { type Access, isIdentity } from './views.ts';

/** Where in the result of a concat a node is made. */
export interface Piece {
  readonly whole: Node;
  /** In elements. */
  readonly base: number;
}

export type Pieces = ReadonlyMap<Node, Piece>;

/** The pieces of all concats. `isSettled`: whether a node's value must lie elsewhere. */
export function findPieces(
  order: readonly Unit[],
  groups: Fused,
  access: ReadonlyMap<Node, Access>,
  isSettled: (node: Node) => boolean,
): Pieces {
  const found = new Finder(groups, access, isSettled);
  for (const unit of order) {
    if (unit.kind === 'kernel' && unit.kernel.op === 'concat') found.addPiecesOf(unit.kernel);
  }
  return found.pieces;
}

class Finder {
  readonly pieces = new Map<Node, Piece>();
  readonly #groups: Fused;
  readonly #access: ReadonlyMap<Node, Access>;
  readonly #isSettled: (node: Node) => boolean;

  constructor(groups: Fused, access: ReadonlyMap<Node, Access>, isSettled: (node: Node) => boolean) {
    this.#groups = groups;
    this.#access = access;
    this.#isSettled = isSettled;
  }

  addPiecesOf(whole: Node & { op: 'concat' }): void {
    if (this.#isSettled(whole) || numel(whole.shape.slice(0, whole.attrs.axis)) > 1) return;
    const sources = whole.inputs.map((input) => this.#access.get(input)!.source);
    let base = 0;
    whole.inputs.forEach((input, at) => {
      const source = sources[at]!;
      const once = sources.indexOf(source) === sources.lastIndexOf(source);
      if (once && isIdentity(this.#access.get(input)!) && this.#mayBeMadeAnywhere(source)) {
        this.pieces.set(source, { whole, base });
        if (this.#wouldClash(source, whole)) this.pieces.delete(source);
      }
      base += numel(input.shape);
    });
  }

  #mayBeMadeAnywhere(node: Node): boolean {
    const unit = this.#groups.unitOf.get(node);
    if (!unit || this.pieces.has(node) || this.#isSettled(node)) return false;
    return unit.kind === 'pointwise' || hasStore(unit.kernel);
  }

  /** A kernel may not read the buffer that it writes; a generated chain may, since it touches no element twice. */
  #wouldClash(piece: Node, whole: Node): boolean {
    const { unitOf, users } = this.#groups;
    const units = new Set([piece, ...(users.get(piece) ?? [])].map((node) => unitOf.get(node)!));
    return [...units].some((unit) => {
      if (unit.kind === 'pointwise' || unit.kernel === whole) return false;
      const written = new Set(unit.nodes.map((node) => this.#home(node)));
      return unit.nodes.some((node) =>
        node.inputs.some((input) => {
          const { source } = this.#access.get(input)!;
          return !unit.nodes.includes(source) && written.has(this.#home(source));
        }),
      );
    });
  }

  #home(node: Node): Node {
    return this.pieces.get(node)?.whole ?? node;
  }
}
