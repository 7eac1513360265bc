// Percentile intervals by the bootstrap (Efron 1979): rows are drawn again with replacement, every statistic of every
// group is taken on the same draws, and the interval holds the middle of what came out.
import { Random } from '../../tensor/random.ts';

export type Interval = readonly [low: number, high: number];

/** How often each row is drawn, resample by resample. The same seed gives the same draws. */
export function* resamples(rows: number, count: number, seed: number): Generator<Uint32Array> {
  const random = new Random(seed).fork('bootstrap');
  const drawn = new Uint32Array(rows);
  for (let resample = 0; resample < count; resample++) {
    drawn.fill(0);
    for (let i = 0; i < rows; i++) drawn[random.int(rows)]! += 1;
    yield drawn;
  }
}

/**
 * The interval that holds the share `confidence` of the draws, quantiles interpolated. `undefined` where the statistic
 * came out undefined (NaN) on half of the draws or more.
 */
export function percentileInterval(draws: Float64Array, confidence: number): Interval | undefined {
  const sorted = draws.filter((draw) => !Number.isNaN(draw)).sort();
  if (2 * sorted.length <= draws.length) return undefined;
  return [quantile(sorted, (1 - confidence) / 2), quantile(sorted, (1 + confidence) / 2)];
}

function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  return below + (place - Math.floor(place)) * (sorted[Math.ceil(place)]! - below);
}
