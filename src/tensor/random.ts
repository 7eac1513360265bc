/**
 * Seeded random numbers on the host: the counter-based generator Philox4x32-10 and a small `Random` over it.
 *
 * Philox (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11) is a keyed
 * bijection of a 128-bit counter, so a value depends on (key, counter) alone, and kernels can draw the very
 * same numbers. Only exact IEEE operations are used (`normal` brings its own logarithm, because `Math.log` may
 * differ between JavaScript engines): one seed gives one sequence, bit for bit, everywhere.
 */

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;
const TWO_32 = 2 ** 32;

/** High 32 bits of the unsigned 64-bit product; every partial product is exact in a double. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + (middle >>> 16) + (carry >>> 16)) >>> 0;
}

/**
 * One Philox4x32-10 block: four u32 that depend on `key` (two u32) and `counter` (four u32) alone.
 * Written to `out` when it is given, so that a loop need not allocate.
 */
export function philox4x32(
  key: ArrayLike<number>,
  counter: ArrayLike<number>,
  out: Uint32Array = new Uint32Array(4),
): Uint32Array {
  let k0 = key[0]! >>> 0;
  let k1 = key[1]! >>> 0;
  let c0 = counter[0]! >>> 0;
  let c1 = counter[1]! >>> 0;
  let c2 = counter[2]! >>> 0;
  let c3 = counter[3]! >>> 0;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
  return out;
}

/** Natural logarithm of `x > 0` from exact operations only: x = m·2^e, then the series of 2·atanh((m−1)/(m+1)). */
function portableLog(x: number): number {
  let mantissa = x;
  let exponent = 0;
  while (mantissa < Math.SQRT1_2) {
    mantissa *= 2;
    exponent -= 1;
  }
  while (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent += 1;
  }
  const z = (mantissa - 1) / (mantissa + 1);
  const square = z * z;
  let series = 0;
  for (let odd = 23; odd >= 1; odd -= 2) series = series * square + 1 / odd;
  return 2 * z * series + exponent * Math.LN2;
}

/** 32-bit FNV-1a of a name's UTF-16 code units. */
function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** The counter's last word: blocks of a sequence, of numbered forks and of named forks never meet. */
const SEQUENCE = 0;
const NUMBERED_FORK = 1;
const NAMED_FORK = 2;

/** A sequence of random numbers from a seed. `fork` gives further, independent sequences of the same seed. */
export class Random {
  readonly #key: Uint32Array;
  readonly #counter = new Uint32Array([0, 0, 0, SEQUENCE]);
  readonly #block = new Uint32Array(4);
  #used = 4;

  /**
   * @param seed an integer in [0, 2^53), or the two words of a Philox key
   * @throws RangeError for any other seed
   */
  constructor(seed: number | Uint32Array) {
    if (typeof seed === 'number') {
      if (!Number.isSafeInteger(seed) || seed < 0) {
        throw new RangeError(`Random: the seed must be an integer from 0 to 2^53 - 1, got ${seed}`);
      }
      this.#key = Uint32Array.of(seed % TWO_32, Math.floor(seed / TWO_32));
    } else {
      this.#key = Uint32Array.of(seed[0]!, seed[1]!);
    }
  }

  /**
   * An independent sequence for `stream`, a u32 or a name. It depends on this sequence's seed and the stream
   * alone, not on how many numbers were drawn, so a new consumer never shifts the others.
   */
  fork(stream: number | string): Random {
    const named = typeof stream === 'string';
    if (!named && stream >>> 0 !== stream) {
      throw new RangeError(
        `Random.fork: a numbered stream must be an integer from 0 to 2^32 - 1, got ${stream}`,
      );
    }
    const counter = [named ? hashName(stream) : stream, 0, 0, named ? NAMED_FORK : NUMBERED_FORK];
    return new Random(philox4x32(this.#key, counter));
  }

  /** Uniform on the integers 0 … 2^32 − 1. */
  uint32(): number {
    if (this.#used === 4) {
      philox4x32(this.#key, this.#counter, this.#block);
      const next = this.#counter[0]! + 1;
      this.#counter[0] = next;
      if (next === TWO_32) this.#counter[1] = this.#counter[1]! + 1;
      this.#used = 0;
    }
    return this.#block[this.#used++]!;
  }

  /** Uniform on [0, 1), a multiple of 2^−53. */
  uniform(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** Standard normal, by Marsaglia's polar method. */
  normal(): number {
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const square = u * u + v * v;
      if (square > 0 && square < 1) return u * Math.sqrt((-2 * portableLog(square)) / square);
    }
  }

  /** Uniform on the integers 0 … n − 1 without modulo bias, for an integer `n` from 1 to 2^32. */
  int(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > TWO_32) {
      throw new RangeError(`Random.int: n must be an integer from 1 to 2^32, got ${n}`);
    }
    const limit = TWO_32 - (TWO_32 % n);
    for (;;) {
      const draw = this.uint32();
      if (draw < limit) return draw % n;
    }
  }

  /** Shuffles `items` in place (Fisher–Yates) and returns them. */
  shuffle<Items extends { readonly length: number; [index: number]: unknown }>(items: Items): Items {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      const swapped = items[i];
      items[i] = items[j];
      items[j] = swapped;
    }
    return items;
  }

  /** The integers 0 … n − 1 in random order. */
  permutation(n: number): Uint32Array {
    return this.shuffle(Uint32Array.from({ length: n }, (_, i) => i));
  }
}
