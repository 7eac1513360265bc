/**
 * The weights of the `pareto-guided` step: tasks' utilities inside the min-norm problem, the fairness gradient
 * beside them with a weight of at least 1, so that the program can add to the fairness pressure but never trade
 * it away. Our reading of the QP of FairMT (arXiv 2512.00469), whose equations were not at hand.
 *
 *   α, β = argmin ‖Σ_t α_t ∇L_t + β ∇A‖² + ρ‖α‖²,  α in the simplex, β ≥ 1,  ρ = ridge · tr(M)/T
 *
 * With β = 1 + β′ this is the point nearest to the origin in conv(∇L_t + ∇A) + cone(∇A).
 * `shaders/minnorm.wgsl` is the same in f32, inside the step.
 */
import { lengthOf, orderOf } from './min-norm-point.ts';
import { nearestToOrigin, ROUNDING } from './nearest-to-origin.ts';

export interface ParetoGuidedProblem {
  /** [T + 1, T + 1] row-major: inner products of ∇L_1 … ∇L_T and, last, ∇A (zero where no constraint acts). */
  readonly gram: Float64Array;
  /** γ ≥ 0: how strongly weights are drawn together, as a share of the mean squared gradient. */
  readonly ridge: number;
  /** [T], 0 for a task without labels in the batch: it leaves the problem and gets α = 0. Default: all take part. */
  readonly active?: ArrayLike<number>;
}

export interface ParetoGuidedWeights {
  /** [T], in the simplex; all zero if no task is active. */
  readonly alpha: Float64Array;
  /** ≥ 1; 1 where ∇A = 0. */
  readonly beta: number;
}

/** What the problem says of one batch: who takes part, and ∇A's inner products. */
function readProblem({ gram, ridge, active }: ParetoGuidedProblem) {
  const order = orderOf('pareto-guided', gram);
  if (!(ridge >= 0)) throw new RangeError(`pareto-guided: ridge must be at least 0, got ${ridge}`);
  const constraint = order - 1;
  const tasks = Array.from({ length: constraint }, (_, t) => t).filter((t) => active?.[t] !== 0);
  const at = (i: number, j: number) => gram[i * order + j]!;
  const trace = tasks.reduce((sum, t) => sum + at(t, t), 0);
  const diagonal = tasks.length === 0 ? 0 : (ridge * trace) / tasks.length;
  const utility = (t: number, s: number) => at(t, s) + (t === s ? diagonal : 0);
  const isConstrained = at(constraint, constraint) > 0;
  const onConstraint = (t: number) => (isConstrained ? at(t, constraint) : 0);
  return { tasks, utility, onConstraint, constraintSquare: Math.max(0, at(constraint, constraint)) };
}

/**
 * α and β of the `pareto-guided` step, exactly, in float64.
 * @throws RangeError where the Gram matrix is not square or not finite, or the ridge is negative
 */
export function paretoGuidedWeights(problem: ParetoGuidedProblem): ParetoGuidedWeights {
  const { tasks, utility, onConstraint, constraintSquare } = readProblem(problem);
  const alpha = new Float64Array(Math.round(Math.sqrt(problem.gram.length)) - 1);
  if (tasks.length === 0) return { alpha, beta: 1 };
  const n = tasks.length + 1;
  const shifted = new Float64Array(n * n);
  tasks.forEach((t, i) => {
    tasks.forEach((s, j) => {
      shifted[i * n + j] = utility(t, s) + onConstraint(t) + onConstraint(s) + constraintSquare;
    });
    // ∇L_t + ∇A that cancels to rounding is zero: what is left of it has no direction.
    if (shifted[i * n + i]! <= ROUNDING * (utility(t, t) + constraintSquare)) shifted[i * n + i] = 0;
    shifted[i * n + n - 1] = shifted[(n - 1) * n + i] = onConstraint(t) + constraintSquare;
  });
  shifted[n * n - 1] = constraintSquare;
  const weights = nearestToOrigin(shifted, tasks.length);
  tasks.forEach((t, i) => {
    alpha[t] = weights[i]!;
  });
  return { alpha, beta: 1 + weights[n - 1]! };
}

/**
 * How far α and β satisfy the problem's optimality conditions, in the units of `certificate`: with
 * `d = Σ α_t ∇L_t + β ∇A` (and the ridge's share), the least of
 *
 * - `⟨∇L_t + β ∇A, d⟩ / ‖d‖²` over the active tasks (no task's weight should grow),
 * - `1 + β⟨∇A, d⟩ / ‖d‖²` (the step does not raise A),
 * - `1 − (β − 1)⟨∇A, d⟩ / ‖d‖²` (β exceeds 1 only where it just keeps A from rising).
 *
 * At least 1 exactly at the optimum. `certificate` of the utilities' Gram matrix if ∇A = 0 and the ridge is 0.
 */
export function paretoGuidedCertificate(
  problem: ParetoGuidedProblem,
  { alpha, beta }: { readonly alpha: ArrayLike<number>; readonly beta: number },
  rounding = ROUNDING,
): number {
  const { tasks, utility, onConstraint, constraintSquare } = readProblem(problem);
  const sum = (term: (t: number) => number) => tasks.reduce((total, t) => total + term(t), 0);
  const onTask = (t: number) => sum((s) => utility(t, s) * alpha[s]!) + beta * onConstraint(t);
  const onA = sum((t) => alpha[t]! * onConstraint(t)) + beta * constraintSquare;
  const square = sum((t) => alpha[t]! * onTask(t)) + beta * onA;
  const lengthOfA = lengthOf(constraintSquare);
  const length = sum((t) => alpha[t]! * lengthOf(utility(t, t))) + beta * lengthOfA;
  if (square <= rounding * length * length) return 1;
  const slack = (rowLength: number) => rounding * length * rowLength;
  const conditions = tasks.map(
    (t) => onTask(t) + beta * onA + slack(lengthOf(utility(t, t)) + beta * lengthOfA),
  );
  conditions.push(square + beta * (onA + slack(lengthOfA)), square - (beta - 1) * (onA - slack(lengthOfA)));
  return Math.min(...conditions) / square;
}
