// A fused chain of pointwise nodes as loops over vectors of four elements. What does not change in an inner loop is
// loaded and computed outside it; the last vector of a row may be partial.
import { mergeAxes, type Run } from '../../codegen/position.ts';
import type { Node } from '../../graph/node.ts';
import type { Access } from '../../passes/views.ts';
import { broadcastStrides, contiguousStrides, numel } from '../../tensor/shape.ts';
import type { DType } from '../../tensor/types.ts';
import {
  type FunctionBuilder,
  type I32,
  i32,
  i32x4,
  type V128,
  type Variable,
  v128,
} from './assembler/index.ts';
import { fromMemory, literalLanes, loadLanes, loadStrided, storeLanes, toMemory } from './lanes.ts';
import { depthOf, nestFor, type Walk, walkOf } from './nest.ts';
import { lanesOf } from './pointwise.ts';

export interface Chain {
  readonly nodes: readonly Node[];
  /** Those among `nodes` whose values are stored. */
  readonly stored: readonly Node[];
  readonly access: ReadonlyMap<Node, Access>;
  /** The byte address of a source's first element. */
  readonly addressOf: (source: Node) => number;
}

/** A byte offset that follows a walk through the loops. */
interface Cursor {
  readonly walk: Walk;
  readonly at: Variable<'i32'>;
}

/** What a node takes from outside: elements in memory, or (without a source) their indices themselves. */
interface Read {
  readonly source: { readonly address: number; readonly dtype: DType } | null;
  readonly runs: readonly Run[];
}

/** A read in the loops of this chain; without a cursor, each lane's index is computed by division. */
interface Element extends Read {
  readonly cursor: Cursor | null;
  /** How many loops must be entered before it is known. */
  readonly depth: number;
}

type Operand = V128 | Node | Element;

export function emitChain(f: FunctionBuilder, chain: Chain): void {
  new ChainWriter(f, chain).write();
}

/** A node's operands: literals, nodes of the chain, and reads; the element's index last where the op asks for it. */
function operandsOf(
  node: Node,
  { access, addressOf }: Chain,
  members: ReadonlySet<Node>,
): (V128 | Node | Read)[] {
  const operands = node.inputs.map((input) => {
    const { source, view } = access.get(input)!;
    if (source.op === 'literal') return literalLanes(source.attrs.value, source.dtype);
    if (members.has(source)) return source;
    const runs = mergeAxes(node.shape, broadcastStrides(view.shape, view.strides, node.shape));
    return { source: { address: addressOf(source) + 4 * view.offset, dtype: source.dtype }, runs };
  });
  const strides = lanesOf(node).index?.(node);
  return strides ? [...operands, { source: null, runs: mergeAxes(node.shape, strides) }] : operands;
}

class ChainWriter {
  readonly #f: FunctionBuilder;
  readonly #chain: Chain;
  /** Extents of the loops, outermost first. */
  readonly #extents: readonly number[];
  /** Of the elements being computed themselves: contiguous. */
  readonly #own: Cursor;
  readonly #cursors = new Map<string, Cursor>();
  readonly #elements = new Map<string, Element>();
  readonly #operands = new Map<Node, readonly Operand[]>();
  readonly #depths = new Map<Node, number>();
  readonly #registers = new Map<Node | Element, V128>();

  constructor(f: FunctionBuilder, chain: Chain) {
    this.#f = f;
    this.#chain = chain;
    const members = new Set(chain.nodes);
    const operands = chain.nodes.map((node) => operandsOf(node, chain, members));
    const size = numel(chain.nodes[0]!.shape);
    const reads = operands.flat().flatMap((operand) => ('runs' in operand ? [operand.runs] : []));
    this.#extents = nestFor(size, reads);
    this.#own = this.#cursor(contiguousStrides(this.#extents));
    chain.nodes.forEach((node, at) => {
      const placed = operands[at]!.map((operand) => ('runs' in operand ? this.#element(operand) : operand));
      this.#operands.set(node, placed);
      this.#depths.set(node, Math.max(0, ...placed.map((operand) => this.#depthOf(operand))));
    });
  }

  write(): void {
    if (this.#extents.length > 0) this.#enter(0);
    else this.#body(1);
  }

  #enter(depth: number): void {
    const extent = this.#extents[depth]!;
    this.#compute(depth, 4);
    if (depth < this.#extents.length - 1) {
      this.#f.loop(extent, 1, () => {
        this.#enter(depth + 1);
        this.#advance((walk) => walk[depth]! - walk[depth + 1]! * this.#extents[depth + 1]!);
      });
      return;
    }
    const step = (lanes: number): void => {
      this.#body(lanes);
      this.#advance((walk) => walk[depth]! * lanes);
    };
    const rest = extent % 4;
    if (extent >= 8) {
      const end = this.#f.let(i32.add(this.#own.at, i32.const(4 * (extent - rest))));
      this.#f.repeat(() => {
        step(4);
        return i32.ltU(this.#own.at, end);
      });
    } else if (extent >= 4) step(4);
    if (rest > 0) step(rest);
  }

  #body(lanes: number): void {
    this.#compute(this.#extents.length, lanes);
    for (const node of this.#chain.stored) {
      const value = toMemory(this.#registers.get(node)!, node.dtype);
      storeLanes(this.#f, this.#own.at, value, lanes, this.#chain.addressOf(node));
    }
  }

  /** Everything that is known once `depth` loops have been entered. */
  #compute(depth: number, lanes: number): void {
    for (const element of this.#elements.values()) {
      if (element.depth === depth) this.#registers.set(element, this.#f.let(this.#load(element, lanes)));
    }
    for (const node of this.#chain.nodes) {
      if (this.#depths.get(node) !== depth) continue;
      const operands = this.#operands.get(node)!.map((operand) => this.#value(operand));
      this.#registers.set(node, this.#f.let(lanesOf(node).emit(this.#f, operands, node)));
    }
  }

  #value(operand: Operand): V128 {
    return 'code' in operand ? operand : this.#registers.get(operand)!;
  }

  #load(element: Element, lanes: number): V128 {
    const { source, cursor } = element;
    const varies = element.depth === this.#extents.length && this.#extents.length > 0;
    if (!cursor) return this.#scattered(element, lanes);
    const stride = varies ? cursor.walk.at(-1)! : 0;
    if (!source) {
      const index = i32x4.splat(i32.shrU(cursor.at, i32.const(2)));
      return i32x4.add(index, v128.const(Int32Array.from([0, 1, 2, 3], (lane) => lane * stride)));
    }
    const { address, dtype } = source;
    if (stride === 0) return fromMemory(v128.load32Splat(cursor.at, address), dtype);
    const loaded =
      stride === 1
        ? loadLanes(cursor.at, lanes, address)
        : loadStrided(cursor.at, lanes, 4 * stride, address);
    return fromMemory(loaded, dtype);
  }

  #scattered({ source, runs }: Element, lanes: number): V128 {
    const first = this.#f.let(i32.shrU(this.#own.at, i32.const(2)));
    let vector: V128 = v128.const(new Int32Array(4));
    for (let lane = 0; lane < lanes; lane++) {
      const index = this.#f.let(indexIn(runs, this.#f.let(i32.add(first, i32.const(lane)))));
      vector = source
        ? v128.load32Lane(i32.shl(index, i32.const(2)), vector, lane, source.address)
        : i32x4.replaceLane(vector, index, lane);
    }
    return source ? fromMemory(vector, source.dtype) : vector;
  }

  #element(read: Read): Element {
    const key = JSON.stringify(read);
    const known = this.#elements.get(key);
    if (known) return known;
    const walk = walkOf(this.#extents, read.runs);
    const element = {
      ...read,
      cursor: walk && this.#cursor(walk),
      depth: walk ? depthOf(walk) : this.#extents.length,
    };
    this.#elements.set(key, element);
    return element;
  }

  #cursor(walk: Walk): Cursor {
    const key = walk.join();
    const cursor = this.#cursors.get(key) ?? { walk, at: this.#f.variable(i32.const(0)) };
    this.#cursors.set(key, cursor);
    return cursor;
  }

  #advance(elements: (walk: Walk) => number): void {
    for (const { walk, at } of this.#cursors.values()) this.#f.advance(at, 4 * elements(walk));
  }

  #depthOf(operand: Operand): number {
    if ('code' in operand) return 0;
    return 'runs' in operand ? operand.depth : this.#depths.get(operand)!;
  }
}

/** The index that `runs` give to the element with linear index `linear`. */
function indexIn(runs: readonly Run[], linear: I32): I32 {
  let below = 1;
  let sum = i32.const(0);
  for (const { extent, stride } of runs.toReversed()) {
    const digit = i32.remU(i32.divU(linear, i32.const(below)), i32.const(extent));
    if (stride !== 0) sum = i32.add(sum, i32.mul(digit, i32.const(stride)));
    below *= extent;
  }
  return sum;
}
