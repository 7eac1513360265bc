// Four elements at a time. A bool is 0 or 1 (u32) in memory and a mask of zeros or ones in a register. At the end of
// a row there may be fewer than four lanes; no byte beyond the row is read or written then.
import type { DType } from '../../tensor/types.ts';
import { type FunctionBuilder, type I32, i32, i32x4, type V128, v128 } from './assembler/index.ts';
import { floats, integers } from './math/index.ts';

/** The first `lanes` elements at an address; zeros in the lanes after them. */
export function loadLanes(address: I32, lanes: number, offset = 0): V128 {
  switch (lanes) {
    case 1:
      return v128.load32Zero(address, offset);
    case 2:
      return v128.load64Zero(address, offset);
    case 3:
      return v128.load32Lane(address, v128.load64Zero(address, offset), 2, offset + 8);
    default:
      return v128.load(address, offset);
  }
}

/** As `loadLanes`, with the lanes of `fill` after the elements. */
export function loadFilled(address: I32, lanes: number, fill: V128, offset = 0): V128 {
  if (lanes === 4) return v128.load(address, offset);
  const mask = v128.const(Int32Array.from([0, 1, 2, 3], (lane) => (lane < lanes ? -1 : 0)));
  return v128.bitselect(loadLanes(address, lanes, offset), fill, mask);
}

/** `lanes` elements, `stride` bytes apart. */
export function loadStrided(address: I32, lanes: number, stride: number, offset = 0): V128 {
  let loaded = v128.load32Zero(address, offset);
  for (let lane = 1; lane < lanes; lane++) {
    loaded = v128.load32Lane(address, loaded, lane, offset + lane * stride);
  }
  return loaded;
}

/** Stores the first `lanes` lanes. */
export function storeLanes(f: FunctionBuilder, address: I32, value: V128, lanes: number, offset = 0): void {
  switch (lanes) {
    case 1:
      f.emit(v128.store32Lane(address, value, 0, offset));
      break;
    case 2:
      f.emit(v128.store64Lane(address, value, 0, offset));
      break;
    case 3: {
      const twice = f.let(value);
      f.emit(v128.store64Lane(address, twice, 0, offset));
      f.emit(v128.store32Lane(address, twice, 2, offset + 8));
      break;
    }
    default:
      f.emit(v128.store(address, value, offset));
  }
}

export function fromMemory(loaded: V128, dtype: DType): V128 {
  return dtype === 'bool' ? i32x4.ne(loaded, integers(0)) : loaded;
}

export function toMemory(value: V128, dtype: DType): V128 {
  return dtype === 'bool' ? v128.and(value, integers(1)) : value;
}

/** A number as the lanes of a register. */
export function literalLanes(value: number, dtype: DType): V128 {
  switch (dtype) {
    case 'f32':
      return floats(value);
    case 'bool':
      return integers(value === 0 ? 0 : -1);
    case 'i32':
    case 'u32':
      return integers(value);
  }
}

/**
 * Visits `length` contiguous elements in vectors, `unroll` of them a turn. A visit gets the byte offset of its vector
 * (`offset` + `extra`, the latter fit for a load's own offset), its number of lanes and its place in the turn.
 */
export function scan(
  f: FunctionBuilder,
  length: number,
  unroll: number,
  visit: (offset: I32, extra: number, lanes: number, slot: number) => void,
): void {
  const perTurn = 4 * unroll;
  const rest = length % perTurn;
  if (length >= perTurn) {
    f.loop(4 * (length - rest), 4 * perTurn, (offset) => {
      for (let slot = 0; slot < unroll; slot++) visit(offset, 16 * slot, 4, slot);
    });
  }
  for (let slot = 0; 4 * slot < rest; slot++) {
    visit(i32.const(4 * (length - rest)), 16 * slot, Math.min(4, rest - 4 * slot), slot);
  }
}
