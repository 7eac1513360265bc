// A metric's value or, where it has none, the word that says so: never 0, never NaN.

/** Too few samples, or a quantity that is not defined on them (AUC of one class, R² of a constant label). */
export type Insufficient = 'insufficient';

export type Measured = number | Insufficient;

export function isMeasured(value: Measured): value is number {
  return value !== 'insufficient';
}

/** For sums that use NaN inwardly for "undefined". */
export function measured(value: number): Measured {
  return Number.isNaN(value) ? 'insufficient' : value;
}

export function ratio(numerator: number, denominator: number): Measured {
  return denominator === 0 ? 'insufficient' : numerator / denominator;
}

/** Mean of those that are measured. */
export function meanMeasured(values: readonly Measured[]): Measured {
  const known = values.filter(isMeasured);
  return ratio(
    known.reduce((sum, value) => sum + value, 0),
    known.length,
  );
}
