// From the Gram matrix to the weights of a step: α over the tasks, β for the constraint (METHOD §3, our reading).
import minNormKernel from '../../shaders/minnorm.wgsl';
import type { Value } from '../graph/value.ts';
import { paretoGuidedCertificate, paretoGuidedWeights } from './minnorm/pareto-guided.ts';

/**
 * How the step's direction is chosen. `pareto-guided` (the default of FairMT): α and β ≥ 1 minimise
 * `‖Σ α_t ∇L̃_t + β ∇A‖²`, so that fairness can gain weight but is never traded away. `utility-only`: α from the
 * utilities alone, ∇A added as it is. `per-task`: each task's constraint inside its own objective, rows normalised.
 * `uniform`: equal weights, no quadratic program.
 */
export type DirectionKind = 'pareto-guided' | 'utility-only' | 'per-task' | 'uniform';

export interface StepWeights {
  /** `[T]`, sums to 1 over the tasks with labels, 0 for the others. */
  readonly alpha: Value;
  /** `[]`, at least 1. */
  readonly beta: Value;
  /** `[]`: at least 1 − tolerance where the program was solved; 1 without one. */
  readonly certificate: Value;
}

export interface DirectionProblem {
  /** `[T + 1, T + 1]`; not needed for `uniform`. */
  readonly gram?: Value | undefined;
  /** bool `[T]`: which tasks have labels in the batch. */
  readonly present: Value;
  /** `γ ≥ 0`, shape `[]`. */
  readonly ridge: Value;
}

export function stepWeights(kind: DirectionKind, { gram, present, ridge }: DirectionProblem): StepWeights {
  if (kind === 'uniform' || !gram) {
    const graph = present.graph;
    const share = present.cast('f32').sum().maximum(1).reciprocal();
    return { alpha: present.select(share, 0), beta: graph.literal(1), certificate: graph.literal(1) };
  }
  if (kind === 'per-task') return normalizedWeights(gram, present, ridge);
  return solve(gram, present, ridge, kind === 'pareto-guided');
}

/** The quadratic program, in one workgroup on the GPU and exactly in float64 on the CPU. */
function solve(gram: Value, present: Value, ridge: Value, constrained: boolean): StepWeights {
  const tasks = present.size;
  const solution = gram.graph.apply('customKernel', [gram, present.cast('u32'), ridge.reshape([1])], {
    label: 'minnorm',
    output: { shape: [tasks + 2], dtype: 'f32' },
    wgsl: minNormKernel,
    constants: { T: tasks, CONSTRAINED: constrained ? 1 : 0 },
    workgroups: [1, 1, 1],
    cpu: ([matrix, active, gamma], output) => {
      const problem = { gram: Float64Array.from(matrix!), ridge: gamma![0]!, active: active! };
      if (!constrained) clearConstraint(problem.gram, tasks);
      if (!problem.gram.every(Number.isFinite)) {
        output.fill(Number.NaN);
        return;
      }
      const weights = paretoGuidedWeights(problem);
      output.set(weights.alpha);
      output[tasks] = weights.beta;
      output[tasks + 1] = paretoGuidedCertificate(problem, weights);
    },
  });
  const at = (index: number): Value => solution.slice([index], [index + 1]).reshape([]);
  return { alpha: solution.slice([0], [tasks]), beta: at(tasks), certificate: at(tasks + 1) };
}

function clearConstraint(gram: Float64Array, tasks: number): void {
  for (let t = 0; t <= tasks; t++) gram[t * (tasks + 1) + tasks] = gram[tasks * (tasks + 1) + t] = 0;
}

/** Min-norm over gradients of length 1, then back to weights of the gradients as they are. */
function normalizedWeights(gram: Value, present: Value, ridge: Value): StepWeights {
  const order = gram.shape[0]!;
  const graph = gram.graph;
  const onDiagonal = graph.iota(gram.shape, 0).eq(graph.iota(gram.shape, 1));
  const squares = onDiagonal.select(gram, 0).sum(1);
  const inverse = squares.gt(0).select(squares.maximum(1e-30).rsqrt(), 0);
  const normalized = gram.mul(inverse.unsqueeze(1)).mul(inverse);
  const solved = solve(normalized, present, ridge, false);
  const raw = solved.alpha.mul(inverse.slice([0], [order - 1]));
  const total = raw.sum();
  return { ...solved, alpha: total.gt(0).select(raw.div(total), solved.alpha) };
}
