// Graph → plan: simplify, resolve views, fuse, schedule, place, and turn each unit into dispatches.
import { generatePointwise } from '../codegen/pointwise.ts';
import { type Node, topologicalOrder, type Update } from '../graph/node.ts';
import type { KernelPlan, Slot, Target } from '../ops/index.ts';
import { DeviceError, misuse } from '../tensor/errors.ts';
import { numel } from '../tensor/shape.ts';
import type { HostArray } from '../tensor/types.ts';
import { type Fused, fuse, type Unit } from './fuse.ts';
import { bytesPerElement, lastUses, Placement, updatesInPlace } from './place.ts';
import type { Dispatch, Plan, PlanTensor } from './plan.ts';
import { schedule } from './schedule.ts';
import { simplify } from './simplify.ts';
import { loweringOf, resolveViews, type Viewed } from './views.ts';

export interface StepSpec {
  readonly outputs: Readonly<Record<string, Node>>;
  readonly updates: readonly Update[];
}

/** The plan of one step. `fused: false` gives each node a dispatch of its own (for tests and `check`). */
export function lower(spec: StepSpec, target: Target, { fused = true } = {}): Plan {
  const names = Object.keys(spec.outputs);
  const roots = [...Object.values(spec.outputs), ...spec.updates.map((update) => update.value)];
  const leaves = topologicalOrder([...roots, ...spec.updates.map((update) => update.target)]);
  const simplified = simplify(roots);
  const viewed = resolveViews(roots.map((root) => simplified.get(root)!));
  const values = viewed.roots.slice(names.length);
  const targets = spec.updates.map((update) => update.target);
  const stateOf = new Map<Node, Node>();
  values.forEach((value, at) => {
    const { source } = viewed.access.get(value)!;
    if (source === value && !stateOf.has(value)) stateOf.set(value, targets[at]!);
  });
  const groups = fuse(viewed, stateOf, target.maxStorageBuffers, fused);
  const order = schedule(groups, viewed.access);
  const planner = new Planner(target, viewed, groups, order);
  planner.placeLeaves(leaves);
  planner.placeInPlace(updatesInPlace(stateOf, order, groups, viewed.access));
  const dispatches = planner.dispatchAll();
  return {
    buffers: planner.placement.buffers,
    dispatches,
    copies: planner.commits(targets, values),
    inputs: planner.tensors(leaves.filter((node) => node.op === 'input')),
    scalars: planner.tensors(leaves.filter((node) => node.op === 'scalar')),
    states: planner.tensors(leaves.filter((node) => node.op === 'state')),
    outputs: Object.fromEntries(names.map((name, at) => [name, planner.tensor(viewed.roots[at]!)])),
  };
}

class Planner {
  readonly placement = new Placement();
  readonly #target: Target;
  readonly #viewed: Viewed;
  readonly #groups: Fused;
  readonly #order: readonly Unit[];
  readonly #kept: ReadonlySet<Node>;

  constructor(target: Target, viewed: Viewed, groups: Fused, order: readonly Unit[]) {
    this.#target = target;
    this.#viewed = viewed;
    this.#groups = groups;
    this.#order = order;
    this.#kept = new Set(viewed.roots.map((root) => viewed.access.get(root)!.source));
  }

  /** All scalars share one buffer, so that a step writes them at once. */
  placeLeaves(nodes: readonly Node[]): void {
    const scalars = nodes.flatMap((node) => (node.op === 'scalar' ? [node] : []));
    if (scalars.length > 0) {
      const init = Float32Array.from(scalars, (node) => node.attrs.init);
      const buffer = this.placement.add({ label: 'scalars', role: 'scalars', bytes: init.byteLength, init });
      for (const [base, node] of scalars.entries()) this.placement.put(node, { buffer, base });
    }
    for (const node of nodes) this.#placeLeaf(node);
    for (const node of this.#viewed.nodes) if (!this.placement.has(node)) this.#placeLeaf(node);
  }

  placeInPlace(values: ReadonlyMap<Node, Node>): void {
    for (const [value, state] of values) this.placement.put(value, this.placement.at(state));
  }

  /** Dispatches in order; buffers of dead temporaries go back as it walks. */
  dispatchAll(): Dispatch[] {
    const last = lastUses(this.#order, this.#viewed.access, this.#kept);
    const dispatches: Dispatch[] = [];
    this.#order.forEach((unit, at) => {
      const stored = unit.nodes.filter((node) => this.#isStored(node, unit));
      for (const node of stored) this.#placeResult(node);
      dispatches.push(
        ...(unit.kind === 'kernel' ? this.#runKernels(unit.nodes[0]!) : [this.#runChain(unit, stored)]),
      );
      const touched = new Set(unit.nodes.flatMap((node) => [node, ...this.#sources(node)]));
      for (const source of touched) {
        if (last.get(source) === at && this.#isTemp(source))
          this.placement.giveBack(this.placement.at(source).buffer);
      }
    });
    return dispatches;
  }

  /** Copies for the updates whose value does not already lie in the state's buffer. */
  commits(targets: readonly Node[], values: readonly Node[]): Plan['copies'] {
    return targets.flatMap((state, at) => {
      const from = this.placement.at(this.#viewed.access.get(values[at]!)!.source).buffer;
      const to = this.placement.at(state).buffer;
      return from === to ? [] : [{ from, to, bytes: numel(state.shape) * bytesPerElement }];
    });
  }

  tensor(node: Node): PlanTensor {
    const { source, view } = this.#viewed.access.get(node) ?? { source: node, view: { offset: 0 } };
    const { buffer, base } = this.placement.at(source);
    return { buffer, offset: base + view.offset, shape: node.shape, dtype: node.dtype };
  }

  tensors(nodes: readonly Node[]): Record<string, PlanTensor> {
    return Object.fromEntries(nodes.map((node) => [node.name, this.tensor(node)]));
  }

  #placeLeaf(node: Node): void {
    const bytes = numel(node.shape) * bytesPerElement;
    const put = (buffer: number): void => this.placement.put(node, { buffer, base: 0 });
    if (node.op === 'input') put(this.placement.add({ label: node.name, role: 'input', bytes }));
    if (node.op === 'state') {
      put(this.placement.add({ label: node.name, role: 'state', bytes, init: toDevice(node.attrs.init) }));
    }
    if (node.op === 'constant') {
      put(this.placement.add({ label: node.name, role: 'constant', bytes, init: toDevice(node.attrs.data) }));
    }
  }

  #placeResult(node: Node): void {
    if (this.placement.has(node)) return;
    const length = numel(node.shape);
    if (length * bytesPerElement > this.#target.maxBindingBytes) {
      const limit = `at most ${this.#target.maxBindingBytes} bytes a buffer on this adapter`;
      throw new DeviceError(misuse(node.name, limit, `${length * bytesPerElement} bytes`, node.site));
    }
    const buffer = this.#kept.has(node)
      ? this.placement.add({ label: node.name, role: 'output', bytes: length * bytesPerElement })
      : this.placement.borrow(length);
    this.placement.put(node, { buffer, base: 0 });
  }

  #isStored(node: Node, unit: Unit): boolean {
    return (
      this.#kept.has(node) ||
      (this.#groups.users.get(node) ?? []).some((user) => this.#groups.unitOf.get(user) !== unit)
    );
  }

  #isTemp(source: Node): boolean {
    return (
      this.placement.has(source) && this.placement.buffers[this.placement.at(source).buffer]!.role === 'temp'
    );
  }

  #sources(node: Node): Node[] {
    return node.inputs.map((input) => this.#viewed.access.get(input)!.source);
  }

  #runChain(unit: Unit, stored: readonly Node[]): Dispatch {
    return generatePointwise({
      nodes: unit.nodes,
      stored,
      access: this.#viewed.access,
      locate: (source) => this.placement.at(source),
      maxWorkgroups: this.#target.maxWorkgroups,
    });
  }

  #runKernels(node: Node): Dispatch[] {
    const lowering = loweringOf(node);
    if (lowering.kind !== 'kernel') throw new Error(`${node.op} has no kernel`);
    const operands = node.inputs.map((input) => this.tensor(input));
    const offsets = operands.map((operand) => operand.offset);
    const plan: KernelPlan = lowering.calls(node as never, { target: this.#target, offsets });
    const temps = plan.temps.map((temp) => this.placement.borrow(temp.length));
    const bufferOf = (slot: Slot): number => {
      if (slot.kind === 'input') return operands[slot.index]!.buffer;
      return slot.kind === 'temp' ? temps[slot.index]! : this.placement.at(node).buffer;
    };
    const elements = operands.reduce((total, operand) => total + numel(operand.shape), numel(node.shape));
    for (const temp of temps) this.placement.giveBack(temp);
    return plan.calls.map((call) => ({
      label: call.label,
      nodes: [node.name],
      wgsl: call.wgsl,
      entryPoint: call.entryPoint,
      constants: call.constants,
      bindings: call.bindings.map(({ slot, access }) => ({ buffer: bufferOf(slot), access })),
      workgroups: call.workgroups,
      bytes: elements * bytesPerElement,
      flops: call.flops,
    }));
  }
}

/** As it lies on the device: bool widened to u32, floats as float32. */
function toDevice(data: HostArray): HostArray {
  if (data instanceof Uint8Array) return Uint32Array.from(data);
  return data instanceof Float64Array ? Float32Array.from(data) : data;
}
