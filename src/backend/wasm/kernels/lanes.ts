// Vectors of fewer than four elements, at the end of a row: no byte beyond the row is read or written.
import { type FunctionBuilder, type I32, type V128, v128 } from '../assembler/index.ts';

/** The first `lanes` elements; zeros in the lanes after them. */
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

/** Stores the first `lanes` lanes. `value` must be a local: it may be used twice. */
export function storeLanes(f: FunctionBuilder, address: I32, value: V128, lanes: number, offset = 0): void {
  switch (lanes) {
    case 1:
      f.emit(v128.store32Lane(address, value, 0, offset));
      break;
    case 2:
      f.emit(v128.store64Lane(address, value, 0, offset));
      break;
    case 3:
      f.emit(v128.store64Lane(address, value, 0, offset));
      f.emit(v128.store32Lane(address, value, 2, offset + 8));
      break;
    default:
      f.emit(v128.store(address, value, offset));
  }
}
