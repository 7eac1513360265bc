// Statistics of every cell of a partition: as they are, and on every bootstrap resample.
import { percentileInterval } from './bootstrap.ts';
import type { Estimate } from './evaluation.ts';
import { measured } from './measured.ts';
import type { JoinedPartitions, RowPartition } from './partitions.ts';
import { mergeCells, type Statistic, type Statistics, sumByCell } from './tally.ts';

export interface MeasurementSettings {
  /** Rows from which on a statistic is given. */
  readonly minCount: number;
  readonly resamples: number;
  /** The share of resamples that an interval holds. */
  readonly confidence: number;
}

/** Statistics over several partitions, which share one pass over the rows. */
export class Measurements {
  /** In the order of the partitions. */
  readonly byPartition: readonly Measurement[];
  readonly #statistics: Statistics;
  readonly #joined: JoinedPartitions;

  constructor(statistics: Statistics, joined: JoinedPartitions, settings: MeasurementSettings) {
    this.#statistics = statistics;
    this.#joined = joined;
    const sums = this.#sums();
    this.byPartition = joined.partitions.map(
      (partition, p) => new Measurement(statistics.statistics, partition, sums[p]!, settings),
    );
  }

  /** Takes the statistics of one resample. */
  draw(resample: number, weights: Uint32Array): void {
    this.#sums(weights).forEach((sums, p) => {
      this.byPartition[p]!.draw(resample, sums);
    });
  }

  #sums(weights?: Uint32Array): Float64Array[] {
    const { index, combinations, partitions, cells } = this.#joined;
    const sums = sumByCell(this.#statistics.tally, index, combinations, weights);
    return partitions.map((partition, p) => mergeCells(sums, cells[p]!, partition.cells.length));
  }
}

/** Statistics of every cell of one partition. */
export class Measurement {
  readonly partition: RowPartition;
  readonly #statistics: readonly Statistic[];
  readonly #settings: MeasurementSettings;
  /** [cells, …]: each cell's sums. */
  readonly #sums: Float64Array;
  /** [cells, statistics, resamples]. */
  readonly #draws: Float64Array;

  constructor(
    statistics: readonly Statistic[],
    partition: RowPartition,
    sums: Float64Array,
    settings: MeasurementSettings,
  ) {
    this.partition = partition;
    this.#statistics = statistics;
    this.#settings = settings;
    this.#sums = sums;
    this.#draws = new Float64Array(partition.cells.length * statistics.length * settings.resamples);
  }

  get names(): readonly string[] {
    return this.#statistics.map(({ name }) => name);
  }

  draw(resample: number, sums: Float64Array): void {
    for (let cell = 0; cell < this.partition.cells.length; cell++) {
      const ofCell = this.#ofCell(sums, cell);
      this.#statistics.forEach((statistic, s) => {
        const at = (cell * this.#statistics.length + s) * this.#settings.resamples;
        this.#draws[at + resample] = statistic.value(ofCell);
      });
    }
  }

  count(cell: number, statistic: number): number {
    return this.#statistics[statistic]!.count(this.#ofCell(this.#sums, cell));
  }

  estimate(cell: number, statistic: number): Estimate {
    return this.#withInterval(this.#value(cell, statistic), this.#drawsOf(cell, statistic));
  }

  /** How far each cell stays behind the best of those that are measured, if there are two of them. */
  gaps(statistic: number): Estimate[] {
    const levels = this.partition.cells.map((_, cell) => this.#value(cell, statistic));
    const compared = levels.flatMap((level, cell) => (Number.isNaN(level) ? [] : [cell]));
    if (compared.length < 2) return levels.map(() => ({ value: 'insufficient' }));
    const best = Math.max(...compared.map((cell) => levels[cell]!));
    const draws = compared.map((cell) => this.#drawsOf(cell, statistic));
    const bestDraws = Float64Array.from({ length: this.#settings.resamples }, (_, resample) =>
      draws.reduce(
        (most, draw) => (draw[resample]! > most ? draw[resample]! : most),
        Number.NEGATIVE_INFINITY,
      ),
    );
    return levels.map((level, cell) => {
      const behind = this.#drawsOf(cell, statistic).map((draw, resample) => bestDraws[resample]! - draw);
      return this.#withInterval(best - level, behind);
    });
  }

  /** NaN below the minimum count or where the statistic is not defined. */
  #value(cell: number, statistic: number): number {
    if (this.count(cell, statistic) < this.#settings.minCount) return Number.NaN;
    return this.#statistics[statistic]!.value(this.#ofCell(this.#sums, cell));
  }

  #withInterval(value: number, draws: Float64Array): Estimate {
    const interval = Number.isNaN(value) ? undefined : percentileInterval(draws, this.#settings.confidence);
    return { value: measured(value), ...(interval && { interval }) };
  }

  #ofCell(sums: Float64Array, cell: number): Float64Array {
    const width = sums.length / this.partition.cells.length;
    return sums.subarray(cell * width, (cell + 1) * width);
  }

  #drawsOf(cell: number, statistic: number): Float64Array {
    const { resamples } = this.#settings;
    const at = (cell * this.#statistics.length + statistic) * resamples;
    return this.#draws.subarray(at, at + resamples);
  }
}
