// From trials to the rows of a table: means and deviations over seeds, levelling down against ERM of the same seed,
// and whether the aim is met.
import { type Evaluation, levellingDown } from '../../src/fairness/index.ts';
import { atGap, type FrontierPoint, frontiersOf } from './frontier.ts';
import { contenders } from './methods.ts';
import { known, type Trial } from './trial.ts';

export interface Spread {
  readonly mean: number;
  /** Sample standard deviation over the seeds. */
  readonly deviation: number;
}

export interface MethodSummary {
  readonly method: string;
  readonly utility: Spread;
  /** Relative to ERM. */
  readonly utilityChange: number;
  readonly utilities: Readonly<Record<string, Spread>>;
  readonly gaps: Readonly<Record<string, Spread>>;
  readonly meanGap: Spread;
  /** Over ERM's. */
  readonly gapRatio: number;
  readonly worstGap: Spread;
  /** Of any best-served group of ERM's: the largest loss of served-ness, and its mean over tasks and partitions. */
  readonly largestLoss: Spread;
  readonly meanLoss: Spread;
  /** At the chosen epochs. */
  readonly validation: { readonly utility: number; readonly gap: number };
  /** Share of training loss that the budget came to in the last epoch; under a constraint. */
  readonly allowance?: number;
}

export interface SetSummary {
  readonly set: string;
  readonly seeds: number;
  readonly methods: readonly MethodSummary[];
  /** The symmetric penalty at FairMT's mean gap, on its frontier; `undefined` where no weight comes so low. */
  readonly penalty: FrontierPoint | undefined;
  readonly aim: Aim;
}

export interface Aim {
  readonly halved: boolean;
  readonly affordable: boolean;
  /** Less levelling down than the symmetric penalty at the same gap, or a gap that no penalty reaches. */
  readonly gentler: boolean;
}

/** `trials[method][seed]`. */
export function summarise(set: string, trials: Readonly<Record<string, readonly Trial[]>>): SetSummary {
  const unconstrained = trials['erm']!;
  const methods = Object.keys(contenders).map((method) =>
    summariseMethod(method, trials[method]!, unconstrained),
  );
  const fairmt = methods.find(({ method }) => method === 'fairmt')!;
  const penalty = atGap(frontiersOf(methods).symmetric, fairmt.gapRatio);
  const aim = {
    halved: fairmt.gapRatio <= 0.5,
    affordable: fairmt.utilityChange >= -0.02,
    gentler: penalty === undefined || fairmt.meanLoss.mean < penalty.loss,
  };
  return { set, seeds: unconstrained.length, methods, penalty, aim };
}

function summariseMethod(
  method: string,
  trials: readonly Trial[],
  unconstrained: readonly Trial[],
): MethodSummary {
  const over = (of: (trial: Trial, seed: number) => number): Spread => spread(trials.map(of));
  const utility = over(({ test }) => known(test.meanUtility));
  const meanGap = over(({ test }) => known(test.meanGap));
  const base = (of: (test: Evaluation) => number): number =>
    spread(unconstrained.map(({ test }) => of(test))).mean;
  const allowances = trials.flatMap(({ allowance = [] }) => allowance);
  const losses = trials.map(({ test }, seed) => lossesOf(test, unconstrained[seed]!.test));
  const byTask = (of: (task: Evaluation['tasks'][number]) => number | 'insufficient') =>
    Object.fromEntries(
      trials[0]!.test.tasks.flatMap(({ task }, at) => {
        const values = trials
          .map(({ test }) => of(test.tasks[at]!))
          .filter((value) => typeof value === 'number');
        return values.length > 0 ? [[task, spread(values)]] : [];
      }),
    );
  return {
    method,
    utility,
    utilityChange: utility.mean / base((test) => known(test.meanUtility)) - 1,
    utilities: byTask(({ overall }) => overall.utility.value),
    gaps: byTask((task) => task.meanGap),
    meanGap,
    gapRatio: meanGap.mean / base((test) => known(test.meanGap)),
    worstGap: over(({ test }) => (test.worstGap === 'insufficient' ? 0 : test.worstGap.gap)),
    largestLoss: spread(losses.map((of) => Math.max(...of))),
    meanLoss: spread(losses.map((of) => of.reduce((sum, loss) => sum + loss, 0) / of.length)),
    validation: {
      utility: spread(trials.map(({ validation }) => validation.utility)).mean,
      gap: spread(trials.map(({ validation }) => validation.gap)).mean,
    },
    ...(allowances.length > 0 && { allowance: spread(allowances).mean }),
  };
}

/** The largest loss of a best-served group, one a task and partition that can be judged. */
function lossesOf(test: Evaluation, unconstrained: Evaluation): number[] {
  return test.tasks.flatMap((task) =>
    task.partitions.flatMap((partition) => {
      const part = { ...test, tasks: [{ ...task, partitions: [partition] }] };
      const { served } = levellingDown(part, only(unconstrained, partition.partition));
      return served === 'insufficient' ? [] : [served.loss];
    }),
  );
}

function only(evaluation: Evaluation, name: string): Evaluation {
  const tasks = evaluation.tasks.map((task) => ({
    ...task,
    partitions: task.partitions.filter(({ partition }) => partition === name),
  }));
  return { ...evaluation, tasks };
}

export function spread(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 };
}
