// Graph → plan for WebGPU: the arrangement that all backends share, with each unit turned into dispatches.

import type { Node } from '../graph/node.ts';
import type { KernelCall, KernelPlan, LowerContext, Slot, Target } from '../ops/index.ts';
import { arrange, type Emit, type Memory, operandsInPlace, type StepSpec } from '../passes/arrange.ts';
import type { KernelUnit } from '../passes/fuse.ts';
import { bytesPerElement } from '../passes/place.ts';
import { type Dispatch, type Plan, shapesOf } from '../passes/plan.ts';
import { loweringOf } from '../passes/views.ts';
import { numel } from '../tensor/shape.ts';
import { storingFrom, withEpilogue } from './epilogue.ts';
import { generatePointwise, opsOf } from './pointwise.ts';
import { placeSizes } from './sizes.ts';

/** The plan of one step. `fused: false` gives each node a dispatch of its own (for tests and `check`). */
export function lower(spec: StepSpec, target: Target, { fused = true } = {}): Plan {
  const dispatches: Dispatch[] = [];
  const emit: Emit = (unit, stored, memory) => {
    if (unit.kind === 'kernel') dispatches.push(...runKernels(unit, stored, memory, target));
    else dispatches.push(generatePointwise({ nodes: unit.nodes, stored, memory }, target.maxWorkgroups));
  };
  return { ...arrange(spec, { ...target, epilogues: true }, emit, { fused }), dispatches };
}

/** The hand-written kernels of one node, bound to the buffers of its operands, its result and its scratch. */
function runKernels(
  { kernel: node, nodes }: KernelUnit,
  stored: readonly Node[],
  memory: Memory,
  target: Target,
): Dispatch[] {
  const lowering = loweringOf(node);
  if (lowering.kind !== 'kernel') throw new Error(`${node.op} has no kernel`);
  const operands = node.inputs.map((input) => memory.tensor(input));
  const context: LowerContext = {
    target,
    offsets: operands.map((operand) => operand.offset),
    ...(node.op === 'concat' && { inPlace: operandsInPlace(node, memory) }),
  };
  const plan: KernelPlan = lowering.calls(node as never, context);
  const temps = plan.temps.map(({ length }) => memory.borrow(length));
  // A result that a chain takes up whole has no place in memory.
  const own = stored.includes(node) ? memory.locate(node) : undefined;
  const bufferOf = (slot: Slot): number => {
    if (slot.kind === 'input') return operands[slot.index]!.buffer;
    return slot.kind === 'temp' ? temps[slot.index]! : (own?.buffer ?? -1);
  };
  const elements = operands.reduce((total, operand) => total + numel(operand.shape), numel(node.shape));
  const dispatchOf = (call: KernelCall): Dispatch => {
    const { label, entryPoint, workgroups, flops } = call;
    const bindings = call.bindings.map(({ slot, access }) => ({ buffer: bufferOf(slot), access }));
    return {
      ...{ label, nodes: [node.name], shapes: shapesOf([node]) },
      ...{ ...placeSizes(call, bindings.length, target), entryPoint, bindings, workgroups },
      ...{ bytes: elements * bytesPerElement, flops },
    };
  };
  const before = plan.calls.slice(0, -1).map(dispatchOf);
  const last = plan.calls.at(-1);
  if (!last) return [];
  const plain = nodes.length > 1 ? undefined : own!.base === 0 ? last : storingFrom(last, own!.base);
  if (plain) return [...before, dispatchOf(plain)];
  const epilogue = withEpilogue(last, node, { nodes, stored, memory });
  const dispatch = dispatchOf(last);
  const bindings = [...dispatch.bindings.slice(0, -1), ...epilogue.bindings];
  const tail = nodes.filter((each) => each !== node);
  const size = numel(node.shape);
  const followed: Dispatch = {
    ...dispatch,
    ...placeSizes(epilogue.call, bindings.length, target),
    label: [last.label, ...(tail.length > 0 ? [opsOf(tail)] : [])].join('+'),
    nodes: nodes.map(({ name }) => name),
    bindings,
    bytes: (elements - size + epilogue.elementsMoved) * bytesPerElement,
    flops: last.flops + size * tail.length,
  };
  return [...before, followed];
}
