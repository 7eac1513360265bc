// Group statistics from sums. Whatever the statistic, a cell is known by a few sums over its rows, so that a bootstrap
// resample costs one pass over the rows.

/** What is summed over rows: their number, then each feature, apart for every stratum. */
export interface Tally {
  /** [rows]: −1 for a row that does not count. */
  readonly stratum: Int32Array;
  readonly strata: number;
  /** Each [rows]. */
  readonly features: readonly Float64Array[];
}

/** A number that follows from a cell's sums, `[strata, 1 + features]`. */
export interface Statistic {
  readonly name: string;
  /** How many rows it rests on. */
  count(sums: Float64Array): number;
  /** NaN where it is not defined. */
  value(sums: Float64Array): number;
}

export interface Statistics {
  readonly tally: Tally;
  readonly statistics: readonly Statistic[];
}

/**
 * The sums of every cell, `[cells, strata, 1 + features]`.
 * @param index [rows]: the cell of each row
 * @param weights [rows]: how often each row counts; once without them
 */
export function sumByCell(
  tally: Tally,
  index: Int32Array,
  cells: number,
  weights?: Uint32Array,
): Float64Array {
  const { stratum, strata, features } = tally;
  const width = 1 + features.length;
  const sums = new Float64Array(cells * strata * width);
  for (let row = 0; row < stratum.length; row++) {
    const weight = weights ? weights[row]! : 1;
    if (stratum[row]! < 0 || weight === 0) continue;
    const at = (index[row]! * strata + stratum[row]!) * width;
    sums[at]! += weight;
    for (let f = 1; f < width; f++) sums[at + f]! += weight * features[f - 1]![row]!;
  }
  return sums;
}

/** Sums of fewer, larger cells. `cellOf`: the larger cell of each smaller one, −1 for none. */
export function mergeCells(sums: Float64Array, cellOf: Int32Array, cells: number): Float64Array {
  const width = sums.length / cellOf.length;
  const merged = new Float64Array(cells * width);
  cellOf.forEach((cell, small) => {
    if (cell < 0) return;
    for (let i = 0; i < width; i++) merged[cell * width + i]! += sums[small * width + i]!;
  });
  return merged;
}

/** The mean of the tally's only feature in one stratum. */
export function stratumMean(name: string, stratum: number): Statistic {
  return {
    name,
    count: (sums) => sums[2 * stratum]!,
    value: (sums) => sums[2 * stratum + 1]! / sums[2 * stratum]!,
  };
}
