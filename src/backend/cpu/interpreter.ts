// Runs a graph node by node, unfused, by each op's CPU definition: the living specification that every other
// backend is tested against (the idea is tinygrad's Python runtime). Arrays are allocated once.
import type { OpName } from '../../graph/attrs.ts';
import { type Node, type NodeWith, topologicalOrder } from '../../graph/node.ts';
import type { Value } from '../../graph/value.ts';
import { ops } from '../../ops/index.ts';
import { misuse, ProgramError } from '../../tensor/errors.ts';
import { numel } from '../../tensor/shape.ts';
import { allocate, formatType, type HostArray, type Precision } from '../../tensor/types.ts';

interface Step {
  readonly node: Node;
  readonly inputs: readonly Step[];
  readonly own: HostArray;
  /** `own`, or the array that the caller supplies for a leaf. */
  data: HostArray;
}

/** Node and row belong together by construction: `ops[op]` is the row of exactly that op. */
function compute<K extends OpName>(node: NodeWith<K>, inputs: readonly HostArray[], output: HostArray): void {
  ops[node.op].cpu(node, inputs, output);
}

export class Interpreter {
  readonly #roots: readonly Step[];
  readonly #steps: readonly Step[];

  /** Float tensors are stored in `precision`; each op computes in doubles and rounds once, when it stores. */
  constructor(roots: readonly Node[], precision: Precision) {
    const steps = new Map<Node, Step>();
    for (const node of topologicalOrder(roots)) {
      const own = allocate(node.dtype, numel(node.shape), precision);
      const step = { node, inputs: node.inputs.map((input) => steps.get(input)!), own, data: own };
      steps.set(node, step);
      if (node.op === 'constant' || node.op === 'literal') compute(node, [], own);
    }
    const changing = (step: Step): boolean => step.node.op !== 'constant' && step.node.op !== 'literal';
    this.#steps = [...steps.values()].filter(changing);
    this.#roots = roots.map((root) => steps.get(root)!);
  }

  /**
   * The roots' values under `leaves` (read in place; states and scalars that are left out have their initial
   * values). The arrays belong to the interpreter: copy what must outlive the next call.
   * @throws ProgramError for an input left out, a wrong length, or an index out of range
   */
  evaluate(leaves: ReadonlyMap<Node, HostArray>): readonly HostArray[] {
    for (const step of this.#steps) {
      const supplied = leaves.get(step.node);
      step.data = supplied ?? step.own;
      if (supplied === undefined) {
        compute(
          step.node,
          step.inputs.map((input) => input.data),
          step.own,
        );
      } else if (supplied.length !== step.own.length) {
        throw new ProgramError(
          misuse(
            `run '${step.node.name}'`,
            `${step.own.length} elements for ${formatType(step.node)}`,
            `${supplied.length}`,
            step.node.site,
          ),
        );
      }
    }
    return this.#roots.map((root) => root.data);
  }
}

/**
 * The values of a graph, computed once on the CPU: for tests and for looking into a model.
 *
 * @param feeds what inputs (and, if wished, states and scalars) hold
 * @throws ProgramError as `Interpreter.evaluate`
 */
export function evaluate(
  values: readonly Value[],
  feeds: ReadonlyMap<Value, HostArray | readonly number[]> = new Map(),
  precision: Precision = 'f64',
): HostArray[] {
  const leaves = new Map<Node, HostArray>();
  for (const [{ node }, fed] of feeds) {
    const data = allocate(node.dtype, fed.length, precision);
    data.set(fed);
    leaves.set(node, data);
  }
  const roots = values.map((value) => value.node);
  return new Interpreter(roots, precision).evaluate(leaves).map((result) => result.slice());
}
