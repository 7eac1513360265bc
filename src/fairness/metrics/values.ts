// Metrics of predicted values.
import { type Measured, ratio } from './measured.ts';

/** Mean absolute error. */
export function mae(values: ArrayLike<number>, labels: ArrayLike<number>): Measured {
  return meanOver(labels.length, (i) => Math.abs(values[i]! - labels[i]!));
}

/** Root of the mean squared error. */
export function rmse(values: ArrayLike<number>, labels: ArrayLike<number>): Measured {
  const square = meanOver(labels.length, (i) => (values[i]! - labels[i]!) ** 2);
  return square === 'insufficient' ? square : Math.sqrt(square);
}

/** Coefficient of determination: 1 − squared error / squared deviation. Insufficient for a constant label. */
export function r2(values: ArrayLike<number>, labels: ArrayLike<number>): Measured {
  const mean = meanOver(labels.length, (i) => labels[i]!);
  const error = meanOver(labels.length, (i) => (values[i]! - labels[i]!) ** 2);
  if (mean === 'insufficient' || error === 'insufficient') return 'insufficient';
  const spread = meanOver(labels.length, (i) => (labels[i]! - mean) ** 2) as number;
  return spread === 0 ? 'insufficient' : 1 - error / spread;
}

/**
 * Concordance correlation coefficient (Lin 1989), `2 cov / (var + var + (difference of means)²)`, with moments over n.
 * Insufficient where both are constant.
 */
export function ccc(values: ArrayLike<number>, labels: ArrayLike<number>): Measured {
  const n = labels.length;
  const meanValue = meanOver(n, (i) => values[i]!);
  const meanLabel = meanOver(n, (i) => labels[i]!);
  if (meanValue === 'insufficient' || meanLabel === 'insufficient') return 'insufficient';
  let covariance = 0;
  let variances = 0;
  for (let i = 0; i < n; i++) {
    const value = values[i]! - meanValue;
    const label = labels[i]! - meanLabel;
    covariance += value * label;
    variances += value * value + label * label;
  }
  return variances === 0 ? 'insufficient' : (2 * covariance) / (variances + n * (meanValue - meanLabel) ** 2);
}

function meanOver(n: number, term: (i: number) => number): Measured {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += term(i);
  return ratio(sum, n);
}
