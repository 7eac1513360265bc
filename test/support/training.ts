// A training step over a few made-up rows, compiled and fed: tests choose tasks, data and method.
import type { FairnessSpec, Partition } from '../../src/fairness/index.ts';
import { layOut, type Task, type TaskLayout } from '../../src/mtl/index.ts';
import { compile, type Device, type Program } from '../../src/program/index.ts';
import { packTargets, type TrainingData, writeFeatures } from '../../src/train/data.ts';
import { featureTrunk, type TrunkOptions } from '../../src/train/features.ts';
import type { Method } from '../../src/train/method.ts';
import { defaultSettings, type Settings } from '../../src/train/settings.ts';
import { buildStep, type TrainingStep } from '../../src/train/step.ts';

export interface TrainingProblem {
  readonly tasks: readonly Task[];
  /** By task name. */
  readonly fairness?: Readonly<Record<string, FairnessSpec>>;
  readonly partitions?: readonly Partition[];
  /** Numeric features only. */
  readonly data: TrainingData;
  readonly trunk: TrunkOptions;
  readonly headWidths?: readonly number[];
  readonly batch: number;
  readonly method: Method;
  readonly settings?: Partial<Settings>;
  readonly audit?: boolean;
  readonly seed?: number;
}

export class Training {
  readonly layout: TaskLayout;
  readonly step: TrainingStep;
  readonly program: Program;

  static async compile(problem: TrainingProblem, device: Device): Promise<Training> {
    const { data, fairness = {}, partitions = [], method } = problem;
    const layout = layOut(problem.tasks);
    const features = { numeric: data.numeric!.length / data.rows, categories: [], texts: [] };
    const step = buildStep({
      layout,
      fairness: layout.slots.map(({ task }) => fairness[task.name]),
      partitions,
      features,
      trunk: featureTrunk(features, problem.trunk),
      headWidths: problem.headWidths ?? [],
      rows: data.rows,
      batch: problem.batch,
      method,
      settings: { ...defaultSettings, ...problem.settings },
      seed: problem.seed ?? 1,
      ...(problem.audit && { audit: true }),
    });
    const program = await compile(step.spec, device);
    writeFeatures(program, features, data);
    program.write('targets', packTargets(data, layout, partitions));
    if ('tolerance' in program.inputs) {
      program.write(
        'tolerance',
        Float64Array.from(layout.slots, ({ task }) => fairness[task.name]?.tolerance ?? 0),
      );
    }
    return new Training(layout, step, program);
  }

  private constructor(layout: TaskLayout, step: TrainingStep, program: Program) {
    this.layout = layout;
    this.step = step;
    this.program = program;
  }

  /** One step on these rows. */
  run(rows: ArrayLike<number>): void {
    this.program.write('batch rows', Uint32Array.from(rows));
    this.program.run();
  }

  async read(output: string): Promise<number[]> {
    return Array.from(await this.program.read(output));
  }

  [Symbol.dispose](): void {
    this.program.dispose();
  }
}
