// An epoch in numbers, and metrics.jsonl: a line an epoch, of every model that the run trains.
import { appendFile, truncate } from 'node:fs/promises';
import type { Task } from '../mtl/index.ts';
import type { ByTask, EpochMetrics } from '../report/summary.ts';
import type { FitEpoch } from '../train/index.ts';
import { fileError } from './errors.ts';
import { writeWhole } from './files.ts';

/** @param tasks in the order of the layout, which is the order of every value by task */
export function epochMetrics(
  method: string,
  warmupEpochs: number,
  tasks: readonly Task[],
  { epoch, values, validation, allowance, audit }: FitEpoch,
): EpochMetrics {
  const byTask = (name: string): ByTask =>
    Object.fromEntries(tasks.map((task, at) => [task.name, Number(values[name]![at])]));
  const constrained = values['multipliers'] !== undefined;
  return {
    method,
    epoch,
    warmup: epoch <= warmupEpochs,
    losses: byTask('smoothed losses'),
    ...(constrained && {
      violation: byTask('violation'),
      signal: byTask('signal'),
      multipliers: byTask('multipliers'),
      slack: byTask('slack'),
    }),
    alpha: byTask('alpha'),
    beta: Number(values['beta']![0]),
    ...(values['gram'] && tasks.length > 1 && { conflict: lowestCosine(values['gram'], tasks.length) }),
    ...(validation && { validation }),
    ...(allowance !== undefined && { allowance }),
    ...(audit && { audit }),
  };
}

/** Of the tasks' gradients, by their Gram matrix `[T + 1, T + 1]`. */
function lowestCosine(gram: ArrayLike<number>, tasks: number): number {
  const product = (s: number, t: number) => gram[s * (tasks + 1) + t]!;
  let lowest = 1;
  for (let s = 0; s < tasks; s++) {
    for (let t = s + 1; t < tasks; t++) {
      const lengths = Math.sqrt(product(s, s) * product(t, t));
      if (lengths > 0) lowest = Math.min(lowest, product(s, t) / lengths);
    }
  }
  return lowest;
}

/** metrics.jsonl. What a run that was killed wrote after its last checkpoint goes when it is opened again. */
export class MetricsLog {
  readonly #path: string;
  #bytes: number;

  /** @param epochs that the run has behind it */
  static async open(path: string, epochs: readonly EpochMetrics[]): Promise<MetricsLog> {
    const lines = epochs.map(line).join('');
    await writeWhole(path, [lines]);
    return new MetricsLog(path, Buffer.byteLength(lines));
  }

  private constructor(path: string, bytes: number) {
    this.#path = path;
    this.#bytes = bytes;
  }

  /** A whole line or nothing. @throws RunError for a full disk and the like */
  async append(epoch: EpochMetrics): Promise<void> {
    const text = line(epoch);
    try {
      await appendFile(this.#path, text);
    } catch (error) {
      await truncate(this.#path, this.#bytes).catch(() => undefined);
      throw fileError(error, this.#path, 'to write it');
    }
    this.#bytes += Buffer.byteLength(text);
  }
}

function line(epoch: EpochMetrics): string {
  return `${JSON.stringify(epoch)}\n`;
}
