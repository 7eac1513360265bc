/// <reference lib="es2024.arraybuffer" />
// A matrix that grows row by row without ever being copied: its rows lie in blocks, and `drain` hands the blocks on one
// after the other, giving back the memory of each at once. So a table and what is made of it never lie in memory
// twice, which a growing array (copied when it is full) or the garbage collector (which frees late) cannot promise.
// A block of indices takes as few bytes as its largest one needs.
import type { Indices } from '../../tensor/types.ts';
import { indexType, largestOf } from '../indices.ts';

const FIRST_BYTES = 64 << 10;
const LARGEST_BYTES = 2 << 20;

interface Stages {
  readonly f32: Float32Array;
  readonly u32: Uint32Array;
}
const stages = { f32: Float32Array, u32: Uint32Array } as const;

/** What is kept of each kind. */
interface Cells {
  readonly f32: Float32Array;
  readonly u32: Indices;
}

export interface Block<A> {
  readonly first: number;
  readonly rows: number;
  /** [rows, width], row-major. */
  readonly data: A;
}

/** Rows of `width` numbers. Write the cells of the next row at `stage[offset + i]`, then call `next`. */
export class RowBlocks<K extends keyof Cells> {
  readonly width: number;
  /** Where the next rows are written; read it anew for each row. */
  stage: Stages[K];
  offset = 0;
  readonly #kind: K;
  readonly #full: Cells[K][] = [];

  constructor(kind: K, width: number) {
    this.width = width;
    this.#kind = kind;
    this.stage = this.#stageOf(FIRST_BYTES);
  }

  next(): void {
    this.offset += this.width;
    if (this.offset < this.stage.length || this.width === 0) return;
    const { byteLength } = this.stage;
    this.#full.push(this.#kept(this.stage));
    if (byteLength < LARGEST_BYTES) this.stage = this.#stageOf(2 * byteLength);
    this.offset = 0;
  }

  /** The rows as blocks, in order. */
  *blocks(): Generator<Block<Cells[K]>> {
    if (this.width === 0) return;
    let first = 0;
    for (const data of this.#full) {
      const rows = data.length / this.width;
      yield { first, rows, data };
      first += rows;
    }
    if (this.offset > 0) {
      const data = this.stage.subarray(0, this.offset) as Cells[K];
      yield { first, rows: this.offset / this.width, data };
    }
  }

  /** The same, each block gone as soon as the next is asked for. Can be done once. */
  *drain(): Generator<Block<Cells[K]>> {
    for (const block of this.blocks()) {
      yield block;
      const { buffer } = block.data;
      if (buffer instanceof ArrayBuffer && buffer.resizable) buffer.resize(0);
    }
    this.#full.length = 0;
    this.offset = 0;
  }

  /** All rows as one array of `rows · width` numbers, which leaves this matrix empty. */
  flat(rows: number): Cells[K] {
    let largest = 0;
    for (const { data } of this.blocks()) largest = Math.max(largest, this.#largest(data));
    const all = new (this.#typeOf(largest))(rows * this.width) as Cells[K];
    for (const { first, data } of this.drain()) all.set(data, first * this.width);
    return all;
  }

  /** A copy whose memory can be given back at will, as only that of a resizable buffer can. */
  #kept(stage: Stages[K]): Cells[K] {
    const Type = this.#typeOf(this.#largest(stage as Cells[K]));
    const bytes = stage.length * Type.BYTES_PER_ELEMENT;
    const kept = new Type(new ArrayBuffer(bytes, { maxByteLength: bytes }));
    kept.set(stage);
    return kept as Cells[K];
  }

  #typeOf(largest: number) {
    return this.#kind === 'f32' ? Float32Array : indexType(largest);
  }

  #largest(data: Cells[K]): number {
    return data instanceof Float32Array ? 0 : largestOf(data);
  }

  /** An array of whole rows, at least one, that takes about so many bytes. */
  #stageOf(bytes: number): Stages[K] {
    const rows = Math.max(1, Math.floor(bytes / 4 / Math.max(1, this.width)));
    return new stages[this.#kind](rows * this.width) as Stages[K];
  }
}
