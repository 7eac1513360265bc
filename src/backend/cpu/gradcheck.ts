// Checks gradients against central differences, in float64 through the interpreter. It lives beside the interpreter
// rather than in autodiff/, which knows of no backend.
import { grads } from '../../autodiff/index.ts';
import type { Graph } from '../../graph/graph.ts';
import type { Value } from '../../graph/value.ts';
import { newGraph } from '../../ops/index.ts';
import { numel } from '../../tensor/shape.ts';
import type { Shape } from '../../tensor/types.ts';
import { Interpreter } from './interpreter.ts';

export interface GradcheckInput {
  readonly shape: Shape;
  /** Row-major. Keep away from kinks by more than `step`. */
  readonly data: readonly number[];
}

export interface GradcheckOptions {
  /** Of the central difference, relative to max(1, |x|). */
  readonly step?: number;
  /** Allowed difference, relative to max(1, |gradient|). */
  readonly tolerance?: number;
}

/**
 * Builds `f(inputs)` in the middle of a graph: each input is a scaled leaf, and the loss weighs every output element
 * differently and bends it, so that a rule which drops its upstream gradient, or a factor of it, is found.
 *
 * @throws Error naming the input, the element and both numbers where gradient and difference disagree
 */
export function gradcheck(
  f: (values: readonly Value[], graph: Graph) => Value,
  inputs: readonly GradcheckInput[],
  { step = 1e-5, tolerance = 1e-6 }: GradcheckOptions = {},
): void {
  const graph = newGraph();
  const leaves = inputs.map(({ shape }, i) => graph.input(`x${i}`, shape));
  const scale = 1.25;
  const output = f(
    leaves.map((leaf) => leaf.mul(scale)),
    graph,
  );
  const weights = Array.from({ length: output.size }, (_, i) => 0.75 + 0.5 * Math.sin(1 + 2 * i));
  const loss = output.add(output.square().mul(0.25)).mul(graph.constant(weights, output.shape)).sum();
  const [gradients] = grads([loss], leaves);

  const data = inputs.map((input) => Float64Array.from(input.data, (x) => x / scale));
  const feeds = new Map(leaves.map((leaf, i) => [leaf.node, data[i]!]));
  const analytic = new Interpreter(
    gradients!.map((gradient) => gradient.node),
    'f64',
  ).evaluate(feeds);
  const forward = new Interpreter([loss.node], 'f64');
  const lossAt = (array: Float64Array, element: number, x: number): number => {
    const before = array[element]!;
    array[element] = x;
    const value = forward.evaluate(feeds)[0]![0]!;
    array[element] = before;
    return value;
  };

  data.forEach((array, which) => {
    for (let element = 0; element < numel(inputs[which]!.shape); element++) {
      const x = array[element]!;
      const h = step * Math.max(1, Math.abs(x));
      const numeric = (lossAt(array, element, x + h) - lossAt(array, element, x - h)) / (2 * h);
      const gradient = analytic[which]![element]!;
      if (Math.abs(gradient - numeric) <= tolerance * Math.max(1, Math.abs(numeric))) continue;
      throw new Error(
        `gradcheck: element ${element} of input ${which} ([${inputs[which]!.shape.join(',')}]): ` +
          `the gradient is ${gradient}, the central difference ${numeric}`,
      );
    }
  });
}
