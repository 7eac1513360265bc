// Orders the units so that each runs after what it reads; among the ready ones, the first by the graph's own order.
import type { Node } from '../graph/node.ts';
import type { Fused, Unit } from './fuse.ts';
import type { Access } from './views.ts';

export function schedule({ units, unitOf }: Fused, access: ReadonlyMap<Node, Access>): Unit[] {
  const waiting = new Map<Unit, number>();
  const followers = new Map<Unit, Unit[]>();
  for (const unit of units) {
    const needs = dependencies(unit, unitOf, access);
    waiting.set(unit, needs.size);
    for (const need of needs) {
      const list = followers.get(need);
      if (list) list.push(unit);
      else followers.set(need, [unit]);
    }
  }
  // `units` is in topological order of first members; a unit joined late may still have to wait for others.
  const order: Unit[] = [];
  const pending = [...units];
  while (pending.length > 0) {
    const at = pending.findIndex((unit) => waiting.get(unit) === 0);
    if (at < 0) throw new Error('schedule: the units depend on each other in a circle');
    const [unit] = pending.splice(at, 1);
    order.push(unit!);
    for (const follower of followers.get(unit!) ?? []) waiting.set(follower, waiting.get(follower)! - 1);
  }
  return order;
}

function dependencies(
  unit: Unit,
  unitOf: ReadonlyMap<Node, Unit>,
  access: ReadonlyMap<Node, Access>,
): Set<Unit> {
  const needs = new Set<Unit>();
  for (const node of unit.nodes) {
    for (const input of node.inputs) {
      const other = unitOf.get(access.get(input)!.source);
      if (other && other !== unit) needs.add(other);
    }
  }
  return needs;
}
