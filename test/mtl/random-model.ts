// Small random multi-task models whose gradients a test can see whole: trunk, heads, and one row a task and constraint.
import { vjp } from '../../src/autodiff/index.ts';
import type { Graph } from '../../src/graph/index.ts';
import type { Value } from '../../src/graph/value.ts';
import {
  type Heads,
  layOut,
  makeHeads,
  type Objectives,
  type Task,
  type TaskLayout,
} from '../../src/mtl/index.ts';
import { mlp, Parameters } from '../../src/nn/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import type { Random } from '../../src/tensor/random.ts';
import { numel } from '../../src/tensor/shape.ts';

export interface ModelShape {
  readonly tasks: readonly Task[];
  readonly rows: number;
  readonly inputs: number;
  /** Of the trunk; the last is `d`. */
  readonly widths: readonly number[];
  /** Of the heads; none makes them linear. */
  readonly headWidths?: readonly number[];
}

export interface RandomModel {
  readonly graph: Graph;
  readonly layout: TaskLayout;
  readonly heads: Heads;
  readonly parameters: Parameters;
  readonly z: Value;
  readonly outputs: Value;
  /** Names of the trunk's parameters, and of the heads'. */
  readonly trunkNames: readonly string[];
  readonly headNames: readonly string[];
}

/** The forward graph; its input is `x`, its parameters the state `parameters`. */
export function randomModel({ tasks, rows, inputs, widths, headWidths = [] }: ModelShape): RandomModel {
  const graph = newGraph();
  const layout = layOut(tasks);
  const trunk = mlp('trunk', { inputs, widths, activation: 'tanh' });
  const heads = makeHeads(layout, {
    inputs: widths[widths.length - 1]!,
    hidden: headWidths,
    activation: 'tanh',
  });
  const parameters = new Parameters(graph, [trunk, heads], 1);
  const z = trunk.apply(parameters, graph.input('x', [rows, inputs]));
  return {
    graph,
    layout,
    heads,
    parameters,
    z,
    outputs: heads.apply(parameters, z),
    trunkNames: trunk.parameters.map(({ name }) => name),
    headNames: heads.parameters.map(({ name }) => name),
  };
}

/** One row for each task and, last, the constraint: the gradient by `wrt` of ⟨its cotangent, O⟩. */
export function gradientRows(
  { layout, outputs }: RandomModel,
  { taskGradient, constraintGradient }: Pick<Objectives, 'taskGradient' | 'constraintGradient'>,
  wrt: readonly Value[],
): Value {
  const column = outputs.graph.iota(outputs.shape, 1);
  const cotangents = layout.slots.map(({ outputs: { start, end } }) =>
    column.ge(start).and(column.lt(end)).select(taskGradient, 0),
  );
  if (constraintGradient) cotangents.push(constraintGradient);
  const [first, ...rest] = cotangents.map((cotangent) => flatRow(vjp([outputs], [cotangent], wrt)));
  return first!.concat(rest, 0);
}

/** `[1, …]`: all parts side by side. */
export function flatRow(parts: readonly Value[]): Value {
  const [first, ...rest] = parts.map((part) => part.reshape([1, -1]));
  return first!.concat(rest, 1);
}

export const valuesOf = ({ parameters }: RandomModel, names: readonly string[]): Value[] =>
  names.map((name) => parameters.get(name));

export const normals = (random: Random, length: number, scale = 1): Float64Array =>
  Float64Array.from({ length }, () => Math.fround(scale * random.normal()));

/** Parameters of a random model, each drawn at the scale of its layer. */
export function randomParameters(random: Random, { parameters }: RandomModel): Float64Array {
  const flat = new Float64Array(parameters.flat.size);
  for (const { offset, shape } of parameters.entries) {
    const scale = shape.length > 1 ? 1.2 / Math.sqrt(shape[0]!) : 0.3;
    flat.set(normals(random, numel(shape), scale), offset);
  }
  return flat;
}

/** `[rows, columns]` row-major → rows. */
export function toRows(flat: readonly number[], rows: number): Float64Array[] {
  const width = flat.length / rows;
  return Array.from({ length: rows }, (_, r) => Float64Array.from(flat.slice(r * width, (r + 1) * width)));
}
