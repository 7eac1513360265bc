// Panels: a strip of A or B copied so that the microkernel reads it straight on, `[k][width]`.
import { type FunctionBuilder, i32, i32x4, type ModuleBuilder, type V128, v128 } from '../assembler/index.ts';

/** A strip of `lanes` rows of A (or columns of B). Strides in bytes; one of them is that of neighbours, 4. */
export interface Strip {
  readonly lanes: number;
  readonly laneStride: number;
  readonly innerStride: number;
}

export function panelWidth(lanes: number): number {
  return 4 * Math.ceil(lanes / 4);
}

/**
 * A function of the source's and the panel's address and k. It may read up to 12 bytes behind a row, and fills the
 * panel up to the next multiple of four steps.
 */
export function packer(module: ModuleBuilder, { lanes, laneStride, innerStride }: Strip): number {
  const width = panelWidth(lanes);
  const name = `pack.${lanes}(${laneStride},${innerStride})`;
  return module.share(name, ['i32', 'i32', 'i32'], (f) => {
    const from = f.parameter(0, 'i32');
    const to = f.parameter(1, 'i32');
    const end = f.let(i32.add(to, i32.mul(f.parameter(2, 'i32'), i32.const(4 * width))));
    const steps = laneStride === 4 ? 1 : 4;
    f.repeat(() => {
      for (let lane = 0; lane < lanes; lane += 4) {
        const load = (at: number): V128 => f.let(v128.load(from, at));
        if (steps === 1) f.emit(v128.store(to, load(4 * lane), 4 * lane));
        else {
          const rows = Array.from({ length: Math.min(4, lanes - lane) }, (_, r) =>
            load((lane + r) * laneStride),
          );
          transpose4x4(f, rows).forEach((row, step) => {
            f.emit(v128.store(to, row, 4 * (step * width + lane)));
          });
        }
      }
      f.advance(from, steps * innerStride);
      f.advance(to, steps * 4 * width);
      return i32.ltU(to, end);
    });
  });
}

/** Columns of up to four rows; missing rows count as copies of the first. */
function transpose4x4(f: FunctionBuilder, rows: readonly V128[]): V128[] {
  const [a, b = a, c = a, d = a] = rows as [V128, V128?, V128?, V128?];
  const lowAB = f.let(i32x4.shuffle(a, b!, [0, 4, 1, 5]));
  const lowCD = f.let(i32x4.shuffle(c!, d!, [0, 4, 1, 5]));
  const highAB = f.let(i32x4.shuffle(a, b!, [2, 6, 3, 7]));
  const highCD = f.let(i32x4.shuffle(c!, d!, [2, 6, 3, 7]));
  return [
    f.let(i32x4.shuffle(lowAB, lowCD, [0, 1, 4, 5])),
    f.let(i32x4.shuffle(lowAB, lowCD, [2, 3, 6, 7])),
    f.let(i32x4.shuffle(highAB, highCD, [0, 1, 4, 5])),
    f.let(i32x4.shuffle(highAB, highCD, [2, 3, 6, 7])),
  ];
}
