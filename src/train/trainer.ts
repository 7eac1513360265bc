// Training, an epoch at a time: data stay on the device, every choice follows from the seed, and the whole state can
// be saved between steps and restored to the same bits.
import type { FairnessSpec, Partition } from '../fairness/index.ts';
import { layOut, type TaskLayout } from '../mtl/index.ts';
import { type CompileOptions, compile, type Device, type Program, type Snapshot } from '../program/index.ts';
import { misuse, ProgramError } from '../tensor/errors.ts';
import type { HostArray } from '../tensor/types.ts';
import { Batches, packTargets, type TrainingData, writeFeatures } from './data.ts';
import { featureTrunk } from './features.ts';
import type { Method } from './method.ts';
import type { ModelSpec } from './model.ts';
import { fairnessOf } from './prior.ts';
import { rateFactor } from './schedule.ts';
import { defaultSettings, type Settings, settingsFor } from './settings.ts';
import { buildStep, type TrainingStep } from './step.ts';

export interface TrainerOptions {
  readonly model: ModelSpec;
  /** By task name; a task that is left out is not constrained. */
  readonly fairness: Readonly<Record<string, FairnessSpec>>;
  readonly partitions: readonly Partition[];
  readonly data: TrainingData;
  readonly method: Method;
  readonly epochs: number;
  /** Epochs of utility alone, in which the anchors learn what the best served can have. */
  readonly warmupEpochs: number;
  readonly batch: number;
  readonly seed: number;
  /** Overrides of what `settingsFor` derives. */
  readonly settings?: Partial<Settings>;
}

/** Values of a step by name: any output of `TrainingStep.spec`. */
export type StepValues = Readonly<Record<string, HostArray>>;

export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  readonly steps: number;
  /** Outputs of the epoch's last step; `smoothed losses` are decayed over about an epoch. */
  readonly values: StepValues;
}

/** Everything that training needs to go on. Plain data. */
export interface TrainerState {
  /** Epochs that have run. */
  readonly epoch: number;
  /** Steps that have run of the next one. */
  readonly step: number;
  readonly snapshot: Snapshot;
}

/** Of a GPU, to which a submit is dear. More would save little, and hold up whatever else the device shows. */
const stepsPerSubmit = 16;

/** For so many milliseconds steps may follow each other before anything else has its turn. */
const longestHold = 100;

export class Trainer {
  readonly layout: TaskLayout;
  readonly step: TrainingStep;
  readonly settings: Settings;
  readonly #options: TrainerOptions;
  readonly #program: Program;
  readonly #batches: Batches;
  readonly #stepsAtOnce: number;
  #epoch = 0;
  #stepsDone = 0;
  #lastTurn = 0;

  /** @param how `overrideKernel`, for those who try kernels of their own */
  static async create(options: TrainerOptions, device: Device, how: CompileOptions = {}): Promise<Trainer> {
    const { data, batch: wanted, seed } = checked(options);
    const batches = new Batches(data.rows, Math.min(wanted, data.rows), seed);
    const { perEpoch } = batches;
    const layout = layOut(options.model.tasks);
    const fairness = fairnessOf(layout, options.fairness, data);
    const tolerances = fairness.flatMap((spec) => (spec ? [spec.tolerance] : []));
    const settings = { ...settingsFor(perEpoch, tolerances), ...options.settings };
    const step = buildStep({
      layout,
      fairness,
      partitions: options.partitions,
      features: options.model.features,
      trunk: featureTrunk(options.model.features, options.model.trunk),
      headWidths: options.model.headWidths,
      rows: data.rows,
      batch: batches.size,
      batches: perEpoch,
      rateFactor: (done) => rateFactor(done, options.epochs * perEpoch, options.warmupEpochs * perEpoch),
      method: options.method,
      settings,
      seed,
    });
    const program = await compile(step.spec, device, how);
    writeFeatures(program, options.model.features, data);
    program.write('targets', packTargets(data, layout, options.partitions));
    if ('tolerance' in program.inputs) {
      program.write(
        'tolerance',
        Float32Array.from(fairness, (spec) => spec?.tolerance ?? 0),
      );
    }
    const stepsAtOnce = device.kind === 'webgpu' ? stepsPerSubmit : 1;
    return new Trainer(options, layout, step, settings, program, batches, stepsAtOnce);
  }

  private constructor(
    options: TrainerOptions,
    layout: TaskLayout,
    step: TrainingStep,
    settings: Settings,
    program: Program,
    batches: Batches,
    stepsAtOnce: number,
  ) {
    this.#options = options;
    this.layout = layout;
    this.step = step;
    this.settings = settings;
    this.#program = program;
    this.#batches = batches;
    this.#stepsAtOnce = stepsAtOnce;
  }

  /** The program of the step, for researchers: `watch` any output, `set` any setting. */
  get program(): Program {
    return this.#program;
  }

  /** Epochs that have run. */
  get epoch(): number {
    return this.#epoch;
  }

  /** All that the steps of the present epoch want of the host. `runEpoch` does so; others run the `program` after it. */
  beginEpoch(): void {
    this.#program.write('batch rows', this.#batches.rows(this.#epoch));
    // A step without a constraint has no warm-up.
    if (this.#program.scalars.includes('warm-up'))
      this.#program.set('warm-up', this.#epoch < this.#options.warmupEpochs ? 1 : 0);
  }

  /**
   * Runs the next epoch, or what is left of it. `signal` ends it after the steps under way: then there is no record, and
   * the next call goes on from there.
   */
  async runEpoch(): Promise<EpochRecord>;
  async runEpoch(signal: AbortSignal | undefined): Promise<EpochRecord | undefined>;
  async runEpoch(signal?: AbortSignal): Promise<EpochRecord | undefined> {
    this.beginEpoch();
    const { perEpoch } = this.#batches;
    while (this.#stepsDone < perEpoch) {
      if (signal?.aborted) return undefined;
      const steps = Math.min(this.#stepsAtOnce, perEpoch - this.#stepsDone);
      this.#program.run(steps);
      this.#stepsDone += steps;
      await this.#breathe();
    }
    this.#stepsDone = 0;
    this.#epoch++;
    return { epoch: this.#epoch, steps: perEpoch, values: await this.read() };
  }

  /** Every now and then waits for the device, and lets signals, timers and the page have their turn. */
  async #breathe(): Promise<void> {
    if (performance.now() - this.#lastTurn < longestHold) return;
    await this.#program.read('losses');
    await new Promise((resolve) => setTimeout(resolve));
    this.#lastTurn = performance.now();
  }

  /** All outputs of the last step. */
  async read(): Promise<StepValues> {
    const names = Object.keys(this.step.spec.outputs);
    const values = await Promise.all(names.map((name) => this.#program.read(name)));
    return Object.fromEntries(names.map((name, at) => [name, values[at]!]));
  }

  /** The model's parameters, flat. */
  async parameters(): Promise<Float32Array | Float64Array> {
    return (await this.#program.readState('parameters')) as Float32Array | Float64Array;
  }

  async save(): Promise<TrainerState> {
    return { epoch: this.#epoch, step: this.#stepsDone, snapshot: await this.#program.save() };
  }

  restore({ epoch, step, snapshot }: TrainerState): void {
    this.#program.restore(snapshot);
    this.#epoch = epoch;
    this.#stepsDone = step;
  }

  dispose(): void {
    this.#program.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function checked(options: TrainerOptions): TrainerOptions {
  const { epochs, warmupEpochs, batch, data, settings = {} } = options;
  const require = (holds: boolean, expected: string, got: unknown): void => {
    if (!holds) throw new ProgramError(misuse('train', expected, String(got)));
  };
  require(data.rows > 0, 'at least one row of data', data.rows);
  require(Number.isInteger(epochs) && epochs > 0, 'a whole number of epochs ≥ 1', epochs);
  require(Number.isInteger(warmupEpochs) &&
    warmupEpochs >= 0, 'a whole number of warm-up epochs ≥ 0', warmupEpochs);
  require(Number.isInteger(batch) && batch > 0, 'a whole batch size ≥ 1', batch);
  for (const [name, value] of Object.entries(settings)) {
    require(name in defaultSettings, `a setting among ${Object.keys(defaultSettings).join(', ')}`, name);
    require(Number.isFinite(value), `a number for '${name}'`, value);
  }
  for (const name of ['temperature', 'half-life', 'delta', 'tau', 'dual cap'] as const) {
    const value = settings[name];
    require(value === undefined || value > 0, `'${name}' > 0`, value);
  }
  return options;
}
