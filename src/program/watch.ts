// Reads that do not hold a run up: a value is copied every few runs and handed to a listener when it arrives.
import type { HostArray } from '../tensor/types.ts';

export interface WatchOptions {
  /** Copy after every `every`-th run. */
  readonly every: number;
}

/** `run` counts from 1. Called in order of runs. */
export type Listener = (value: HostArray, run: number) => void;

interface Watch {
  readonly output: string;
  readonly every: number;
  readonly listener: Listener;
}

export class Watches {
  readonly #watches = new Set<Watch>();
  #delivered: Promise<void> = Promise.resolve();

  /** Returns a function that ends the watch. */
  add(output: string, every: number, listener: Listener): () => void {
    const watch = { output, every, listener };
    this.#watches.add(watch);
    return () => void this.#watches.delete(watch);
  }

  /** The first run after `run` that a watch wants to see, `last` at most. */
  next(run: number, last: number): number {
    return [...this.#watches].reduce((next, { every }) => Math.min(next, run - (run % every) + every), last);
  }

  afterRun(run: number, read: (output: string) => Promise<HostArray>): void {
    for (const { output, every, listener } of this.#watches) {
      if (run % every !== 0) continue;
      const value = read(output);
      this.#delivered = this.#delivered.then(async () => listener(await value, run));
      // An error is the caller's at `settled`; until then it must not count as unhandled.
      for (const pending of [value, this.#delivered]) pending.catch(() => undefined);
    }
  }

  /** Resolves when all values so far have been delivered. After an error, which it throws once, none are until called. */
  settled(): Promise<void> {
    const delivered = this.#delivered;
    this.#delivered = delivered.catch(() => undefined);
    return delivered;
  }
}
