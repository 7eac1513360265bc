// What a backend must offer to a program: named tensors in, a step, named tensors out.
import type { StepProfile } from '../backend/webgpu/index.ts';
import type { Node, Update } from '../graph/node.ts';
import { topologicalOrder } from '../graph/node.ts';
import type { Value } from '../graph/value.ts';
import { GraphError, misuse } from '../tensor/errors.ts';
import { sameShape } from '../tensor/shape.ts';
import { formatType, type HostArray } from '../tensor/types.ts';

/** All state of a program by name, bool as 0/1 bytes, floats in the program's precision. */
export type Snapshot = Readonly<Record<string, HostArray>>;

export interface Executable {
  write(input: string, data: HostArray): void;
  setScalar(scalar: string, value: number): void;
  scalar(name: string): number;
  /** One step at least and `steps` at most; returns how many. */
  run(steps: number): number;
  readInput(input: string): Promise<HostArray>;
  readOutput(output: string): Promise<HostArray>;
  readState(state: string): Promise<HostArray>;
  writeState(state: string, data: HostArray): void;
  /** The interpreter has none. */
  profile?(repetitions: number): Promise<StepProfile>;
  dispose(): void;
}

export interface ProgramSpec {
  /** Tensors that may be read after a run, by the names under which they are read. */
  readonly outputs: Readonly<Record<string, Value>>;
  /** What a run changes. All right-hand sides see the states as they were before. */
  readonly updates?: readonly Update<Value>[];
}

/** A checked spec over nodes. */
export interface Step {
  readonly outputs: Readonly<Record<string, Node>>;
  readonly updates: readonly Update[];
  readonly leaves: ReadonlyMap<string, Node>;
}

export function checkSpec({ outputs, updates = [] }: ProgramSpec): Step {
  const values = [...Object.values(outputs), ...updates.flatMap(({ target, value }) => [target, value])];
  const graph = values[0]?.graph;
  if (!graph) throw new GraphError(misuse('compile', 'an output or an update', 'neither'));
  const stranger = values.find((value) => value.graph !== graph);
  if (stranger)
    throw new GraphError(misuse('compile', 'values of one graph', `'${stranger.node.name}' of another`));
  const targets = new Set<Node>();
  for (const { target, value } of updates) checkUpdate(target.node, value.node, targets);
  const leaves = new Map<string, Node>();
  for (const node of topologicalOrder(values.map((value) => value.node))) {
    if (node.op === 'input' || node.op === 'scalar' || node.op === 'state') leaves.set(node.name, node);
  }
  return {
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, value.node])),
    updates: updates.map(({ target, value }) => ({ target: target.node, value: value.node })),
    leaves,
  };
}

function checkUpdate(target: Node, value: Node, seen: Set<Node>): void {
  const call = `update of '${target.name}'`;
  if (target.op !== 'state')
    throw new GraphError(misuse(call, 'a state', `the op '${target.op}'`, target.site));
  if (seen.has(target)) throw new GraphError(misuse(call, 'one update a state', 'a second one', value.site));
  if (!sameShape(target.shape, value.shape) || target.dtype !== value.dtype) {
    throw new GraphError(misuse(call, formatType(target), formatType(value), value.site));
  }
  seen.add(target);
}
