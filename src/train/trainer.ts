// Training, an epoch at a time: data stay on the device, every choice follows from the seed, and the whole state can
// be saved between steps and restored to the same bits.
import type { FairnessSpec, Partition } from '../fairness/index.ts';
import { type GramKind, layOut, type TaskLayout } from '../mtl/index.ts';
import { type CompileOptions, compile, type Device, type Program, type Snapshot } from '../program/index.ts';
import { misuse, ProgramError } from '../tensor/errors.ts';
import type { HostArray } from '../tensor/types.ts';
import { type Audit, type AuditTally, fallsBack, joinTallies, noAudits, tallyAudits } from './audit.ts';
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
  /** On request, for a method that weighs tasks by their gradients: whether its steps lower every objective. */
  readonly audit?: Audit;
}

/** Values of a step by name: any output of `TrainingStep.spec`. */
export type StepValues = Readonly<Record<string, HostArray>>;

export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  readonly steps: number;
  /** Outputs of the epoch's last step; `smoothed losses` are decayed over about an epoch. */
  readonly values: StepValues;
  /** Of the epoch's audited steps and the Gram matrix that weighed them, where an audit was asked for. */
  readonly audit?: AuditTally & { readonly gram: GramKind };
}

/** Everything that training needs to go on. Plain data. */
export interface TrainerState {
  /** Epochs that have run. */
  readonly epoch: number;
  /** Steps that have run of the next one. */
  readonly step: number;
  readonly snapshot: Snapshot;
  /** The Gram matrix in use: the method's, or the exact one after the audit fell back to it. */
  readonly gram: GramKind;
  /** Of the audited steps of all epochs that have run, and of those of the next one. */
  readonly audited: AuditTally;
  readonly auditedSince: AuditTally;
}

/** Of a GPU, to which a submit is dear. More would save little, and hold up whatever else the device shows. */
const stepsPerSubmit = 16;

/** For so many milliseconds steps may follow each other before anything else has its turn. */
const longestHold = 100;

export class Trainer {
  readonly layout: TaskLayout;
  readonly settings: Settings;
  readonly #options: TrainerOptions;
  readonly #build: (gram: GramKind) => Promise<Built>;
  readonly #batches: Batches;
  #built: Built;
  #gram: GramKind;
  readonly #stepsAtOnce: number;
  #epoch = 0;
  #stepsDone = 0;
  #audited: AuditTally = noAudits;
  #auditedSince: AuditTally = noAudits;
  #lastTurn = 0;

  /** @param how `overrideKernel`, for those who try kernels of their own */
  static async create(options: TrainerOptions, device: Device, how: CompileOptions = {}): Promise<Trainer> {
    const { data, batch: wanted, seed } = checked(options);
    const batches = new Batches(data.rows, Math.min(wanted, data.rows), seed);
    const layout = layOut(options.model.tasks);
    const fairness = fairnessOf(layout, options.fairness, data);
    const tolerances = fairness.flatMap((spec) => (spec ? [spec.tolerance] : []));
    const { perEpoch } = batches;
    const settings = { ...settingsFor(perEpoch, tolerances), ...options.settings };
    const build = async (gram: GramKind): Promise<Built> => {
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
        method: { ...options.method, gram },
        settings,
        seed,
        audit: auditOf(options) !== undefined,
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
      return { step, program };
    };
    const { gram } = options.method;
    const stepsAtOnce = device.kind === 'webgpu' ? stepsPerSubmit : 1;
    const built = await build(gram);
    return new Trainer({ options, layout, settings, batches, stepsAtOnce, build, gram, built });
  }

  private constructor(parts: TrainerParts) {
    this.#options = parts.options;
    this.layout = parts.layout;
    this.settings = parts.settings;
    this.#batches = parts.batches;
    this.#stepsAtOnce = parts.stepsAtOnce;
    this.#build = parts.build;
    this.#gram = parts.gram;
    this.#built = parts.built;
  }

  /**
   * The program of the step, for researchers: `watch` any output, `set` any setting. Another one, without watches, after
   * the audit fell back to the exact Gram matrix.
   */
  get program(): Program {
    return this.#built.program;
  }

  get step(): TrainingStep {
    return this.#built.step;
  }

  /** Epochs that have run. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The Gram matrix in use. */
  get gram(): GramKind {
    return this.#gram;
  }

  /**
   * The share by which the constraint may raise a task's training loss above its lowest, from the next step on. Until
   * told, the setting `budget`; nothing for a method without one.
   */
  allowLoss(share: number): void {
    if (this.program.scalars.includes('budget')) this.program.set('budget', share);
  }

  /** All that the steps of the present epoch want of the host. `runEpoch` does so; others run the `program` after it. */
  beginEpoch(): void {
    const { program } = this.#built;
    program.write('batch rows', this.#batches.rows(this.#epoch));
    // A step without a constraint has no warm-up.
    if (program.scalars.includes('warm-up'))
      program.set('warm-up', this.#epoch < this.#options.warmupEpochs ? 1 : 0);
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
    const slopes: Promise<HostArray>[] = [];
    while (this.#stepsDone < perEpoch && !signal?.aborted) {
      if (this.#runSteps()) {
        const read = this.program.read('slopes');
        read.catch(() => undefined); // of a device that is lost before it is awaited below
        slopes.push(read);
      }
      await this.#breathe();
    }
    const tally = tallyAudits(await Promise.all(slopes), this.step.objectives);
    this.#auditedSince = joinTallies(this.#auditedSince, tally);
    return this.#stepsDone < perEpoch ? undefined : this.#endEpoch();
  }

  /** A few steps, up to the next to be audited; whether the last is. */
  #runSteps(): boolean {
    const { perEpoch } = this.#batches;
    const every = auditOf(this.#options)?.every ?? Number.POSITIVE_INFINITY;
    const untilAudit = every - ((this.#epoch * perEpoch + this.#stepsDone) % every);
    const steps = Math.min(this.#stepsAtOnce, perEpoch - this.#stepsDone, untilAudit);
    this.program.run(steps);
    this.#stepsDone += steps;
    return steps === untilAudit;
  }

  async #endEpoch(): Promise<EpochRecord> {
    const audit = auditOf(this.#options);
    const tally = { ...this.#auditedSince, gram: this.#gram };
    this.#stepsDone = 0;
    this.#epoch++;
    this.#audited = joinTallies(this.#audited, this.#auditedSince);
    this.#auditedSince = noAudits;
    const record = { epoch: this.#epoch, steps: this.#batches.perEpoch, values: await this.read() };
    if (!audit) return record;
    if (this.#gram !== 'exact' && fallsBack(this.#audited, audit)) await this.#weighBy('exact');
    return { ...record, audit: tally };
  }

  /** Every now and then waits for the device, and lets signals, timers and the page have their turn. */
  async #breathe(): Promise<void> {
    if (performance.now() - this.#lastTurn < longestHold) return;
    await this.program.read('losses');
    await new Promise((resolve) => setTimeout(resolve));
    this.#lastTurn = performance.now();
  }

  /** All outputs of the last step. */
  async read(): Promise<StepValues> {
    const names = Object.keys(this.step.spec.outputs);
    const values = await Promise.all(names.map((name) => this.program.read(name)));
    return Object.fromEntries(names.map((name, at) => [name, values[at]!]));
  }

  /** The model's parameters, flat. */
  async parameters(): Promise<Float32Array | Float64Array> {
    return (await this.program.readState('parameters')) as Float32Array | Float64Array;
  }

  /** Between two calls of `runEpoch`. Scalars that were `set` by hand are not in it. */
  async save(): Promise<TrainerState> {
    const counts = {
      ...{ epoch: this.#epoch, step: this.#stepsDone, gram: this.#gram },
      ...{ audited: this.#audited, auditedSince: this.#auditedSince },
    };
    return { ...counts, snapshot: await this.program.save() };
  }

  async restore({ epoch, step, snapshot, gram, audited, auditedSince }: TrainerState): Promise<void> {
    if (gram !== this.#gram) await this.#weighBy(gram);
    this.program.restore(snapshot);
    this.#epoch = epoch;
    this.#stepsDone = step;
    this.#audited = audited;
    this.#auditedSince = auditedSince;
  }

  dispose(): void {
    this.program.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** The same step under another Gram matrix, with all state of the present one that it has. */
  async #weighBy(gram: GramKind): Promise<void> {
    const present = this.program;
    const next = await this.#build(gram);
    next.program.restore(await present.save());
    for (const scalar of next.program.scalars) next.program.set(scalar, present.scalar(scalar));
    present.dispose();
    this.#built = next;
    this.#gram = gram;
  }
}

interface Built {
  readonly step: TrainingStep;
  readonly program: Program;
}

interface TrainerParts {
  readonly options: TrainerOptions;
  readonly layout: TaskLayout;
  readonly settings: Settings;
  readonly batches: Batches;
  readonly stepsAtOnce: number;
  readonly build: (gram: GramKind) => Promise<Built>;
  readonly gram: GramKind;
  readonly built: Built;
}

/** Equal weights promise no common descent: there is nothing to audit. */
function auditOf({ audit, method }: TrainerOptions): Audit | undefined {
  return method.direction === 'uniform' ? undefined : audit;
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
  if (options.audit) {
    const { every, threshold } = options.audit;
    require(Number.isInteger(every) && every > 0, 'an audit every whole number of steps ≥ 1', every);
    require(threshold >= 0 && threshold <= 1, 'a threshold of the audit from 0 to 1', threshold);
  }
  return options;
}
