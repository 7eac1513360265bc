// Gives every tensor a buffer. An update's value is made in the state's own buffer where all other readers of the
// state have run before; the rest of the temporaries share buffers by size class as soon as they are dead.
import type { Node } from '../graph/node.ts';
import { numel } from '../tensor/shape.ts';
import { type Fused, readsStateInStep, type Unit } from './fuse.ts';
import type { PlanBuffer } from './plan.ts';
import type { Access } from './views.ts';

export const bytesPerElement = 4;

export interface Location {
  /** Index into the plan's buffers. */
  readonly buffer: number;
  /** In elements. */
  readonly base: number;
}

export class Placement {
  readonly buffers: PlanBuffer[] = [];
  readonly #locations = new Map<Node, Location>();
  readonly #free = new Map<number, number[]>();
  readonly #mostBytes: number;

  /** `mostBytes`: the largest buffer that may be made. */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  at(source: Node): Location {
    return this.#locations.get(source)!;
  }

  has(source: Node): boolean {
    return this.#locations.has(source);
  }

  add(buffer: PlanBuffer): number {
    return this.buffers.push(buffer) - 1;
  }

  put(source: Node, location: Location): void {
    this.#locations.set(source, location);
  }

  /** A reusable buffer of at least `length` elements. */
  borrow(length: number): number {
    const bytes = Math.min(sizeClass(length * bytesPerElement), this.#mostBytes);
    const reused = this.#free.get(bytes)?.pop();
    return reused ?? this.add({ label: `temp ${this.buffers.length}`, role: 'temp', bytes });
  }

  giveBack(buffer: number): void {
    const { bytes } = this.buffers[buffer]!;
    const list = this.#free.get(bytes);
    if (list) list.push(buffer);
    else this.#free.set(bytes, [buffer]);
  }
}

/** Powers of two from 256 bytes on: few classes, so that a dead buffer is likely to fit the next tensor. */
function sizeClass(bytes: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(bytes, 256)));
}

/** Values whose update may be made in the state's own buffer, given the final order of units. */
export function updatesInPlace(
  stateOf: ReadonlyMap<Node, Node>,
  order: readonly Unit[],
  { unitOf, users }: Fused,
  access: ReadonlyMap<Node, Access>,
): Map<Node, Node> {
  const position = new Map(order.map((unit, at) => [unit, at]));
  const inPlace = new Map<Node, Node>();
  for (const [value, state] of stateOf) {
    const unit = unitOf.get(value)!;
    const safe = (users.get(state) ?? []).every((reader) => {
      const other = unitOf.get(reader)!;
      if (other === unit) return readsStateInStep(reader, state, access);
      return position.get(other)! < position.get(unit)!;
    });
    if (safe && numel(value.shape) === numel(state.shape)) inPlace.set(value, state);
  }
  return inPlace;
}

/** Where in `order` each holder is last used, itself or by what it holds; `Infinity` for what must outlive the step. */
export function lastUses(
  order: readonly Unit[],
  access: ReadonlyMap<Node, Access>,
  kept: ReadonlySet<Node>,
  holderOf: (source: Node) => Node,
): Map<Node, number> {
  const last = new Map<Node, number>();
  order.forEach((unit, at) => {
    for (const node of unit.nodes) {
      last.set(holderOf(node), at);
      for (const input of node.inputs) last.set(holderOf(access.get(input)!.source), at);
    }
  });
  for (const node of kept) last.set(node, Number.POSITIVE_INFINITY);
  return last;
}
