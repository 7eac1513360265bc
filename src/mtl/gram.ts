// Gram matrices of the objectives' gradients: how much the tasks, and the constraint, pull against each other.
// Our reading of METHOD §4 (the paper's abstract names a "head-aware QP proxy" and gives no equation).
import { vjp } from '../autodiff/index.ts';
import type { Value } from '../graph/value.ts';
import type { Parameters } from '../nn/index.ts';
import type { Heads } from './heads.ts';
import { segmentIndices } from './segments.ts';
import { outputWidth, type TaskLayout } from './tasks.ts';

/**
 * `exact`: all parameters, `T + 1` backward passes. `head-aware`: `ρ⟨Q_s, Q_t⟩ + ⟨B_s, B_t⟩`, with Q by the
 * representation and B by the heads. `representation`: `⟨Q_s, Q_t⟩` alone (MGDA-UB, Sener & Koltun 2018).
 */
export type GramKind = 'exact' | 'head-aware' | 'representation';

/** The parts of a step that its Gram matrix is made from. */
export interface Objectives {
  readonly layout: TaskLayout;
  readonly heads: Heads;
  readonly parameters: Parameters;
  /** `[n, d]`. */
  readonly z: Value;
  /** `O`, `[n, P]`. */
  readonly outputs: Value;
  /** Gradient of the sum of the tasks' objectives by `O`, `[n, P]`: each task's own lies in its own columns. */
  readonly taskGradient: Value;
  /**
   * On request, further objectives, one a task: the gradient by `O` of the losses of those to be protected from harm,
   * `[n, P]`, in the tasks' own columns too.
   */
  readonly protectedGradient?: Value | undefined;
  /** Gradient of the constraint by `O`, `[n, P]`; left out where none acts. */
  readonly constraintGradient?: Value | undefined;
  /** Decayed estimate of `‖Jᵀq‖² / ‖q‖²`, `J = ∂Z/∂θ`, shape `[]`. */
  readonly trunkGain: Value;
}

/**
 * `[T + 1, T + 1]`: the tasks in the order of the layout, then the constraint (zero where none acts). With protected
 * objectives `[2T + 1, 2T + 1]`, these after the tasks.
 */
export function gramMatrix(kind: GramKind, objectives: Objectives): Value {
  const linear = objectives.heads.kind === 'linear' && kind !== 'exact';
  return linear ? outputSpaceGram(kind, objectives) : gramByBackward(kind, objectives);
}

/**
 * For linear heads, from products in output space alone: with `U = [D | F]` (`[n, 2P]`), `K = WᵀW` and
 * `Y = Uᵀ[Z | 1]`, entry (p, q) of the columns' Gram is `ρ K_pq (UᵀU)_pq`, plus `(YYᵀ)_pq` where p and q are the same
 * output's columns; then columns are summed by task. No gradient of size `[n, d]` a task is ever made.
 */
function outputSpaceGram(kind: GramKind, objectives: Objectives): Value {
  const { layout, heads, parameters, z, constraintGradient, trunkGain } = objectives;
  if (heads.kind !== 'linear') throw new Error('outputSpaceGram: the heads are not linear');
  const graph = z.graph;
  const columns = layout.outputs;
  const utilities = utilityGradients(objectives);
  const [first, ...rest] = constraintGradient ? [...utilities, constraintGradient] : utilities;
  const blocks = 1 + rest.length;
  const gradients = first!.concat(rest, 1);
  const weight = heads.weight(parameters);
  const coupling = weight.matmul(weight, { transA: true }).reshape([1, columns, 1, columns]);
  const shape = [blocks, columns, blocks, columns];
  let entries = gradients.matmul(gradients, { transA: true }).reshape(shape).mul(coupling);
  if (kind === 'head-aware') {
    const byWeight = gradients.matmul(z, { transA: true });
    const byBias = gradients.sum(0);
    const products = byWeight.matmul(byWeight, { transB: true }).add(byBias.unsqueeze(1).mul(byBias));
    const sameOutput = graph.iota(shape, 1).eq(graph.iota(shape, 3));
    entries = entries.mul(trunkGain).add(sameOutput.select(products.reshape(shape), 0));
  }
  const all = [blocks * columns, blocks * columns];
  const owners = membership(layout, utilities.length, blocks);
  const byTask = graph.constant(owners, [blocks * columns, utilities.length * layout.slots.length + 1]);
  return byTask.matmul(entries.reshape(all), { transA: true }).matmul(byTask);
}

/** `[D]`, or `[D, D′]` with protected objectives. */
function utilityGradients({ taskGradient, protectedGradient }: Objectives): Value[] {
  return protectedGradient ? [taskGradient, protectedGradient] : [taskGradient];
}

/** 1 where a column of `[D | D′ | F]` belongs to an objective: a task's in D and D′, the constraint's in all of F. */
function membership(layout: TaskLayout, utilities: number, blocks: number): Float32Array {
  const tasks = layout.slots.length;
  const objectives = utilities * tasks + 1;
  const matrix = new Float32Array(blocks * layout.outputs * objectives);
  const owner = segmentIndices(layout.slots.map((slot) => outputWidth(slot.task)));
  for (let column = 0; column < blocks * layout.outputs; column++) {
    const block = Math.floor(column / layout.outputs);
    const ofBlock = block < utilities ? block * tasks + owner[column % layout.outputs]! : objectives - 1;
    matrix[column * objectives + ofBlock] = 1;
  }
  return matrix;
}

/** For any heads: one backward pass an objective, to all parameters or only to heads and `Z`. */
function gramByBackward(kind: GramKind, objectives: Objectives): Value {
  const { layout, heads, parameters, z, outputs, trunkGain } = objectives;
  const headNames = new Set(heads.parameters.map((spec) => spec.name));
  const headValues = parameters.entries
    .filter((entry) => headNames.has(entry.name))
    .map((entry) => parameters.get(entry.name));
  const cotangents = utilityGradients(objectives).flatMap((gradient) =>
    layout.slots.map((slot) => onlyColumns(gradient, slot.outputs.start, slot.outputs.end)),
  );
  if (objectives.constraintGradient) cotangents.push(objectives.constraintGradient);
  const wrt = kind === 'exact' ? parameters.values : [z, ...headValues];
  const rows = cotangents.map((cotangent) => vjp([outputs], [cotangent], wrt));
  let gram: Value;
  if (kind === 'exact') {
    gram = products(rows);
  } else {
    gram = products(rows.map((row) => row.slice(0, 1)));
    if (kind === 'head-aware') gram = gram.mul(trunkGain).add(products(rows.map((row) => row.slice(1))));
  }
  return objectives.constraintGradient ? gram : gram.pad([0, 0], [1, 1]);
}

/** `value` in columns `start ≤ c < end`, zero elsewhere. */
function onlyColumns(value: Value, start: number, end: number): Value {
  const column = value.graph.iota(value.shape, 1);
  return column.ge(start).and(column.lt(end)).select(value, 0);
}

/** Inner products of rows, each given in parts. */
function products(rows: readonly (readonly Value[])[]): Value {
  const flat = rows.map((row) => {
    const [first, ...rest] = row.map((part) => part.reshape([1, -1]));
    return first!.concat(rest, 1);
  });
  const [first, ...rest] = flat;
  const matrix = first!.concat(rest, 0);
  return matrix.matmul(matrix, { transB: true });
}
