// Where a kernel's code goes, and where its operands lie.
import { type FunctionBuilder, type I32, i32, type ModuleBuilder, memory, v128 } from '../assembler/index.ts';
import { loadLanes, scan, storeLanes } from '../lanes.ts';

export interface Site {
  readonly module: ModuleBuilder;
  readonly f: FunctionBuilder;
  /** Byte addresses of the operands, all contiguous. */
  readonly inputs: readonly number[];
  readonly output: number;
  /** The byte address of that many elements of scratch memory, for this node only. */
  readonly scratch: (elements: number) => number;
  /** Notes that the index `index` at `position` is out of range; the first such note of a step is reported. */
  readonly fault: (position: I32, index: I32) => void;
}

/** Longer copies leave it to the engine's own. */
const longestCopyLoop = 256;

/** Copies `length` contiguous elements. */
export function emitCopy(f: FunctionBuilder, to: I32, from: I32, length: number): void {
  if (length > longestCopyLoop) {
    f.emit(memory.copy(to, from, i32.const(4 * length)));
    return;
  }
  scan(f, length, 1, (offset, extra, lanes) => {
    const value = loadLanes(i32.add(from, offset), lanes, extra);
    storeLanes(f, i32.add(to, offset), f.let(value), lanes, extra);
  });
}

/** Sets `length` elements to the 32 bits of `bits`. */
export function emitFill(f: FunctionBuilder, to: number, length: number, bits: number): void {
  if (bits === 0) {
    f.emit(memory.fill(i32.const(to), i32.const(0), i32.const(4 * length)));
    return;
  }
  const vector = v128.const(new Int32Array(4).fill(bits));
  scan(f, length, 1, (offset, extra, lanes) => storeLanes(f, offset, vector, lanes, to + extra));
}

/** A loop of `count` turns that moves each cursor on by its own number of bytes a turn. */
export function sweep(
  f: FunctionBuilder,
  count: number,
  starts: readonly number[],
  steps: readonly number[],
  body: (...at: I32[]) => void,
): void {
  const cursors = starts.map((start) => f.variable(i32.const(start)));
  f.loop(count, 1, () => {
    body(...cursors);
    cursors.forEach((cursor, which) => {
      f.advance(cursor, steps[which]!);
    });
  });
}
