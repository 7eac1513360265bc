// The name that was probably meant: the nearest by edit distance, for "did you mean" in error messages.

/**
 * The candidate nearest to `name`, letter case apart; undefined where none is near.
 * Near: at most as many edits as a third of the longer name, or one name holds the other.
 */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    const edits = editDistance(wanted, other);
    const longer = Math.max(wanted.length, other.length);
    const limit = longer === 1 ? 0 : Math.max(1, Math.floor(longer / 3));
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

/** Insertions, deletions, replacements and swaps of neighbours from `a` to `b`, each counted as one. */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    const above = rows[i - 1]!;
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(replaced, above[j]! + 1, row[j - 1]! + 1, swap ? rows[i - 2]![j - 2]! + 1 : Infinity),
      );
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
