// Graph → plan for WebGPU: the arrangement that all backends share, with each unit turned into dispatches.

import type { Node } from '../graph/node.ts';
import type { KernelPlan, Slot, Target } from '../ops/index.ts';
import { arrange, type Emit, type Memory, type StepSpec } from '../passes/arrange.ts';
import { bytesPerElement } from '../passes/place.ts';
import { type Dispatch, type Plan, shapesOf } from '../passes/plan.ts';
import { loweringOf } from '../passes/views.ts';
import { numel } from '../tensor/shape.ts';
import { generatePointwise } from './pointwise.ts';

/** The plan of one step. `fused: false` gives each node a dispatch of its own (for tests and `check`). */
export function lower(spec: StepSpec, target: Target, { fused = true } = {}): Plan {
  const dispatches: Dispatch[] = [];
  const emit: Emit = (unit, stored, memory) => {
    if (unit.kind === 'kernel') dispatches.push(...runKernels(unit.nodes[0]!, memory, target));
    else
      dispatches.push(
        generatePointwise({ nodes: unit.nodes, stored, memory, maxWorkgroups: target.maxWorkgroups }),
      );
  };
  return { ...arrange(spec, target, emit, { fused }), dispatches };
}

/** The hand-written kernels of one node, bound to the buffers of its operands, its result and its scratch. */
function runKernels(node: Node, memory: Memory, target: Target): Dispatch[] {
  const lowering = loweringOf(node);
  if (lowering.kind !== 'kernel') throw new Error(`${node.op} has no kernel`);
  const operands = node.inputs.map((input) => memory.tensor(input));
  const offsets = operands.map((operand) => operand.offset);
  const plan: KernelPlan = lowering.calls(node as never, { target, offsets });
  const temps = plan.temps.map(({ length }) => memory.borrow(length));
  const bufferOf = (slot: Slot): number => {
    if (slot.kind === 'input') return operands[slot.index]!.buffer;
    return slot.kind === 'temp' ? temps[slot.index]! : memory.locate(node).buffer;
  };
  const elements = operands.reduce((total, operand) => total + numel(operand.shape), numel(node.shape));
  return plan.calls.map(({ bindings, ...call }) => ({
    ...call,
    nodes: [node.name],
    shapes: shapesOf([node]),
    bindings: bindings.map(({ slot, access }) => ({ buffer: bufferOf(slot), access })),
    bytes: elements * bytesPerElement,
  }));
}
