// The descent audit (METHOD §4, our reading): what a step's direction truly does to every objective, seen by one more
// forward pass a little further along it. The proxies of the Gram matrix promise less than the exact one: this says
// how often they fail.
import type { Value } from '../graph/value.ts';
import { type Objectives, outputWidth, sumSegments } from '../mtl/index.ts';
import type { Program } from '../program/index.ts';

/** The forward pass is taken this far along the direction, as a share of the parameters' length. */
const reach = 2 ** -10;

/** A slope counts as rising above this share of what its samples add up to; below are rounding and curvature. */
const tolerance = 0.01;

/**
 * Slopes of all objectives along minus `gradient`, a unit of length: `[2, objectives]`. The second row holds what the
 * slopes would be if no sample's part cancelled another's. A task without labels in the batch has 0 in both.
 *
 * The objectives' gradients by the outputs are exact whatever the Gram matrix, so the change of the outputs is all that
 * needs looking at.
 *
 * @param outputsAt the outputs `[n, P]` of the same batch under other parameters
 */
export function slopesAlong(
  gradient: Value,
  objectives: Objectives,
  outputsAt: (parameters: Value) => Value,
): Value {
  const { parameters, outputs } = objectives;
  const length = (x: Value): Value => x.square().sum().sqrt();
  const distance = length(parameters.flat).mul(reach).maximum(1e-6);
  const norm = length(gradient);
  const step = norm.gt(0).select(distance.div(norm), 0);
  const change = outputsAt(parameters.flat.sub(gradient.mul(step)))
    .sub(outputs)
    .div(distance);
  const parts = contributions(objectives, change);
  return total(objectives, parts)
    .unsqueeze(0)
    .concat(
      [
        total(
          objectives,
          parts.map((part) => part.abs()),
        ).unsqueeze(0),
      ],
      0,
    );
}

/** Each sample's and output's part in the slopes: of the tasks' losses, of protected ones, of the constraint. */
function contributions(
  { taskGradient, protectedGradient, constraintGradient }: Objectives,
  change: Value,
): Value[] {
  const none = change.mul(0);
  return [
    taskGradient.mul(change),
    ...(protectedGradient ? [protectedGradient.mul(change)] : []),
    constraintGradient ? constraintGradient.mul(change) : none,
  ];
}

/** Summed by task, but for the last, the constraint's, which is one. */
function total({ layout }: Objectives, parts: readonly Value[]): Value {
  const widths = layout.slots.map(({ task }) => outputWidth(task));
  const sums = parts.map((part, at) =>
    at < parts.length - 1 ? sumSegments(part.sum(0), widths) : part.sum().reshape([1]),
  );
  return sums[0]!.concat(sums.slice(1), 0);
}

/** One audited step. */
export interface Audited {
  /** From 1. */
  readonly run: number;
  /** Change of each objective for a unit step along the direction, by name: negative where it falls. */
  readonly slopes: Readonly<Record<string, number>>;
  /** The objectives that rise. */
  readonly rising: readonly string[];
}

/** Follows the output `slopes` of a training program, without holding its runs up. */
export class DescentAudit {
  readonly records: Audited[] = [];
  readonly #stop: () => void;

  /**
   * @param objectives names of the step's objectives, `TrainingStep.objectives`
   * @param every audits every so-many-th run
   * @throws ProgramError where the step was built without `audit`
   */
  constructor(program: Program, objectives: readonly string[], every: number) {
    this.#stop = program.watch('slopes', { every }, (values, run) => {
      const count = objectives.length;
      const isRising = (at: number): boolean => values[at]! > tolerance * values[count + at]!;
      this.records.push({
        run,
        slopes: Object.fromEntries(objectives.map((name, at) => [name, values[at]!])),
        rising: objectives.filter((_, at) => isRising(at)),
      });
    });
  }

  /** The share of audited steps that raised an objective; NaN before the first. */
  get rate(): number {
    return this.records.filter(({ rising }) => rising.length > 0).length / this.records.length;
  }

  /** Ends the audit; its records stay. */
  stop(): void {
    this.#stop();
  }
}
