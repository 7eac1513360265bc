// The training loop: epochs, validation, the choice of the epoch to keep, early stopping, checkpoints and hooks.
import type { Device } from '../program/index.ts';
import { lossAllowance } from './allowance.ts';
import type { TrainingData } from './data.ts';
import { decayed } from './decay.ts';
import { type Validation, validate } from './evaluate.ts';
import { Predictor } from './model.ts';
import { dominates, type Scored, selectEpoch } from './selection.ts';
import type { Settings } from './settings.ts';
import { type EpochRecord, Trainer, type TrainerOptions, type TrainerState } from './trainer.ts';

export interface FitOptions extends TrainerOptions {
  /**
   * Rows that choose the epoch and measure what the constraint costs; without them the last epoch is kept, and the
   * setting `budget` is of training loss.
   */
  readonly validation?: TrainingData;
  /** Stop when the choice has not changed for so many epochs; never, where left out. */
  readonly patience?: number;
}

export interface FitEpoch extends EpochRecord {
  readonly validation?: Validation;
  /** The share by which the constraint was allowed to raise a task's training loss; under a constraint with validation. */
  readonly allowance?: number;
}

/** An epoch that may yet be chosen. */
export interface Candidate {
  /** From 1. */
  readonly epoch: number;
  readonly parameters: Float32Array | Float64Array;
}

/** All that is needed to go on after any step, to the same bits. Plain data. */
export interface FitState {
  readonly trainer: TrainerState;
  readonly history: readonly FitEpoch[];
  readonly candidates: readonly Candidate[];
}

export interface FitHooks {
  readonly onEpoch?: (epoch: FitEpoch) => void | Promise<void>;
  /** After every epoch; `state` copies what it must from the device when called. */
  readonly onCheckpoint?: (state: () => Promise<FitState>) => Promise<void>;
  /** Ends the run after the steps under way. */
  readonly signal?: AbortSignal;
  readonly resume?: FitState;
  /** The trainer before its first epoch: to watch any value of the step, or to set any setting. */
  readonly onStart?: (trainer: Trainer) => void;
}

interface Fitted {
  /** Of the chosen epoch. */
  readonly parameters: Float32Array | Float64Array;
  readonly epoch: number;
  readonly history: readonly FitEpoch[];
  readonly settings: Settings;
}

/** A run that was ended before its time can be resumed from its state. */
export type FitResult =
  | (Fitted & { readonly ended: 'epochs' | 'patience' })
  | (Fitted & { readonly ended: 'aborted'; readonly state: FitState });

/** Trains, and keeps the epoch that `selectEpoch` chooses on the validation rows. */
export async function fit(options: FitOptions, device: Device, hooks: FitHooks = {}): Promise<FitResult> {
  using trainer = await Trainer.create(options, device);
  const judge = options.validation && (await Judge.create(options, options.validation, device));
  try {
    return await new Fitting(options, trainer, judge, hooks).run();
  } finally {
    judge?.dispose();
  }
}

/** Validates the trainer's parameters after an epoch. */
class Judge {
  readonly #options: FitOptions;
  readonly #data: TrainingData;
  readonly #predictor: Predictor;

  static async create(options: FitOptions, data: TrainingData, device: Device): Promise<Judge> {
    return new Judge(options, data, await Predictor.create(options.model, device));
  }

  private constructor(options: FitOptions, data: TrainingData, predictor: Predictor) {
    this.#options = options;
    this.#data = data;
    this.#predictor = predictor;
  }

  async validate(parameters: Float32Array | Float64Array): Promise<Validation> {
    const { model, fairness, partitions } = this.#options;
    const predictions = await this.#predictor.predict(parameters, this.#data);
    return validate({ tasks: model.tasks, fairness }, partitions, predictions, this.#data);
  }

  dispose(): void {
    this.#predictor.dispose();
  }
}

class Fitting {
  readonly #options: FitOptions;
  readonly #trainer: Trainer;
  readonly #judge: Judge | undefined;
  readonly #hooks: FitHooks;
  readonly #history: FitEpoch[] = [];
  #candidates: Candidate[] = [];

  constructor(options: FitOptions, trainer: Trainer, judge: Judge | undefined, hooks: FitHooks) {
    this.#options = options;
    this.#trainer = trainer;
    this.#judge = judge;
    this.#hooks = hooks;
  }

  async run(): Promise<FitResult> {
    const { epochs, patience } = this.#options;
    const { onStart, onEpoch, onCheckpoint, signal, resume } = this.#hooks;
    if (resume) {
      await this.#trainer.restore(resume.trainer);
      this.#history.push(...resume.history);
      this.#candidates = [...resume.candidates];
    }
    onStart?.(this.#trainer);
    let ended: 'epochs' | 'patience' = 'epochs';
    while (this.#trainer.epoch < epochs) {
      if (patience !== undefined && this.#idleEpochs() >= patience) {
        ended = 'patience';
        break;
      }
      const allowance = this.#allowance();
      if (allowance !== undefined) this.#trainer.allowLoss(allowance);
      const record = await this.#trainer.runEpoch(signal);
      if (!record) return { ...(await this.#fitted()), ended: 'aborted', state: await this.#state() };
      const epoch = await this.#judged(record, allowance);
      await onEpoch?.(epoch);
      await onCheckpoint?.(() => this.#state());
    }
    return { ...(await this.#fitted()), ended };
  }

  async #fitted(): Promise<Fitted> {
    const epoch = this.#chosen();
    const kept = this.#candidates.find((candidate) => candidate.epoch === epoch);
    if (this.#candidates.length > 0 && !kept)
      throw new Error(`fit: the parameters of epoch ${epoch} are gone`);
    const parameters = kept?.parameters ?? (await this.#trainer.parameters());
    return { parameters, epoch, history: this.#history, settings: this.#trainer.settings };
  }

  async #judged(record: EpochRecord, allowance: number | undefined): Promise<FitEpoch> {
    if (!this.#judge) {
      this.#history.push(record);
      return record;
    }
    const parameters = await this.#trainer.parameters();
    const validation = await this.#judge.validate(parameters);
    const epoch = { ...record, validation, ...(allowance !== undefined && { allowance }) };
    this.#history.push(epoch);
    this.#candidates.push({ epoch: epoch.epoch, parameters });
    this.#candidates = this.#candidates.filter((candidate) => !this.#isBeaten(candidate.epoch));
    return epoch;
  }

  /** From the utilities so far, so that there is nothing to save. */
  #allowance(): number | undefined {
    const { method, warmupEpochs } = this.#options;
    const isBudgeted = method.pressure.kind === 'ahfda' && method.pressure.budgeted;
    if (!this.#judge || !isBudgeted) return undefined;
    const utilities = this.#history.map(({ validation }) => validation?.meanUtility);
    return lossAllowance(utilities, { budget: this.#trainer.settings.budget, warmupEpochs });
  }

  /** Whether the rule can no longer choose an epoch, so that its parameters may go. */
  #isBeaten(epoch: number): boolean {
    if (epoch === this.#history.length) return false;
    const { from } = this.#rule();
    const scored = this.#scored();
    return epoch < from || scored.some((other, at) => at + 1 >= from && dominates(other, scored[epoch - 1]!));
  }

  #idleEpochs(): number {
    return this.#history.length < this.#rule().from ? 0 : this.#history.length - this.#chosen();
  }

  #chosen(): number {
    if (!this.#judge || this.#history.length === 0) return this.#history.length;
    return selectEpoch(this.#scored(), this.#rule()) + 1;
  }

  /** A constrained run may pay its budget; the others keep the best utility. */
  #rule() {
    const { method, warmupEpochs, epochs } = this.#options;
    const constrained = method.pressure.kind !== 'none';
    const from = constrained ? Math.min(warmupEpochs + 1, epochs) : 1;
    return { from, price: constrained ? this.#trainer.settings.budget : 0 };
  }

  /** Decayed over the epochs, so that no epoch is kept for its luck on the validation rows. */
  #scored(): Scored[] {
    const utilities = decayed(this.#history.map(({ validation }) => validation?.meanUtility));
    const gaps = decayed(this.#history.map(({ validation }) => validation?.meanGap));
    return utilities.map((utility, at) => ({ utility, gap: gaps[at] }));
  }

  async #state(): Promise<FitState> {
    return {
      trainer: await this.#trainer.save(),
      history: [...this.#history],
      candidates: [...this.#candidates],
    };
  }
}
