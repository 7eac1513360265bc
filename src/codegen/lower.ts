// Graph → plan for WebGPU: the arrangement that all backends share, with each unit turned into dispatches.

import type { Node } from '../graph/node.ts';
import type { KernelCall, KernelPlan, Slot, Target } from '../ops/index.ts';
import { arrange, type Emit, type Memory, operandsInPlace, type StepSpec } from '../passes/arrange.ts';
import type { KernelUnit } from '../passes/fuse.ts';
import { bytesPerElement } from '../passes/place.ts';
import { type Dispatch, type Plan, type PlanBinding, shapesOf } from '../passes/plan.ts';
import { loweringOf } from '../passes/views.ts';
import { numel } from '../tensor/shape.ts';
import { withEpilogue } from './epilogue.ts';
import { type Chain, generatePointwise, opsOf } from './pointwise.ts';
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
function runKernels(unit: KernelUnit, stored: readonly Node[], memory: Memory, target: Target): Dispatch[] {
  const { kernel: node, nodes } = unit;
  const lowering = loweringOf(node);
  if (lowering.kind !== 'kernel') throw new Error(`${node.op} has no kernel`);
  const operands = node.inputs.map((input) => memory.tensor(input));
  const plan: KernelPlan = lowering.calls(node as never, {
    target,
    offsets: operands.map((operand) => operand.offset),
    ...(node.op === 'concat' && { inPlace: operandsInPlace(node, memory) }),
  });
  const temps = plan.temps.map(({ length }) => memory.borrow(length));
  const bufferOf = (slot: Slot): number => {
    if (slot.kind === 'input') return operands[slot.index]!.buffer;
    return slot.kind === 'temp' ? temps[slot.index]! : memory.locate(node).buffer;
  };
  const bound = (bindings: KernelCall['bindings']): PlanBinding[] =>
    bindings.map(({ slot, access }) => ({ buffer: bufferOf(slot), access }));
  const isPlain = nodes.length === 1 && memory.locate(node).base === 0;
  return plan.calls.map((call, at) =>
    isPlain || at < plan.calls.length - 1
      ? dispatchOf(call, node, bound(call.bindings), target)
      : followed(call, unit, bound(call.bindings.slice(0, -1)), { nodes, stored, memory }, target),
  );
}

function dispatchOf(
  call: KernelCall,
  node: Node,
  bindings: readonly PlanBinding[],
  target: Target,
): Dispatch {
  const { label, entryPoint, workgroups, flops } = call;
  const elements = node.inputs.reduce((total, input) => total + numel(input.shape), numel(node.shape));
  return {
    ...{ label, nodes: [node.name], shapes: shapesOf([node]) },
    ...{ ...placeSizes(call, bindings.length, target), entryPoint, bindings, workgroups },
    ...{ bytes: elements * bytesPerElement, flops },
  };
}

/** The last call of a kernel, with what follows it in the same dispatch. `operands`: its bindings but for the result's. */
function followed(
  call: KernelCall,
  { kernel, nodes }: KernelUnit,
  operands: readonly PlanBinding[],
  chain: Chain,
  target: Target,
): Dispatch {
  const epilogue = withEpilogue(call, kernel, chain);
  const dispatch = dispatchOf(epilogue.call, kernel, [...operands, ...epilogue.bindings], target);
  const tail = nodes.filter((each) => each !== kernel);
  const size = numel(kernel.shape);
  return {
    ...dispatch,
    label: [call.label, ...(tail.length > 0 ? [opsOf(tail)] : [])].join('+'),
    nodes: nodes.map(({ name }) => name),
    bytes: dispatch.bytes + (epilogue.elementsMoved - size) * bytesPerElement,
    flops: call.flops + size * tail.length,
  };
}
