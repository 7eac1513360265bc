// Text as a bag of hashed word n-grams, the indices of an embedding bag ("hashing trick", Weinberger et al. 2009).

export interface TextOptions {
  /** Rows of the embedding table: indices are 0 … buckets − 1. */
  readonly buckets: number;
  /** At most so many n-grams of a cell are kept, the first ones. */
  readonly maxTokens: number;
  /** 1: single words; 2: also pairs of neighbours; and so on. */
  readonly ngrams: number;
}

const WORD = /[\p{L}\p{N}\p{M}]+(?:['’][\p{L}\p{M}]+)*|\p{Extended_Pictographic}/gu;

/** The words of a text: NFKC, lower case; runs of letters, marks and digits with inner apostrophes, and pictographs. */
export function wordsOf(text: string): readonly string[] {
  return text.normalize('NFKC').toLowerCase().match(WORD) ?? [];
}

/**
 * Writes the bucket of every n-gram of `cell` to `out` from `offset` on and returns how many there are.
 * In reading order: at each word, the word itself, then the pair that it ends, and so on.
 */
export function hashText(cell: string, options: TextOptions, out: Uint32Array, offset: number): number {
  const { buckets, maxTokens, ngrams } = options;
  const words = wordsOf(cell);
  let count = 0;
  for (let end = 0; end < words.length; end++) {
    for (let n = 1; n <= Math.min(ngrams, end + 1); n++) {
      if (count === maxTokens) return count;
      out[offset + count++] = hash(words.slice(end + 1 - n, end + 1).join(' ')) % buckets;
    }
  }
  return count;
}

/** 32-bit FNV-1a of the UTF-16 code units, then murmur3's finaliser, since buckets are taken from the low bits. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
