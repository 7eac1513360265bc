// AHFDA as a program of its own: a batch in, violations, shortfalls and gradients out, for tests of the method.
import { grads } from '../../src/autodiff/index.ts';
import {
  aggregate,
  ahfda,
  type ColumnName,
  type FairnessSpec,
  type Partition,
  type Reference,
} from '../../src/fairness/index.ts';
import { layOut, type Task, type TaskLayout } from '../../src/mtl/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import { compile, type Device, type Program } from '../../src/program/index.ts';
import type { Random } from '../../src/tensor/random.ts';
import { type Feed, type Outputs, runWith } from './devices.ts';

export interface ConstraintProblem {
  readonly tasks: readonly Task[];
  /** By task name. */
  readonly fairness: Readonly<Record<string, FairnessSpec>>;
  readonly partitions: readonly Partition[];
  readonly rows: number;
  readonly reference?: Reference;
}

const scalars = {
  temperature: 0.4,
  decay: 0,
  'minimum count': 1,
  noise: 0,
  delta: 0.02,
  tau: 0.05,
  'anchor rate': 0.5,
  'anchor decay': 0.001,
};

/**
 * Inputs: `outputs` `[n, P]`, `labels` and `known` `[n, L]`, `groups` `[n, S]`, `tolerance` and `weights` `[T]`, and
 * `acting` `[T]`, by default 1. With a `decay` of 0, the default here, statistics are those of the batch.
 */
export class Constraint {
  readonly layout: TaskLayout;
  readonly columns: readonly ColumnName[];
  readonly #program: Program;
  readonly #names: readonly string[];

  static async compile(problem: ConstraintProblem, device: Device): Promise<Constraint> {
    const { rows, partitions } = problem;
    const layout = layOut(problem.tasks);
    const graph = newGraph();
    const setting = (name: keyof typeof scalars) => graph.scalar(name, scalars[name]);
    const outputs = graph.input('outputs', [rows, layout.outputs]);
    const result = ahfda({
      graph,
      layout,
      specs: layout.slots.map(({ task }) => problem.fairness[task.name]),
      partitions,
      reference: problem.reference ?? { kind: 'anchored' },
      acting: graph.input('acting', [layout.slots.length]).gt(0.5),
      outputs,
      labels: {
        values: graph.input('labels', [rows, layout.labels]),
        known: graph.input('known', [rows, layout.labels]).gt(0.5),
      },
      groups: graph.input('groups', [rows, partitions.length]),
      settings: {
        temperature: setting('temperature'),
        decay: setting('decay'),
        minCount: setting('minimum count'),
        noise: setting('noise'),
        delta: setting('delta'),
        tau: setting('tau'),
        anchorRate: setting('anchor rate'),
        anchorDecay: setting('anchor decay'),
        tolerance: graph.input('tolerance', [layout.slots.length]),
      },
    });
    const objective = result.violation.mul(graph.input('weights', [layout.slots.length])).sum();
    const [gradients] = grads([objective], [result.soft.served, outputs]);
    const spec = {
      outputs: {
        violation: result.violation,
        total: aggregate(result.violation, graph.leaf('tau')!),
        signal: result.signal,
        served: result.soft.served,
        errors: result.soft.errors,
        'served hard': result.hard.served,
        'errors hard': result.hard.errors,
        eligible: result.soft.eligible.cast('f32'),
        shortfalls: result.shortfalls,
        anchors: result.anchors,
        counts: result.counts,
        'by served': gradients![0]!,
        'by outputs': gradients![1]!,
      },
      updates: result.updates,
    };
    return new Constraint(layout, result.columns, await compile(spec, device), Object.keys(spec.outputs));
  }

  private constructor(
    layout: TaskLayout,
    columns: readonly ColumnName[],
    program: Program,
    names: readonly string[],
  ) {
    this.layout = layout;
    this.columns = columns;
    this.#program = program;
    this.#names = names;
  }

  get program(): Program {
    return this.#program;
  }

  [Symbol.dispose](): void {
    this.#program.dispose();
  }

  run({ inputs, ...feed }: Feed): Promise<Outputs> {
    const acting = same(this.layout, 1);
    return runWith(this.#program, this.#names, { inputs: { acting, ...inputs }, ...feed });
  }
}

/** Weights and tolerances, one a task. */
export function same(layout: TaskLayout, value: number): number[] {
  return layout.slots.map(() => value);
}

/** A batch of random people: labels, a third of them missing, outputs, and groups, some unknown. */
export function randomBatch(
  random: Random,
  layout: TaskLayout,
  partitions: readonly Partition[],
  rows: number,
): Record<'outputs' | 'labels' | 'known' | 'groups', Float64Array> {
  const outputs = new Float64Array(rows * layout.outputs).map(() => Math.fround(1.5 * random.normal()));
  const labels = new Float64Array(rows * layout.labels);
  for (const { task, labels: columns } of layout.slots) {
    for (let row = 0; row < rows; row++) {
      for (let at = columns.start; at < columns.end; at++) {
        labels[row * layout.labels + at] = randomLabel(random, task);
      }
    }
  }
  const known = labels.map(() => Number(random.uniform() > 0.3));
  const groups = new Float64Array(rows * partitions.length).map((_, at) => {
    const { cells } = partitions[at % partitions.length]!;
    return random.int(cells.length + 1) - 1;
  });
  return { outputs, labels, known, groups };
}

function randomLabel(random: Random, task: Task): number {
  switch (task.kind) {
    case 'detection':
      return random.int(2);
    case 'classification':
      return random.int(task.classes);
    case 'regression':
      return Math.fround(random.normal());
  }
}
