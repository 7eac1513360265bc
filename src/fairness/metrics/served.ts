// How well groups are served under hard decisions, notion by notion (METHOD §2.1, our reading), and the one utility by
// which tasks of all kinds are compared. Higher is better throughout.
import {
  type ClassificationOutcome,
  type DetectionOutcome,
  decisionOf,
  isKnown,
  labelProbability,
  type RegressionOutcome,
  type TaskOutcome,
} from './outcomes.ts';
import { LEAST_PROBABILITY } from './probabilities.ts';
import { type Statistic, type Statistics, stratumMean } from './tally.ts';

/** Served-ness under each condition of the outcome's notion; `undefined` where groups are not to be compared. */
export function servedStatistics(outcome: TaskOutcome): Statistics | undefined {
  if (outcome.notion === undefined) return undefined;
  if (outcome.notion === 'loss-parity') {
    return meanOf(outcome, (row) => -lossOf(outcome, row) / outcome.priorLoss!);
  }
  switch (outcome.kind) {
    case 'detection':
      return servedByDetection(outcome);
    case 'classification':
      return servedByClassification(outcome);
    case 'regression':
      return outcome.notion === 'ccc-parity' ? concordance(outcome) : meanOf(outcome, closeness(outcome));
  }
}

/** Balanced accuracy for detection and classification, `1 − MAE / s_t` for regression: at most 1 for every task. */
export function utilityStatistics(outcome: TaskOutcome): Statistics {
  if (outcome.kind === 'regression') return meanOf(outcome, closeness(outcome));
  const classes = outcome.kind === 'detection' ? 2 : outcome.classes;
  return { ...byLabel(outcome, classes), statistics: [balancedAccuracyOf(classes)] };
}

function servedByDetection(outcome: DetectionOutcome): Statistics {
  const favourable = outcome.favourable === 'negative' ? 0 : 1;
  switch (outcome.notion) {
    case 'equal-opportunity':
      return { ...byLabel(outcome, 2), statistics: [stratumMean(`y=${favourable}`, favourable)] };
    case 'equalized-odds':
      return { ...byLabel(outcome, 2), statistics: [stratumMean('y=1', 1), stratumMean('y=0', 0)] };
    case 'demographic-parity':
      return meanOf(outcome, (row) => Number(decisionOf(outcome, row) === favourable));
    default:
      return meanOf(outcome, rightness(outcome));
  }
}

function servedByClassification(outcome: ClassificationOutcome): Statistics {
  const { classes, favourable = [] } = outcome;
  switch (outcome.notion) {
    case 'equal-opportunity': {
      const statistics = Array.from({ length: classes }, (_, k) => stratumMean(`y=${k}`, k));
      return { ...byLabel(outcome, classes), statistics };
    }
    case 'demographic-parity': {
      const stratum = strataOf(outcome, (row) => decisionOf(outcome, row));
      const statistics = favourable.map((k) => shareOf(`favourable=${k}`, k));
      return { tally: { stratum, strata: classes, features: [] }, statistics };
    }
    default:
      return meanOf(outcome, rightness(outcome));
  }
}

/** The mean of `served` over all labelled rows. */
function meanOf(outcome: TaskOutcome, served: (row: number) => number): Statistics {
  const stratum = strataOf(outcome, () => 0);
  return {
    tally: { stratum, strata: 1, features: [column(stratum, served)] },
    statistics: [stratumMean('all', 0)],
  };
}

/** Right decisions, apart for every label. */
function byLabel(
  outcome: DetectionOutcome | ClassificationOutcome,
  strata: number,
): Pick<Statistics, 'tally'> {
  const stratum = strataOf(outcome, (row) => outcome.labels[row]!);
  return { tally: { stratum, strata, features: [column(stratum, rightness(outcome))] } };
}

function strataOf(outcome: TaskOutcome, stratum: (row: number) => number): Int32Array {
  return Int32Array.from({ length: outcome.labels.length }, (_, row) =>
    isKnown(outcome, row) ? stratum(row) : -1,
  );
}

/** A feature of the rows that count. */
function column(stratum: Int32Array, of: (row: number) => number): Float64Array {
  return Float64Array.from(stratum, (s, row) => (s < 0 ? 0 : of(row)));
}

function rightness(outcome: DetectionOutcome | ClassificationOutcome): (row: number) => number {
  return (row) => Number(decisionOf(outcome, row) === outcome.labels[row]);
}

function closeness({ values, labels, deviation }: RegressionOutcome): (row: number) => number {
  return (row) => 1 - Math.abs(values[row]! - labels[row]!) / deviation;
}

/** Cross-entropy in nats, or the squared error in standardised units. */
function lossOf(outcome: TaskOutcome, row: number): number {
  if (outcome.kind === 'regression') {
    return ((outcome.values[row]! - outcome.labels[row]!) / outcome.deviation) ** 2;
  }
  return -Math.log(Math.max(labelProbability(outcome, row), LEAST_PROBABILITY));
}

function shareOf(name: string, stratum: number): Statistic {
  const count = (sums: Float64Array) => sums.reduce((total, part) => total + part, 0);
  return { name, count, value: (sums) => sums[stratum]! / count(sums) };
}

function balancedAccuracyOf(classes: number): Statistic {
  const recalls = Array.from({ length: classes }, (_, k) => stratumMean(`y=${k}`, k));
  return {
    name: 'balanced accuracy',
    count: (sums) => recalls.reduce((total, recall) => total + recall.count(sums), 0),
    value: (sums) => {
      const occurring = recalls.filter((recall) => recall.count(sums) > 0);
      const sum = occurring.reduce((total, recall) => total + recall.value(sums), 0);
      return occurring.length < 2 ? Number.NaN : sum / occurring.length;
    },
  };
}

/** CCC from sums. Standardised with the labels' own mean, so that a large offset takes no digits. */
function concordance(outcome: RegressionOutcome): Statistics {
  const stratum = strataOf(outcome, () => 0);
  const rows = stratum.reduce((count, s) => count + (s < 0 ? 0 : 1), 0);
  const mean = column(stratum, (row) => outcome.labels[row]!).reduce((sum, label) => sum + label, 0) / rows;
  const value = column(stratum, (row) => (outcome.values[row]! - mean) / outcome.deviation);
  const label = column(stratum, (row) => (outcome.labels[row]! - mean) / outcome.deviation);
  const product = (a: Float64Array, b: Float64Array) => a.map((part, row) => part * b[row]!);
  const features = [value, label, product(value, label), product(value, value), product(label, label)];
  const statistic: Statistic = {
    name: 'all',
    count: (sums) => sums[0]!,
    value: (sums) => {
      const [n, x, y, xy, xx, yy] = sums as unknown as [number, number, number, number, number, number];
      const spread = xx + yy - (x * x + y * y) / n;
      // Rounding leaves about 1e-16 of the squares where both are constant.
      if (!(spread > 1e-12 * (xx + yy))) return Number.NaN;
      return (2 * (xy - (x * y) / n)) / (spread + (x - y) ** 2 / n);
    },
  };
  return { tally: { stratum, strata: 1, features }, statistics: [statistic] };
}
