// The engine's errors. Each says the call, what was expected, what came, the node and the user's line.

/** Wrong use of the graph: shapes, dtypes, axes, values of another graph. */
export class GraphError extends Error {
  override readonly name = 'GraphError';
}

/** Wrong use of a program: an input never written, a wrong length, a disposed program, an unknown name. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
}

/** A device that cannot be had, a limit of the adapter, or a validation error it reported. */
export class DeviceError extends Error {
  override readonly name: string = 'DeviceError';
}

/** The device is gone (reset, unplugged, destroyed). Mend it with `program.rebuild(device)`. */
export class DeviceLostError extends DeviceError {
  override readonly name = 'DeviceLostError';
}

/** One line `call: expected …, got …` with an optional place. */
export function misuse(
  call: string,
  expected: string,
  got: string,
  site: { toString(): string } = '',
): string {
  const place = site.toString();
  return `${call}: expected ${expected}, got ${got}${place ? ` (at ${place})` : ''}`;
}

/** Thrown by a shape rule, which knows what it wants but not who called; the graph adds the call and the line. */
export class Mismatch extends Error {
  readonly expected: string;
  readonly got: string;

  constructor(expected: string, got: string) {
    super(`expected ${expected}, got ${got}`);
    this.expected = expected;
    this.got = got;
  }
}
