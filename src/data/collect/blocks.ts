/// <reference lib="es2024.arraybuffer" />
// A matrix that grows row by row without ever being copied: its rows lie in blocks, and `drain` hands the blocks on one
// after the other, giving back the memory of each at once. So a table and what is made of it never lie in memory
// twice, which a growing array (copied when it is full) or the garbage collector (which frees late) cannot promise.

const FIRST_BYTES = 64 << 10;
const LARGEST_BYTES = 8 << 20;

interface Elements {
  readonly f32: Float32Array;
  readonly u32: Uint32Array;
}
const arrays = { f32: Float32Array, u32: Uint32Array } as const;

export interface Block<A> {
  readonly first: number;
  readonly rows: number;
  /** [rows, width], row-major. */
  readonly data: A;
}

/** Rows of `width` numbers. Write the cells of the next row at `stage[offset + i]`, then call `next`. */
export class RowBlocks<K extends keyof Elements> {
  readonly width: number;
  /** Where the next rows are written; read it anew for each row. */
  stage: Elements[K];
  offset = 0;
  readonly #kind: K;
  readonly #full: ArrayBuffer[] = [];

  constructor(kind: K, width: number) {
    this.width = width;
    this.#kind = kind;
    this.stage = this.#stageOf(FIRST_BYTES);
  }

  next(): void {
    this.offset += this.width;
    if (this.offset < this.stage.length || this.width === 0) return;
    // A resizable buffer is the only one whose memory can be given back at will.
    const { byteLength } = this.stage;
    const buffer = new ArrayBuffer(byteLength, { maxByteLength: byteLength });
    this.#view(buffer).set(this.stage);
    this.#full.push(buffer);
    if (byteLength < LARGEST_BYTES) this.stage = this.#stageOf(2 * byteLength);
    this.offset = 0;
  }

  /** The rows as blocks, in order. */
  *blocks(): Generator<Block<Elements[K]>> {
    if (this.width === 0) return;
    let first = 0;
    for (const buffer of this.#full) {
      const data = this.#view(buffer);
      const rows = data.length / this.width;
      yield { first, rows, data };
      first += rows;
    }
    if (this.offset > 0) {
      const data = this.stage.subarray(0, this.offset) as Elements[K];
      yield { first, rows: this.offset / this.width, data };
    }
  }

  /** The same, each block gone as soon as the next is asked for. Can be done once. */
  *drain(): Generator<Block<Elements[K]>> {
    for (const block of this.blocks()) {
      yield block;
      const { buffer } = block.data;
      if (buffer instanceof ArrayBuffer && buffer.resizable) buffer.resize(0);
    }
    this.#full.length = 0;
    this.offset = 0;
  }

  /** All rows as one array of `rows · width` numbers, which leaves this matrix empty. */
  flat(rows: number): Elements[K] {
    const all = new arrays[this.#kind](rows * this.width) as Elements[K];
    for (const { first, data } of this.drain()) all.set(data, first * this.width);
    return all;
  }

  /** An array of whole rows, at least one, that takes about so many bytes. */
  #stageOf(bytes: number): Elements[K] {
    const rows = Math.max(1, Math.floor(bytes / 4 / Math.max(1, this.width)));
    return new arrays[this.#kind](rows * this.width) as Elements[K];
  }

  #view(buffer: ArrayBuffer): Elements[K] {
    return new arrays[this.#kind](buffer) as Elements[K];
  }
}
