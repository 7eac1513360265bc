// The half of lowering that no backend differs in: simplify, resolve views, fuse, schedule, place. The backend writes
// the code of each unit as it comes; memory of what has died before it may already be reused.
import { type Node, topologicalOrder, type Update } from '../graph/node.ts';
import { DeviceError, misuse } from '../tensor/errors.ts';
import { numel } from '../tensor/shape.ts';
import type { HostArray } from '../tensor/types.ts';
import { type Fused, type FusionLimits, fuse, type StateOf, type Unit } from './fuse.ts';
import { findPieces, type Pieces } from './pieces.ts';
import { bytesPerElement, type Location, lastUses, Placement, updatesInPlace } from './place.ts';
import type { Plan, PlanBuffer, PlanTensor } from './plan.ts';
import { schedule } from './schedule.ts';
import { simplify } from './simplify.ts';
import { type Access, keptSources, resolveViews, type Viewed } from './views.ts';

export interface StepSpec {
  readonly outputs: Readonly<Record<string, Node>>;
  readonly updates: readonly Update[];
}

export interface Limits extends FusionLimits {
  /** Size of one tensor. */
  readonly maxBindingBytes: number;
}

/** Where things lie, as far as the units so far have been placed. */
export interface Memory {
  readonly buffers: readonly PlanBuffer[];
  readonly access: ReadonlyMap<Node, Access>;
  locate(source: Node): Location;
  /** Where a node's own elements begin, views looked through. */
  tensor(node: Node): PlanTensor;
  /** A scratch buffer of `length` elements for the present unit. */
  borrow(length: number): number;
}

/** Of each operand of a concat: whether it was made where it belongs in the result. */
export function operandsInPlace(concat: Node, memory: Memory): boolean[] {
  const { buffer } = memory.locate(concat);
  return concat.inputs.map((input) => memory.tensor(input).buffer === buffer);
}

/** Whether a node has nothing left to do. */
export function isMadeInPlace(node: Node, memory: Memory): boolean {
  return node.op === 'concat' && operandsInPlace(node, memory).every(Boolean);
}

/** Writes the code of a unit; `stored` are those of its nodes whose values go to memory. */
export type Emit = (unit: Unit, stored: readonly Node[], memory: Memory) => void;

/** A plan without its dispatches. `fused: false` makes each node a unit of its own (for tests and `check`). */
export type Layout = Omit<Plan, 'dispatches'>;

export function arrange(spec: StepSpec, limits: Limits, emit: Emit, { fused = true } = {}): Layout {
  const names = Object.keys(spec.outputs);
  const outputs = Object.values(spec.outputs);
  const targets = spec.updates.map((update) => update.target);
  const values = spec.updates.map((update) => update.value);
  const leaves = topologicalOrder([...outputs, ...values, ...targets]);
  const simplified = simplify([...outputs, ...values]);
  const simple = (node: Node): Node => simplified.get(node)!;
  const viewed = resolveViews(outputs.map(simple), values.map(simple));
  const stateOf = homes(viewed, targets);
  const groups = fuse(viewed, stateOf, limits, fused);
  const order = schedule(groups, viewed.access);
  const planner = new Planner(limits, viewed, groups);
  planner.placeLeaves(leaves);
  planner.placeInPlace(updatesInPlace(stateOf, order, groups, viewed.access));
  if (fused) planner.placePieces(order);
  planner.walk(order, emit);
  return {
    buffers: planner.buffers,
    copies: planner.commits(targets),
    inputs: planner.tensors(leaves.filter((node) => node.op === 'input')),
    scalars: planner.tensors(leaves.filter((node) => node.op === 'scalar')),
    states: planner.tensors(leaves.filter((node) => node.op === 'state')),
    outputs: Object.fromEntries(names.map((name, at) => [name, planner.tensor(viewed.outputs[at]!)])),
  };
}

/** For each updated value the state whose buffer may hold it. Not for an output, which must outlive a `restore`. */
function homes({ access, outputs, values }: Viewed, states: readonly Node[]): StateOf {
  const source = (node: Node): Node => access.get(node)!.source;
  const read = new Set(outputs.map(source));
  const stateOf = new Map<Node, Node>();
  values.forEach((value, at) => {
    const made = source(value);
    if (!read.has(made) && !stateOf.has(made)) stateOf.set(made, states[at]!);
  });
  return stateOf;
}

class Planner implements Memory {
  readonly #placement: Placement;
  readonly #limits: Limits;
  readonly #viewed: Viewed;
  readonly #groups: Fused;
  readonly #kept: ReadonlySet<Node>;
  #pieces: Pieces = new Map();
  #borrowed: number[] = [];
  /** Of the unit that is being emitted. */
  #present: Node | undefined;

  constructor(limits: Limits, viewed: Viewed, groups: Fused) {
    this.#placement = new Placement(limits.maxBindingBytes);
    this.#limits = limits;
    this.#viewed = viewed;
    this.#groups = groups;
    this.#kept = keptSources(viewed);
  }

  get buffers(): readonly PlanBuffer[] {
    return this.#placement.buffers;
  }

  get access(): ReadonlyMap<Node, Access> {
    return this.#viewed.access;
  }

  locate(source: Node): Location {
    return this.#placement.at(source);
  }

  tensor(node: Node): PlanTensor {
    const { source, view } = this.access.get(node) ?? { source: node, view: { offset: 0 } };
    const { buffer, base } = this.#placement.at(source);
    return { buffer, offset: base + view.offset, shape: node.shape, dtype: node.dtype };
  }

  tensors(nodes: readonly Node[]): Record<string, PlanTensor> {
    return Object.fromEntries(nodes.map((node) => [node.name, this.tensor(node)]));
  }

  borrow(length: number): number {
    this.#requireFits(this.#present!, length);
    const buffer = this.#placement.borrow(length);
    this.#borrowed.push(buffer);
    return buffer;
  }

  /** All scalars share one buffer, so that a step writes them at once. */
  placeLeaves(nodes: readonly Node[]): void {
    const scalars = nodes.flatMap((node) => (node.op === 'scalar' ? [node] : []));
    if (scalars.length > 0) {
      const init = Float32Array.from(scalars, (node) => node.attrs.init);
      const buffer = this.#placement.add({ label: 'scalars', role: 'scalars', bytes: init.byteLength, init });
      for (const [base, node] of scalars.entries()) this.#placement.put(node, { buffer, base });
    }
    for (const node of nodes) this.#placeLeaf(node);
    for (const node of this.#viewed.nodes) if (!this.#placement.has(node)) this.#placeLeaf(node);
  }

  placeInPlace(values: ReadonlyMap<Node, Node>): void {
    for (const [value, state] of values) this.#placement.put(value, this.#placement.at(state));
  }

  placePieces(order: readonly Unit[]): void {
    const isSettled = (node: Node): boolean => this.#kept.has(node) || this.#placement.has(node);
    this.#pieces = findPieces(order, this.#groups, this.access, isSettled);
  }

  /** Hands out the units in order; buffers of dead temporaries go back as it walks. */
  walk(order: readonly Unit[], emit: Emit): void {
    const holderOf = (source: Node): Node => this.#pieces.get(source)?.whole ?? source;
    const last = lastUses(order, this.access, this.#kept, holderOf);
    order.forEach((unit, at) => {
      const stored = unit.nodes.filter((node) => this.#isStored(node, unit));
      for (const node of stored) this.#placeResult(node);
      this.#present = unit.kind === 'kernel' ? unit.kernel : unit.nodes[0];
      emit(unit, stored, this);
      for (const buffer of this.#borrowed) this.#placement.giveBack(buffer);
      this.#borrowed = [];
      const touched = new Set(
        unit.nodes.flatMap((node) => [node, ...this.#sources(node)]).map((source) => holderOf(source)),
      );
      for (const holder of touched) {
        if (last.get(holder) === at && this.#isTemp(holder)) {
          this.#placement.giveBack(this.#placement.at(holder).buffer);
        }
      }
    });
  }

  /** Copies for the updates whose value does not already lie in the state's buffer. */
  commits(targets: readonly Node[]): Plan['copies'] {
    return targets.flatMap((state, at) => {
      const from = this.#placement.at(this.access.get(this.#viewed.values[at]!)!.source).buffer;
      const to = this.#placement.at(state).buffer;
      return from === to ? [] : [{ from, to, bytes: numel(state.shape) * bytesPerElement }];
    });
  }

  #placeLeaf(node: Node): void {
    const bytes = this.#requireFits(node);
    const put = (buffer: number): void => this.#placement.put(node, { buffer, base: 0 });
    if (node.op === 'input') put(this.#placement.add({ label: node.name, role: 'input', bytes }));
    if (node.op === 'state') {
      put(this.#placement.add({ label: node.name, role: 'state', bytes, init: toDevice(node.attrs.init) }));
    }
    if (node.op === 'constant') {
      put(
        this.#placement.add({ label: node.name, role: 'constant', bytes, init: toDevice(node.attrs.data) }),
      );
    }
  }

  #placeResult(node: Node): void {
    if (this.#placement.has(node)) return;
    const piece = this.#pieces.get(node);
    if (piece) {
      this.#placeResult(piece.whole);
      const { buffer, base } = this.#placement.at(piece.whole);
      this.#placement.put(node, { buffer, base: base + piece.base });
      return;
    }
    const bytes = this.#requireFits(node);
    const buffer = this.#kept.has(node)
      ? this.#placement.add({ label: node.name, role: 'output', bytes })
      : this.#placement.borrow(numel(node.shape));
    this.#placement.put(node, { buffer, base: 0 });
  }

  /** The bytes of a node (or of `length` elements of scratch for it), if one buffer can hold them. */
  #requireFits(node: Node, length = numel(node.shape)): number {
    const bytes = length * bytesPerElement;
    const { maxBindingBytes } = this.#limits;
    if (bytes <= maxBindingBytes) return bytes;
    throw new DeviceError(
      misuse(
        `compile: ${node.op} '${node.name}'`,
        `at most ${maxBindingBytes} bytes a tensor on this device`,
        `${bytes} bytes`,
        node.site,
      ),
    );
  }

  #isStored(node: Node, unit: Unit): boolean {
    const readers = this.#groups.users.get(node) ?? [];
    return this.#kept.has(node) || readers.some((user) => this.#groups.unitOf.get(user) !== unit);
  }

  #isTemp(source: Node): boolean {
    if (!this.#placement.has(source)) return false;
    return this.#placement.buffers[this.#placement.at(source).buffer]!.role === 'temp';
  }

  #sources(node: Node): Node[] {
    return node.inputs.map((input) => this.access.get(input)!.source);
  }
}

/** As it lies on the device: bool widened to u32, floats as float32. */
function toDevice(data: HostArray): HostArray {
  if (data instanceof Uint8Array) return Uint32Array.from(data);
  return data instanceof Float64Array ? Float32Array.from(data) : data;
}
