// The name that was probably meant: the nearest by edit distance, for "did you mean" in error messages.

/**
 * The candidate nearest to `name`, letter case apart; undefined where none is near.
 * Near: as many edits (Levenshtein) as a third of the longer name, or one name holding the other.
 */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    const edits = editDistance(wanted, other);
    const limit = Math.max(1, Math.floor(Math.max(wanted.length, other.length) / 3));
    const holds = wanted.length > 2 && other.length > 2 && (other.includes(wanted) || wanted.includes(other));
    if ((edits <= limit || holds) && edits < least) {
      best = candidate;
      least = edits;
    }
  }
  return best;
}

/** ` Did you mean "x"?`, or nothing. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const best = nearest(name, candidates);
  return best === undefined ? '' : ` Did you mean "${best}"?`;
}

/** Insertions, deletions and replacements from `a` to `b`, each counted as one. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
