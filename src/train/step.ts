// One training step as a program (METHOD §5, our reading): forward; gradients in output space; the Gram matrix and the
// weights; one backward pass; the optimiser; decayed statistics and the dual update. No value leaves the device.
import { grads, vjp } from '../autodiff/index.ts';
import { type ColumnName, type LossTracker, trackLosses } from '../fairness/index.ts';
import type { Graph } from '../graph/graph.ts';
import type { Update } from '../graph/node.ts';
import type { Value } from '../graph/value.ts';
import {
  gramMatrix,
  type Labels,
  makeHeads,
  type Objectives,
  outputWidth,
  type StepWeights,
  spreadSegments,
  stepWeights,
  type TaskLayout,
  type TaskLosses,
  taskLosses,
} from '../mtl/index.ts';
import { Generator, Parameters, remainder } from '../nn/index.ts';
import { newGraph } from '../ops/index.ts';
import { adamw, clipByGlobalNorm } from '../optim/index.ts';
import type { ProgramSpec } from '../program/index.ts';
import { slopesAlong } from './audit.ts';
import { type FeatureShape, featureInputs, gatherFeatures, type Trunk } from './features.ts';
import type { Method } from './method.ts';
import { type PressureOptions, pressureOf } from './pressure.ts';
import { type Settings, settingScalars } from './settings.ts';

export interface StepOptions extends PressureOptions {
  readonly features: FeatureShape;
  readonly trunk: Trunk;
  /** Widths of the heads' hidden layers; none makes them linear. */
  readonly headWidths: readonly number[];
  /** Rows of the data that stay on the device, and of a batch. */
  readonly rows: number;
  readonly batch: number;
  /** Batches that are written together and taken in turns; 1 where left out. */
  readonly batches?: number;
  /** The factor of the learning rate after so many steps (f32 `[]`). */
  readonly rateFactor?: (done: Value) => Value;
  readonly settings: Settings;
  readonly seed: number;
  /** Adds the output `slopes`, which `risingAmong` reads: one more forward pass a step. */
  readonly audit?: boolean;
}

export interface TrainingStep {
  readonly spec: ProgramSpec;
  readonly parameters: Parameters;
  /** What the rows `K` of the statistics are; none without a constraint. */
  readonly columns: readonly ColumnName[];
  /** What the rows of the Gram matrix are: the tasks' losses, those of best-served groups on request, the constraint. */
  readonly objectives: readonly string[];
}

/**
 * Inputs: the data (`features/…` and `targets`), `batch rows` (u32 `[batches, batch]`) and, with a constraint,
 * `tolerance` (`[T]`). `targets` is `[rows, 2L + S]`: labels (0 where missing), 1 where known, cell indices (−1 where unknown).
 */
export function buildStep(options: StepOptions): TrainingStep {
  const { layout, trunk, method, seed, rateFactor } = options;
  const graph = newGraph();
  const scalars = settingScalars(graph, options.settings);
  const heads = makeHeads(layout, { inputs: trunk.width, hidden: options.headWidths });
  const parameters = new Parameters(graph, [trunk, heads], seed);
  const generator = new Generator(graph, seed);
  const clock = countSteps(graph);
  const { features, labels, groups } = batchOf(graph, clock.done, options);
  const forward = (at: Parameters): { z: Value; outputs: Value } => {
    const z = trunk.apply(at, features, generator);
    return { z, outputs: heads.apply(at, z, generator) };
  };
  const { z, outputs } = forward(parameters);

  const { losses, counts } = taskLosses(layout, outputs, labels);
  const present = counts.gt(0);
  const tracker = trackLosses(graph, losses, present, scalars['signal rate']);
  const pressing = pressureOf(options, { graph, scalars, outputs, labels, groups, tracker });

  const sheltered = method.noHarm ? pressing.inBestServed : undefined;
  const guarded = sheltered && bestServedLosses(layout, outputs, labels, sheltered);
  const gain = trunkGain(graph, scalars['signal rate']);
  const objectives: Objectives = {
    ...{ layout, heads, parameters, z, outputs, trunkGain: gain.value },
    ...outputGradients(method, outputs, {
      utility: scaledSum(losses, tracker),
      constraint: pressing.objective,
      guarded: guarded && scaledSum(guarded.losses, tracker),
    }),
  };
  const gram = method.direction === 'uniform' ? undefined : gramMatrix(method.gram, objectives);
  const taking = guarded ? present.concat([guarded.counts.gt(0)], 0) : present;
  const weights = stepWeights(method.direction, { gram, present: taking, ridge: scalars.ridge });

  const cotangent = combine(objectives, weights, present.cast('f32').sum());
  const [byRepresentation, ...byParameter] = vjp([outputs], [cotangent], [z, ...parameters.values]);
  const gradient = parameters.flatten(byParameter);
  const [flat] = clipByGlobalNorm([gradient], scalars['clip norm']);
  const optimized = adamw([parameters.flat], [flat!], {
    learningRate: rateFactor
      ? scalars['learning rate'].mul(rateFactor(clock.done.cast('f32')))
      : scalars['learning rate'],
    weightDecay: scalars['weight decay'],
    decayed: parameters.decayed,
  });
  const outputsAt = (moved: Value): Value =>
    generator.replay(() => forward(new Parameters(graph, [trunk, heads], moved)).outputs);
  const usesGain = gram !== undefined && method.gram === 'head-aware';
  return {
    parameters,
    columns: pressing.columns,
    objectives: objectiveNames(layout, guarded !== undefined),
    spec: {
      outputs: {
        losses,
        'smoothed losses': tracker.smoothed,
        ...weights,
        ...(gram && { gram, 'trunk gain': gain.value }),
        ...(options.audit && { slopes: slopesAlong(gradient, objectives, outputsAt) }),
        ...pressing.outputs,
      },
      updates: [
        clock.advance,
        ...optimized,
        ...tracker.updates,
        ...pressing.updates,
        ...(usesGain ? gain.update(parameters.partsOf(trunk, gradient.square()), byRepresentation!) : []),
        ...(trunk.random ? [generator.advance()] : []),
      ],
    },
  };
}

/** Losses in units of their decayed scale, so that no task's unit decides. */
function scaledSum(losses: Value, { smoothed }: LossTracker): Value {
  return losses.div(smoothed.maximum(1e-12)).sum();
}

/** What the step weighs, by its gradients with respect to the outputs. */
function outputGradients(
  { direction }: Method,
  outputs: Value,
  of: { utility: Value; constraint: Value | undefined; guarded: Value | undefined },
): Pick<Objectives, 'taskGradient' | 'protectedGradient' | 'constraintGradient'> {
  const byOutputs = (objective: Value): Value => grads([objective], [outputs])[0]![0]!.stopGradient();
  const utility = byOutputs(of.utility);
  const constraint = of.constraint && byOutputs(of.constraint);
  const isInside = direction === 'per-task' && constraint !== undefined;
  return {
    taskGradient: isInside ? utility.add(constraint) : utility,
    protectedGradient: of.guarded && byOutputs(of.guarded),
    constraintGradient: isInside ? undefined : constraint,
  };
}

function objectiveNames({ slots }: TaskLayout, hasProtected: boolean): string[] {
  const tasks = slots.map(({ task }) => task.name);
  return [...tasks, ...(hasProtected ? tasks.map((name) => `${name}, best served`) : []), 'constraint'];
}

/** `done`: steps before this one, u32 `[]`. Made from the new count, so that one kernel makes both, in place. */
function countSteps(graph: Graph): { done: Value; advance: Update<Value> } {
  const count = graph.state('steps', [], [0], 'u32');
  const next = count.add(1);
  return { done: next.sub(1), advance: { target: count, value: next } };
}

/** The rows of this step's batch, gathered from data that stay on the device. */
function batchOf(graph: Graph, done: Value, options: StepOptions) {
  const { layout, partitions, features, rows, batch, batches = 1 } = options;
  const turn = remainder(done, batches).reshape([1]);
  const chosen = graph.input('batch rows', [batches, batch], 'u32').gather(turn).reshape([batch]);
  const width = 2 * layout.labels + partitions.length;
  const targets = graph.input('targets', [rows, width]).gather(chosen);
  const labels: Labels = {
    values: targets.narrow(1, 0, layout.labels),
    known: targets.narrow(1, layout.labels, 2 * layout.labels).gt(0.5),
  };
  const groups = partitions.length > 0 ? targets.narrow(1, 2 * layout.labels, width) : undefined;
  return { features: gatherFeatures(featureInputs(graph, features, rows), chosen), labels, groups };
}

/** The tasks' losses over the people of their best-served groups alone. */
function bestServedLosses(
  layout: TaskLayout,
  outputs: Value,
  labels: Labels,
  inBestServed: Value,
): TaskLosses {
  const owner = layout.slots.flatMap(({ labels: at }, task) =>
    new Array<number>(at.end - at.start).fill(task),
  );
  const [first, ...rest] = owner.map((task) => inBestServed.narrow(1, task, task + 1));
  return taskLosses(layout, outputs, { ...labels, known: labels.known.and(first!.concat(rest, 1)) });
}

/** `T (Σ α_t D_t + β F)`: with α = 1/T and no constraint this is the gradient of the plain sum of losses. */
function combine(objectives: Objectives, { alpha, beta }: StepWeights, tasks: Value): Value {
  const { layout, taskGradient, protectedGradient, constraintGradient } = objectives;
  const widths = layout.slots.map((slot) => outputWidth(slot.task));
  const weighted = (gradient: Value, block: number): Value =>
    gradient.mul(spreadSegments(alpha.slice([block * widths.length], [(block + 1) * widths.length]), widths));
  let direction = weighted(taskGradient, 0);
  if (protectedGradient) direction = direction.add(weighted(protectedGradient, 1));
  if (constraintGradient) direction = direction.add(constraintGradient.mul(beta));
  return direction.mul(tasks);
}

/** ρ, a decayed estimate of `‖Jᵀq‖² / ‖q‖²` from the combined gradient that the step computes anyway. */
function trunkGain(graph: Graph, rate: Value) {
  const state = graph.state('trunk gain', []);
  const started = state.gt(0);
  return {
    value: started.select(state, 1),
    /** `squares`: of the gradient by the trunk's parameters, in any parts. */
    update(squares: readonly Value[], byRepresentation: Value): Update<Value>[] {
      const ofTrunk = squares.map((part) => part.sum()).reduce((total, part) => total.add(part));
      const representation = byRepresentation.square().sum();
      const seen = ofTrunk.div(representation.maximum(1e-30));
      const next = started.select(state.add(seen.sub(state).mul(rate)), seen);
      return [{ target: state, value: representation.gt(0).select(next, state) }];
    },
  };
}
