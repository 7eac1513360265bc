// The functions of shaders/lib that a generated kernel calls, and those that they call in turn; the rest of the library
// would only cost the driver time.
import math from '../../shaders/lib/math.wgsl';
import philox from '../../shaders/lib/philox.wgsl';

/** Each function by its name, with the comment above it. */
const functions: ReadonlyMap<string, string> = new Map(
  [math, philox].flatMap((source) =>
    source
      .trimEnd()
      .split(/\n\n(?=(?:\/\/[^\n]*\n)*fn )/)
      .flatMap((piece) => {
        const name = /^fn (\w+)\(/m.exec(piece)?.[1];
        return name === undefined ? [] : [[name, piece] as const];
      }),
  ),
);

/** What `code` calls, in the order of the files. */
export function functionsFor(code: string): string[] {
  const needed = new Set<string>();
  const pending = [code];
  while (pending.length > 0) {
    const text = pending.pop()!;
    for (const [name, piece] of functions) {
      if (needed.has(name) || !text.includes(`${name}(`)) continue;
      needed.add(name);
      pending.push(piece);
    }
  }
  return [...functions].flatMap(([name, piece]) => (needed.has(name) ? [piece] : []));
}
