// Partitions of the rows into groups, and their intersections.
import { misuse } from '../../tensor/errors.ts';
import type { Partition } from '../notions.ts';

/** Everyone is in one cell or, where the attribute is unknown, in none. */
export interface RowPartition extends Partition {
  /** [rows]: the cell of each row, −1 where it is unknown. */
  readonly index: Int32Array;
}

/** @throws RangeError for a partition of other rows, or with an index that is no cell */
export function checkPartition({ name, cells, index }: RowPartition, rows: number): void {
  const call = `partition '${name}'`;
  if (index.length !== rows) throw new RangeError(misuse(call, `${rows} rows`, `${index.length}`));
  const wrong = index.findIndex((cell) => cell < -1 || cell >= cells.length);
  if (wrong >= 0) {
    throw new RangeError(misuse(call, `cells −1 … ${cells.length - 1}`, `${index[wrong]} in row ${wrong}`));
  }
}

/**
 * The partition by several attributes at once, `sex × race` with cells `Female × Black`: every combination, the last
 * attribute's cells changing fastest. A row unknown in one of them is unknown.
 */
export function intersect(partitions: readonly RowPartition[]): RowPartition {
  const [first, ...others] = partitions;
  if (!first) throw new RangeError(misuse('intersect', 'at least one partition', 'none'));
  return others.reduce((left, right) => {
    checkPartition(right, left.index.length);
    return {
      name: `${left.name} × ${right.name}`,
      cells: left.cells.flatMap((a) => right.cells.map((b) => `${a} × ${b}`)),
      index: left.index.map((a, row) => {
        const b = right.index[row]!;
        return a < 0 || b < 0 ? -1 : a * right.cells.length + b;
      }),
    };
  }, first);
}

/** Several partitions of the same rows, by the combinations of cells that occur. */
export interface JoinedPartitions {
  readonly partitions: readonly RowPartition[];
  /** [rows]: the combination of each row. */
  readonly index: Int32Array;
  readonly combinations: number;
  /** For each partition, [combinations]: its cell, −1 where unknown. */
  readonly cells: readonly Int32Array[];
}

/** Sums over combinations give the sums over every partition's cells, so that rows need be passed only once. */
export function joinPartitions(partitions: readonly RowPartition[], rows: number): JoinedPartitions {
  const combinations = new Map<string, number>();
  const firstRows: number[] = [];
  const index = Int32Array.from({ length: rows }, (_, row) => {
    const key = partitions.map((partition) => partition.index[row]).join();
    const known = combinations.get(key);
    if (known !== undefined) return known;
    combinations.set(key, firstRows.length);
    return firstRows.push(row) - 1;
  });
  const cells = partitions.map((partition) => Int32Array.from(firstRows, (row) => partition.index[row]!));
  return { partitions, index, combinations: firstRows.length, cells };
}
