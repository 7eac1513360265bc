// Indices out of range: WebAssembly goes on with the last row (as a GPU does) and leaves a note, which becomes the
// error that the op's definition throws.
import type { Node } from '../../graph/node.ts';
import { misuse, ProgramError } from '../../tensor/errors.ts';
import { type FunctionBuilder, type I32, i32 } from './assembler/index.ts';

/** Byte addresses of the note: which node (counted from 1; 0 for none), where among its indices, and which index. */
const note = { node: 0, position: 4, index: 8 } as const;
export const noteWords = 3;

/** The nodes of a program that may leave a note. */
export class Faults {
  readonly #nodes: Node[] = [];

  /** Code that leaves a note for `node`, unless there is one already. */
  emit(f: FunctionBuilder, node: Node, position: I32, index: I32): void {
    const known = this.#nodes.indexOf(node) + 1;
    const number = known > 0 ? known : this.#nodes.push(node);
    const zero = i32.const(0);
    f.when(i32.eq(i32.load(zero, note.node), zero), () => {
      f.emit(i32.store(zero, i32.const(number), note.node));
      f.emit(i32.store(zero, position, note.position));
      f.emit(i32.store(zero, index, note.index));
    });
  }

  /** The error that the last step left in `note` (the first words of the memory), which is cleared. */
  take(note: Uint32Array): ProgramError | null {
    const [number = 0, position = 0, index = 0] = note;
    if (number === 0) return null;
    note.fill(0);
    return errorOf(this.#nodes[number - 1]!, position, index);
  }
}

function errorOf(node: Node, position: number, index: number): ProgramError {
  const call = `${node.op} '${node.name}'`;
  if (node.op === 'softmaxCrossEntropy') {
    const classes = node.inputs[0]!.shape[1]!;
    return new ProgramError(
      misuse(call, `labels below ${classes}`, `${index} in row ${position}`, node.site),
    );
  }
  const rows = node.op === 'scatterAdd' ? node.attrs.rows : node.inputs[0]!.shape[0]!;
  return new ProgramError(
    misuse(call, `row indices below ${rows}`, `${index} at position ${position}`, node.site),
  );
}
