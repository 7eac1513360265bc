// One workload on all contenders: first calls, a comparison of the answers, then turns in both orders.
import type { Census } from './census.ts';
import type { Worker } from './worker.ts';
import { type Workload, type WorkloadId, workloads } from './workloads.ts';

export interface Timing {
  /** Milliseconds: the first call with all compilation, and the median of the turns. */
  readonly first: number;
  readonly median: number;
  readonly turns: readonly number[];
  /** Median time until a call returned, all work handed over to the device; milliseconds. */
  readonly host: number;
  /** What one call asked of WebGPU. */
  readonly census: Census;
  /** Largest difference from the answer that most agree with, as a share of the largest magnitude. */
  readonly difference: number;
}

export interface Measurement {
  readonly id: WorkloadId;
  /** By the contender's name; those that have nothing to show are left out. */
  readonly timings: Readonly<Record<string, Timing | { readonly failed: string }>>;
}

/** A turn lasts about this long, and all turns of a workload together; milliseconds. */
const turnLength = 60;
const workloadLength = 12_000;
const mostRounds = 9;
const fewestRounds = 3;

interface Entrant {
  readonly worker: Worker;
  readonly first: number;
  readonly results: readonly Float64Array[];
  readonly census: Census;
  readonly turns: { readonly time: number; readonly host: number }[];
  calls: number;
}

export async function measure(id: WorkloadId, workers: readonly Worker[]): Promise<Measurement> {
  const failures: Record<string, { failed: string }> = {};
  const entrants = new Set<Entrant>();
  /** A library that fails is out of this workload; the others go on. */
  const attempt = async (worker: Worker, act: () => Promise<void>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      failures[worker.name] = { failed: String(error) };
      for (const entrant of entrants) if (entrant.worker === worker) entrants.delete(entrant);
    }
  };
  for (const worker of workers) {
    await attempt(worker, async () => {
      const prepared = await worker.ask({ do: 'prepare', workload: id }, 'prepared', 'absent');
      if (prepared.is === 'absent') return;
      const { first, results, census } = prepared;
      entrants.add({ worker, first, results, census, turns: [], calls: 1 });
    });
  }
  const turn = (entrant: Entrant, take: (timed: Entrant['turns'][number]) => void): Promise<void> =>
    attempt(entrant.worker, async () =>
      take(await entrant.worker.ask({ do: 'run', calls: entrant.calls }, 'timed')),
    );
  for (const entrant of entrants) {
    await turn(entrant, ({ time }) => {
      entrant.calls = Math.max(1, Math.round(turnLength / time));
    });
  }
  const begin = performance.now();
  for (let round = 0; round < mostRounds; round++) {
    const order = round % 2 === 0 ? [...entrants] : [...entrants].reverse();
    for (const entrant of order) await turn(entrant, ({ time, host }) => entrant.turns.push({ time, host }));
    if (round + 1 >= fewestRounds && performance.now() - begin > workloadLength) break;
  }
  for (const { worker } of entrants) {
    await attempt(worker, async () => void (await worker.ask({ do: 'dispose' }, 'disposed')));
  }
  const left = [...entrants];
  const differences = disagreements(left.map(({ results }) => results));
  const timings = left.map(({ worker, first, census, turns }, at): [string, Timing] => {
    const times = turns.map(({ time }) => time);
    const host = median(turns.map((turn) => turn.host));
    const timing = { first, median: median(times), turns: times, host, census, difference: differences[at]! };
    return [worker.name, timing];
  });
  return { id, timings: { ...Object.fromEntries(timings), ...failures } };
}

/** Of each entrant from the one nearest to all: so that a single wrong answer does not make the others look wrong. */
export function disagreements(answers: readonly (readonly Float64Array[])[]): number[] {
  const rows = answers.map((mine) => answers.map((theirs) => difference(mine, theirs)));
  const totals = rows.map((row) => median(row));
  return rows[totals.indexOf(Math.min(...totals))] ?? [];
}

function difference(mine: readonly Float64Array[], theirs: readonly Float64Array[]): number {
  let largest = 0;
  let apart = 0;
  mine.forEach((values, call) => {
    values.forEach((value, at) => {
      const other = theirs[call]![at]!;
      largest = Math.max(largest, Math.abs(value), Math.abs(other));
      const gap = Math.abs(value - other);
      apart = Math.max(apart, Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap);
    });
  });
  return apart === 0 ? 0 : apart / largest;
}

export function isTimed(timing: Measurement['timings'][string]): timing is Timing {
  return 'median' in timing;
}

export function isWrong(id: WorkloadId, { difference: apart }: Timing): boolean {
  const workload: Workload = workloads[id];
  return !(apart <= workload.tolerance);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
