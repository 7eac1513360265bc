// Optimisers as graph functions: parameters and gradients in, updates out. They are pointwise, so the planner makes
// each parameter's update one kernel that works in place; no hand-written optimiser kernel is needed.
import type { Update } from '../graph/node.ts';
import type { Operand, Value } from '../graph/value.ts';

export interface SgdOptions {
  readonly learningRate: Operand;
  readonly momentum?: number;
  readonly nesterov?: boolean;
}

/** `v ← μ v + g`, `p ← p − η v` (with Nesterov: `p ← p − η (g + μ v)`). */
export function sgd(
  parameters: readonly Value[],
  gradients: readonly Value[],
  options: SgdOptions,
): Update<Value>[] {
  const { learningRate, momentum = 0, nesterov = false } = options;
  return parameters.flatMap((parameter, at) => {
    const gradient = gradients[at]!;
    if (momentum === 0) return [{ target: parameter, value: parameter.sub(gradient.mul(learningRate)) }];
    const velocity = zerosLike(parameter, 'velocity');
    const next = velocity.mul(momentum).add(gradient);
    const direction = nesterov ? next.mul(momentum).add(gradient) : next;
    return [
      { target: velocity, value: next },
      { target: parameter, value: parameter.sub(direction.mul(learningRate)) },
    ];
  });
}

export interface AdamOptions {
  readonly learningRate: Operand;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

export interface AdamWOptions extends AdamOptions {
  /** Decoupled: `p` shrinks by `learningRate · weightDecay` a step (Loshchilov & Hutter 2019). */
  readonly weightDecay: Operand;
  /** Only elements `[0, decayed)` of each parameter shrink; all, where left out. */
  readonly decayed?: number;
}

/** Adam (Kingma & Ba 2015). */
export function adam(
  parameters: readonly Value[],
  gradients: readonly Value[],
  options: AdamOptions,
): Update<Value>[] {
  return adaptive(parameters, gradients, options, () => 0);
}

export function adamw(
  parameters: readonly Value[],
  gradients: readonly Value[],
  options: AdamWOptions,
): Update<Value>[] {
  const { weightDecay, decayed } = options;
  return adaptive(parameters, gradients, options, (parameter) => {
    const shrink = parameter.mul(weightDecay);
    return decayed === undefined
      ? shrink
      : parameter.graph.iota(parameter.shape).lt(decayed).select(shrink, 0);
  });
}

function adaptive(
  parameters: readonly Value[],
  gradients: readonly Value[],
  { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions,
  decay: (parameter: Value) => Operand,
): Update<Value>[] {
  const graph = parameters[0]!.graph;
  const count = graph.state('adam/step', []);
  const step = count.add(1);
  // 1 − βᵗ without cancellation, for the first steps of a β near 1.
  const correction1 = step.mul(Math.log(beta1)).expm1().neg();
  const correction2 = step.mul(Math.log(beta2)).expm1().neg();
  const updates = parameters.flatMap((parameter, at) => {
    const gradient = gradients[at]!;
    const mean = zerosLike(parameter, 'mean');
    const square = zerosLike(parameter, 'square');
    const nextMean = mean.mul(beta1).add(gradient.mul(1 - beta1));
    const nextSquare = square.mul(beta2).add(gradient.square().mul(1 - beta2));
    const direction = nextMean.div(correction1).div(nextSquare.div(correction2).sqrt().add(epsilon));
    return [
      { target: mean, value: nextMean },
      { target: square, value: nextSquare },
      { target: parameter, value: parameter.sub(direction.add(decay(parameter)).mul(learningRate)) },
    ];
  });
  return [{ target: count, value: step }, ...updates];
}

function zerosLike(parameter: Value, role: string): Value {
  return parameter.graph.state(`${parameter.node.name}/${role}`, parameter.shape);
}
