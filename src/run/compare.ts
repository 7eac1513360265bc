// Methods set against each other: each is trained and judged with every seed, on the same rows.
import { setImmediate } from 'node:timers/promises';
import { type Config, type ConfigSource, fitOptions, type MethodConfig } from '../config/index.ts';
import { type Evaluation, isMeasured, levellingDown, type Measured } from '../fairness/index.ts';
import type { Device } from '../program/index.ts';
import { fit as runFit } from '../train/index.ts';
import { type LoadedProblem, loadProblem } from './problem.ts';
import { evaluateParameters, evaluationSide } from './summarise.ts';

export interface ComparisonPlan {
  readonly config: Config;
  readonly source: ConfigSource;
  readonly methods: readonly MethodConfig[];
  /** A seed splits the rows anew, too. */
  readonly seeds: readonly number[];
  readonly device: Device;
}

export interface ComparisonHooks {
  /** @param done of all epochs of all runs, as a share */
  readonly onProgress?: (done: number, method: string, seed: number) => void;
  /** Ends after the present epoch; runs that are not finished are left out. */
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

/** @throws DataError, ConfigError for a table or a config that cannot be used */
export async function compareMethods(plan: ComparisonPlan, hooks: ComparisonHooks = {}): Promise<Score[]> {
  const { methods, seeds } = plan;
  const scores: Score[] = [];
  for (const [s, seed] of seeds.entries()) {
    const loaded = await loadProblem({ ...plan.config, seed }, plan.source);
    let unconstrained: Evaluation | undefined;
    for (const [m, method] of methods.entries()) {
      const runs = s * methods.length + m;
      const onShare = (share: number) =>
        hooks.onProgress?.((runs + share) / (seeds.length * methods.length), nameOf(method), seed);
      const trained = await trainOne(loaded, method, plan.device, onShare, hooks.signal);
      if (!trained) return scores;
      if (method.name === 'erm') unconstrained = trained.evaluation;
      scores.push(scoreOf(nameOf(method), seed, trained, unconstrained));
    }
  }
  return scores;
}

/** `fairmt`, or `symmetric:0.5` where there is a weight. */
export function nameOf(method: MethodConfig): string {
  return 'weight' in method ? `${method.name}:${method.weight}` : method.name;
}

interface Trained {
  readonly epoch: number;
  readonly evaluation: Evaluation;
}

async function trainOne(
  loaded: LoadedProblem,
  method: MethodConfig,
  device: Device,
  onShare: (share: number) => void,
  signal: AbortSignal | undefined,
): Promise<Trained | undefined> {
  const { config, problem, sides } = loaded;
  const { epochs } = config.training;
  const result = await runFit(fitOptions(config, problem, method), device, {
    async onEpoch({ epoch }) {
      onShare(epoch / epochs);
      await setImmediate(); // lets signals and the progress bar have their turn
    },
    ...(signal && { signal }),
  });
  if (result.ended === 'aborted') return undefined;
  const data = sides[evaluationSide(sides)];
  const evaluation = await evaluateParameters(loaded, result.parameters, data, device, { resamples: 0 });
  return { epoch: result.epoch, evaluation };
}

function scoreOf(
  method: string,
  seed: number,
  { epoch, evaluation }: Trained,
  unconstrained: Evaluation | undefined,
): Score {
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
