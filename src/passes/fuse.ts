// Groups pointwise nodes that run over the same elements into one kernel with several outputs, and lets such a chain
// follow in the kernel whose result it reads (bias and activation in a matmul's epilogue). A group stays convex (no path
// leaves it and comes back) and within the adapter's limit on storage buffers.
import type { Node } from '../graph/node.ts';
import { numel, sameShape } from '../tensor/shape.ts';
import { type Access, isIdentity, keptSources, loweringOf, type Viewed } from './views.ts';

/** One entry of the schedule: a chain of pointwise nodes; or a node with kernels of its own, and a chain in their wake. */
export type Unit = Chain | KernelUnit;

interface Chain {
  readonly kind: 'pointwise';
  /** In topological order. */
  readonly nodes: readonly Node[];
}

export interface KernelUnit {
  readonly kind: 'kernel';
  readonly kernel: Node;
  /** The kernel's node and the chain that follows in its `store`, in topological order. */
  readonly nodes: readonly Node[];
}

/** What a backend lets be fused. */
export interface FusionLimits {
  /** Tensors that one unit may touch. */
  readonly maxStorageBuffers: number;
  /** Whether a chain may follow in the kernel whose result it reads. */
  readonly epilogues: boolean;
}

/** The state whose buffer a node's value may take, if its update can be made in place. */
export type StateOf = ReadonlyMap<Node, Node>;

export interface Fused {
  readonly units: readonly Unit[];
  readonly unitOf: ReadonlyMap<Node, Unit>;
  /** Consumers of each source node, views looked through. */
  readonly users: ReadonlyMap<Node, readonly Node[]>;
}

/** Longer chains gain nothing, and drivers take long over them. */
const longestChain = 128;

type Draft = Unit & {
  /** Elements that each of its nodes has. */
  readonly size: number;
};

export function fuse(viewed: Viewed, stateOf: StateOf, limits: FusionLimits, enabled = true): Fused {
  const { maxStorageBuffers: maxBuffers } = limits;
  const { access } = viewed;
  const kept = keptSources(viewed);
  const computed = viewed.nodes.filter((node) => {
    const { kind } = loweringOf(node);
    return kind === 'pointwise' || kind === 'kernel';
  });
  const users = usersOf(computed, access);
  const unitOf = new Map<Node, Draft>();
  const grouping = new Grouping(access, users, kept, stateOf, unitOf);
  const rank = new Map(computed.map((node, at) => [node, at]));

  for (const node of computed) {
    let unit = draftOf(node);
    unitOf.set(node, unit);
    if (unit.kind === 'kernel' || !enabled) continue;
    for (const candidate of grouping.chainsBefore(unit)) {
      if (candidate === unit || !grouping.mayMerge(candidate, unit, maxBuffers)) continue;
      unit = { ...unit, nodes: inOrder([...candidate.nodes, ...unit.nodes], rank) };
      for (const member of unit.nodes) unitOf.set(member, unit);
    }
  }
  if (enabled && limits.epilogues) {
    for (const chain of new Set(computed.map((node) => unitOf.get(node)!))) {
      if (chain.kind === 'kernel') continue;
      const host = grouping.kernelsBefore(chain).find((each) => grouping.mayMerge(each, chain, maxBuffers));
      if (!host) continue;
      const unit = { ...host, nodes: inOrder([...host.nodes, ...chain.nodes], rank) };
      for (const member of unit.nodes) unitOf.set(member, unit);
    }
  }
  return { units: [...new Set(computed.map((node) => unitOf.get(node)!))], unitOf, users };
}

function draftOf(node: Node): Draft {
  const size = numel(node.shape);
  return loweringOf(node).kind === 'pointwise'
    ? { kind: 'pointwise', nodes: [node], size }
    : { kind: 'kernel', kernel: node, nodes: [node], size };
}

const inOrder = (nodes: readonly Node[], rank: ReadonlyMap<Node, number>): Node[] =>
  nodes.toSorted((a, b) => rank.get(a)! - rank.get(b)!);

function usersOf(computed: readonly Node[], access: ReadonlyMap<Node, Access>): Map<Node, Node[]> {
  const users = new Map<Node, Node[]>();
  for (const node of computed) {
    for (const source of new Set(node.inputs.map((input) => access.get(input)!.source))) {
      const list = users.get(source);
      if (list) list.push(node);
      else users.set(source, [node]);
    }
  }
  return users;
}

/** Whether `node` reads `input` element by element at its own linear index. */
export function readsInStep(node: Node, input: Node, access: ReadonlyMap<Node, Access>): boolean {
  if (loweringOf(node).kind !== 'pointwise') return false;
  const stretched = !sameShape(input.shape, node.shape) && numel(input.shape) !== numel(node.shape);
  return !stretched && isIdentity(access.get(input)!);
}

/** Whether a node's last kernel hands its elements to `store`. */
export function hasStore(node: Node): boolean {
  const lowering = loweringOf(node);
  return lowering.kind === 'kernel' && lowering.hasStore === true;
}

class Grouping {
  readonly #access: ReadonlyMap<Node, Access>;
  readonly #users: ReadonlyMap<Node, readonly Node[]>;
  readonly #kept: ReadonlySet<Node>;
  readonly #stateOf: StateOf;
  readonly #unitOf: ReadonlyMap<Node, Draft>;

  constructor(
    access: ReadonlyMap<Node, Access>,
    users: ReadonlyMap<Node, readonly Node[]>,
    kept: ReadonlySet<Node>,
    stateOf: StateOf,
    unitOf: ReadonlyMap<Node, Draft>,
  ) {
    this.#access = access;
    this.#users = users;
    this.#kept = kept;
    this.#stateOf = stateOf;
    this.#unitOf = unitOf;
  }

  /** Chains of the same size that `unit` reads in step. */
  chainsBefore(unit: Draft): Draft[] {
    return this.#inStepBefore(unit).filter(({ kind }) => kind === 'pointwise');
  }

  /** Kernels of the same size whose results `chain` reads in step and may follow; products first. */
  kernelsBefore(chain: Draft): Draft[] {
    const isProduct = (unit: Draft): boolean => unit.kind === 'kernel' && unit.kernel.op === 'matmul';
    return this.#inStepBefore(chain)
      .filter((unit) => unit.kind === 'kernel' && hasStore(unit.kernel))
      .sort((a, b) => Number(isProduct(b)) - Number(isProduct(a)));
  }

  #inStepBefore(unit: Draft): Draft[] {
    const found = new Set<Draft>();
    for (const node of unit.nodes) {
      for (const input of node.inputs) {
        const other = this.#unitOf.get(this.#access.get(input)!.source);
        if (other && other !== unit && other.size === unit.size && readsInStep(node, input, this.#access))
          found.add(other);
      }
    }
    return [...found];
  }

  mayMerge(a: Draft, b: Draft, maxBuffers: number): boolean {
    // A candidate may have been merged away meanwhile.
    if (this.#unitOf.get(a.nodes[0]!) !== a) return false;
    return (
      a.nodes.length + b.nodes.length <= longestChain &&
      !this.#detour(a, b) &&
      !this.#detour(b, a) &&
      !this.#crosses(a, b) &&
      this.#buffers(a, b) <= maxBuffers
    );
  }

  /**
   * A path from `from` to `to` through a third unit: merging would close a circle. Where in the graph's order units begin
   * and end tells nothing, since a path may go through one that joins early nodes and late ones.
   */
  #detour(from: Draft, to: Draft): boolean {
    const seen = new Set<Draft>([from, to]);
    const stack = [...this.#dependencies(to)].filter((unit) => unit !== from);
    while (stack.length > 0) {
      const unit = stack.pop()!;
      if (seen.has(unit)) continue;
      seen.add(unit);
      for (const next of this.#dependencies(unit)) {
        if (next === from) return true;
        stack.push(next);
      }
    }
    return false;
  }

  /** One reads the other out of step (broadcast or permuted): then a barrier must stand between them. */
  #crosses(a: Draft, b: Draft): boolean {
    const members = new Set([...a.nodes, ...b.nodes]);
    return [...members].some((node) =>
      node.inputs.some(
        (input) => members.has(this.#access.get(input)!.source) && !readsInStep(node, input, this.#access),
      ),
    );
  }

  *#dependencies(unit: Draft): Iterable<Draft> {
    for (const node of unit.nodes) {
      for (const input of node.inputs) {
        const other = this.#unitOf.get(this.#access.get(input)!.source);
        if (other && other !== unit) yield other;
      }
    }
  }

  /** Storage bindings that the merged unit would need; an in-place state counts once, a kernel's operands on their own. */
  #buffers(a: Draft, b: Draft): number {
    const members = new Set([...a.nodes, ...b.nodes]);
    const kernel = a.kind === 'kernel' ? a.kernel : undefined;
    const bound = new Set<Node | string>(kernel?.inputs.map((_, at) => `operand ${at}`));
    for (const node of members) {
      if (node === kernel) continue;
      for (const input of node.inputs) {
        const { source } = this.#access.get(input)!;
        if (source.op === 'scalar') bound.add('scalars');
        else if (source.op !== 'literal' && !members.has(source)) bound.add(source);
      }
    }
    for (const node of members) {
      const leaves = this.#kept.has(node) || (this.#users.get(node) ?? []).some((user) => !members.has(user));
      if (!leaves) continue;
      const state = this.#stateOf.get(node);
      bound.add(state && this.#settled(state, members) ? state : node);
    }
    return bound.size;
  }

  /** All readers of `state` are in the unit (in step) or run before it. */
  #settled(state: Node, members: ReadonlySet<Node>): boolean {
    return (this.#users.get(state) ?? []).every((reader) => {
      if (members.has(reader)) return readsStateInStep(reader, state, this.#access);
      const unit = this.#unitOf.get(reader);
      return unit !== undefined && this.#precedes(unit, members);
    });
  }

  #precedes(unit: Draft, members: ReadonlySet<Node>): boolean {
    const seen = new Set<Draft>();
    const stack = [...members].flatMap((node) => {
      const own = this.#unitOf.get(node);
      return own ? [own] : [];
    });
    while (stack.length > 0) {
      const next = stack.pop()!;
      if (next === unit) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      stack.push(...this.#dependencies(next));
    }
    return false;
  }
}

/** Every read of `state` by `reader` is at its own index, so that the value may be replaced in place. */
export function readsStateInStep(reader: Node, state: Node, access: ReadonlyMap<Node, Access>): boolean {
  return reader.inputs.every(
    (input) => access.get(input)!.source !== state || readsInStep(reader, input, access),
  );
}
