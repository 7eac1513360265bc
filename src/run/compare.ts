// Methods set against each other: each is trained and judged with every seed, on the same rows. Every finished trial is
// kept in a folder, so that a comparison that was ended goes on where it was.
import { type Config, type ConfigSource, fitOptions, type MethodConfig } from '../config/index.ts';
import { type Evaluation, isMeasured, levellingDown, type Measured } from '../fairness/index.ts';
import type { Device } from '../program/index.ts';
import { fit as runFit } from '../train/index.ts';
import { deviceFacts } from './device.ts';
import { writeJson } from './files.ts';
import { type FolderMode, RunFolder } from './folder.ts';
import { fingerprint, type LoadedProblem, loadUnlessAborted } from './problem.ts';
import { evaluateParameters, evaluationSide, judging } from './summarise.ts';
import { readTrial, type Trial, writeTrial } from './trial.ts';
import { version } from './version.ts';

export interface ComparisonPlan {
  readonly config: Config;
  readonly source: ConfigSource;
  readonly folder: string;
  readonly mode: FolderMode;
  readonly methods: readonly MethodConfig[];
  /** A seed splits the rows anew, too. */
  readonly seeds: readonly number[];
  readonly device: Device;
}

export interface ComparisonHooks {
  /** @param done of all epochs of all trials, as a share */
  readonly onProgress?: (done: number, method: string, seed: number) => void;
  /** Ends after the steps under way; the trial that is not finished is left out. */
  readonly signal?: AbortSignal;
}

/** One method with one seed. */
export interface Score {
  readonly method: string;
  readonly seed: number;
  /** The epoch that was kept. */
  readonly epoch: number;
  readonly meanUtility: Measured;
  readonly worstUtility: Measured;
  readonly meanGap: Measured;
  readonly worstGap: Measured;
  /** The largest loss of served-ness of a group that the same seed's `erm` serves best; none without `erm`. */
  readonly levellingDown: Measured;
}

/**
 * Writes the trials and, when all are there, comparison.json.
 * @returns the scores of the trials that are finished
 * @throws DataError, ConfigError, RunError for what cannot be used or written
 */
export async function compareMethods(plan: ComparisonPlan, hooks: ComparisonHooks = {}): Promise<Score[]> {
  const { methods, seeds } = plan;
  const folder = await RunFolder.check(plan.folder, plan.mode, 'comparison');
  const trials: Trial[] = [];
  for (const seed of seeds) {
    const loaded = await loadUnlessAborted({ ...plan.config, seed }, plan.source, hooks.signal);
    if (!loaded) return scoresOf(trials);
    if (seed === seeds[0]) await folder.prepare();
    // The data are hashed once, however many methods learn from them.
    const key = fingerprint(loaded, { version, device: deviceFacts(plan.device), judging });
    for (const method of methods) {
      const onShare = (share: number) =>
        hooks.onProgress?.((trials.length + share) / (seeds.length * methods.length), nameOf(method), seed);
      const trial = await runTrial(
        { folder, loaded, key, method, device: plan.device },
        onShare,
        hooks.signal,
      );
      if (!trial) return scoresOf(trials);
      trials.push(trial);
    }
  }
  const scores = scoresOf(trials);
  await writeJson(folder.file('comparison.json'), scores);
  return scores;
}

/** `fairmt`, or `symmetric:0.5` where there is a weight. */
export function nameOf(method: MethodConfig): string {
  return 'weight' in method ? `${method.name}:${method.weight}` : method.name;
}

interface TrialRun {
  readonly folder: RunFolder;
  readonly loaded: LoadedProblem;
  /** Of all that its trials depend on but for the method. */
  readonly key: string;
  readonly method: MethodConfig;
  readonly device: Device;
}

/** The trial as it was kept, or else trained, judged and kept; none where `signal` ended it. */
async function runTrial(
  { folder, loaded, key, method, device }: TrialRun,
  onShare: (share: number) => void,
  signal: AbortSignal | undefined,
): Promise<Trial | undefined> {
  const { config, problem, sides } = loaded;
  const name = nameOf(method);
  const path = folder.trial(name, config.seed);
  const ownKey = `${key} ${JSON.stringify(method)}`;
  const kept = await readTrial(path, ownKey);
  if (kept) return kept;
  const result = await runFit(fitOptions(config, problem, method), device, {
    onEpoch: ({ epoch }) => onShare(epoch / config.training.epochs),
    ...(signal && { signal }),
  });
  if (result.ended === 'aborted') return undefined;
  const data = sides[evaluationSide(sides)];
  const evaluation = await evaluateParameters(loaded, result.parameters, data, device, { resamples: 0 });
  const trial = { method: name, seed: config.seed, epoch: result.epoch, evaluation };
  await writeTrial(path, ownKey, trial);
  return trial;
}

function scoresOf(trials: readonly Trial[]): Score[] {
  return trials.map((trial) => {
    const unconstrained = trials.find(({ method, seed }) => method === 'erm' && seed === trial.seed);
    return scoreOf(trial, unconstrained?.evaluation);
  });
}

function scoreOf({ method, seed, epoch, evaluation }: Trial, unconstrained: Evaluation | undefined): Score {
  const { meanUtility, worstUtility, meanGap, worstGap } = evaluation;
  const down = unconstrained && levellingDown(evaluation, unconstrained).served;
  return {
    method,
    seed,
    epoch,
    meanUtility,
    worstUtility: worstUtility === 'insufficient' ? worstUtility : worstUtility.utility,
    meanGap,
    worstGap: worstGap === 'insufficient' ? worstGap : worstGap.gap,
    levellingDown: down === undefined || down === 'insufficient' ? 'insufficient' : Math.max(0, down.loss),
  };
}

/** Mean and standard deviation (n − 1) of what was measured; no deviation of a single value. */
export function meanAndDeviation(values: readonly Measured[]): { mean: Measured; deviation?: number } {
  const known = values.filter(isMeasured);
  if (known.length === 0) return { mean: 'insufficient' };
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  if (known.length === 1) return { mean };
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (known.length - 1)) };
}
