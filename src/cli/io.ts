// Where a command writes, and what it may write there. The process's own in main.ts; buffers in tests.

export interface Sink {
  write(text: string): unknown;
}

export interface Io {
  /** Results. */
  readonly out: Sink;
  /** Progress, hints and errors. */
  readonly err: Sink & Partial<NodeJS.WriteStream>;
  /** Whether a person watches `err`: progress bars are for them alone. */
  readonly interactive: boolean;
  readonly colour: boolean;
  /** Calls `listener` at the first Ctrl-C; returns how to end that. */
  onInterrupt(listener: () => void): () => void;
  /** Resolves when what was written to `out` has left, so that a slow reader holds the writer back. */
  drained(): Promise<void>;
}

export function say(io: Io, text = ''): void {
  io.out.write(`${text}\n`);
}

/** For people; machines read `out`. */
export function hint(io: Io, text: string): void {
  io.err.write(`${text}\n`);
}

export function json(io: Io, value: unknown): void {
  say(io, JSON.stringify(value, undefined, 2));
}
