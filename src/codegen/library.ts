// The functions of shaders/lib that a generated kernel calls, and those that they call in turn; the rest of a library
// would only cost the driver time.
import math from '../../shaders/lib/math.wgsl';
import philox from '../../shaders/lib/philox.wgsl';
import type { Library } from '../ops/index.ts';

/** Each function by its name, with the comment above it. */
function functionsOf(source: string): ReadonlyMap<string, string> {
  const pieces = source.trimEnd().split(/\n\n(?=(?:\/\/[^\n]*\n)*fn )/);
  return new Map(
    pieces.flatMap((piece) => {
      const name = /^fn (\w+)\(/m.exec(piece)?.[1];
      return name === undefined ? [] : [[name, piece]];
    }),
  );
}

const libraries: Record<Library, ReadonlyMap<string, string>> = {
  math: functionsOf(math),
  philox: functionsOf(philox),
};

/** What `code` needs of the libraries `named`, in their own order. */
export function functionsFor(code: string, named: Iterable<Library>): string[] {
  return [...named].sort().flatMap((library) => {
    const functions = libraries[library];
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
  });
}
