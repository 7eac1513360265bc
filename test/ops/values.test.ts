// Values of the CPU definitions against plain formulas over coordinates, which share no code with them.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../src/backend/cpu/interpreter.ts';
import type { Value } from '../../src/graph/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import type { Shape } from '../../src/tensor/types.ts';
import {
  anyShape,
  broadcastable,
  distinct,
  extent,
  indices,
  shapeOfRank,
  someAxes,
  tensor,
} from '../support/tensors.ts';

type Coordinates = readonly number[];
type Data = { readonly shape: Shape; readonly data: readonly number[] };

/** All coordinates of `shape`, row-major. */
function coordinates(shape: Shape): number[][] {
  return shape.reduce<number[][]>(
    (all, size) => all.flatMap((head) => Array.from({ length: size }, (_, i) => [...head, i])),
    [[]],
  );
}

/** The element at coordinates `at`; where the tensor is stretched (or has fewer axes), its only one. */
function element({ shape, data }: Data, at: Coordinates): number {
  const own = at.slice(at.length - shape.length);
  return data[shape.reduce((index, size, axis) => index * size + (size === 1 ? 0 : own[axis]!), 0)]!;
}

function run(inputs: readonly Data[], build: (values: Value[]) => Value): { shape: Shape; data: number[] } {
  const graph = newGraph();
  const output = build(inputs.map(({ shape, data }) => graph.constant(Float64Array.from(data), shape)));
  return { shape: output.shape, data: [...evaluate([output])[0]!] };
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((x, i) => {
    expect(Math.abs(x - expected[i]!)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(expected[i]!)));
  });
}

const property = <T>(arbitrary: fc.Arbitrary<T>, check: (drawn: T) => void): void =>
  fc.assert(fc.property(arbitrary, check), { numRuns: 40, seed: 6 });

describe('broadcasting', () => {
  test('binary ops pair elements by their trailing coordinates', () => {
    const pair = broadcastable(2).chain(([a, b]) => fc.tuple(tensor(a!), tensor(b!)));
    property(pair, ([a, b]) => {
      const { shape, data } = run([a, b], ([x, y]) => x!.sub(y!));
      expect(data).toEqual(coordinates(shape).map((at) => element(a, at) - element(b, at)));
    });
  });

  test('select pairs all three operands so', () => {
    const triple = broadcastable(3).chain(([a, b, c]) => fc.tuple(tensor(a!), tensor(b!), tensor(c!)));
    property(triple, ([a, b, c]) => {
      const { shape, data } = run([a, b, c], ([x, y, z]) => x!.gt(0).select(y!, z!));
      expect(data).toEqual(coordinates(shape).map((at) => element(element(a, at) > 0 ? b : c, at)));
    });
  });
});

describe('moving elements', () => {
  test('permute, slice, pad and expand put each element where its coordinates say', () => {
    const drawn = anyShape.chain((shape) =>
      fc.tuple(tensor(shape), fc.shuffledSubarray([...shape.keys()], { minLength: shape.length })),
    );
    property(drawn, ([x, axes]) => {
      const permuted = run([x], ([v]) => v!.permute(axes));
      expect(permuted.data).toEqual(
        coordinates(permuted.shape).map((at) =>
          element(
            x,
            x.shape.map((_, axis) => at[axes.indexOf(axis)]!),
          ),
        ),
      );
      const starts = x.shape.map((size) => Math.floor(size / 2));
      const sliced = run([x], ([v]) => v!.slice(starts, x.shape));
      expect(sliced.data).toEqual(
        coordinates(sliced.shape).map((at) =>
          element(
            x,
            at.map((i, axis) => i + starts[axis]!),
          ),
        ),
      );
      const padded = run([x], ([v]) =>
        v!.pad(
          starts,
          x.shape.map(() => 1),
          -7,
        ),
      );
      expect(padded.data).toEqual(
        coordinates(padded.shape).map((at) => {
          const from = at.map((i, axis) => i - starts[axis]!);
          return from.every((i, axis) => i >= 0 && i < x.shape[axis]!) ? element(x, from) : -7;
        }),
      );
      const expanded = run([x], ([v]) => v!.expand([2, ...x.shape.map((size) => (size === 1 ? 3 : size))]));
      expect(expanded.data).toEqual(coordinates(expanded.shape).map((at) => element(x, at)));
    });
  });

  test('concat lays operands one after another along its axis', () => {
    const drawn = shapeOfRank(1, 3).chain((shape) =>
      fc.tuple(tensor(shape), tensor(shape), fc.nat(shape.length - 1)),
    );
    property(drawn, ([a, b, axis]) => {
      const { shape, data } = run([a, b], ([x, y]) => x!.concat([y!], axis));
      const size = a.shape[axis]!;
      expect(data).toEqual(
        coordinates(shape).map((at) =>
          at[axis]! < size
            ? element(a, at)
            : element(
                b,
                at.map((i, other) => (other === axis ? i - size : i)),
              ),
        ),
      );
    });
  });

  test('gather takes rows, scatterAdd sums them back', () => {
    const drawn = shapeOfRank(1, 3).chain((shape) => fc.tuple(tensor(shape), indices(6, shape[0]!)));
    property(drawn, ([table, rows]) => {
      const gathered = run([table], ([x]) => x!.gather(x!.graph.constant(rows, [2, 3], 'u32')));
      expect(gathered.data).toEqual(
        coordinates(gathered.shape).map(([i, j, ...rest]) => element(table, [rows[i! * 3 + j!]!, ...rest])),
      );
      const back = run([gathered], ([x]) =>
        x!.graph.apply('scatterAdd', [x!.graph.constant(rows, [2, 3], 'u32'), x!], { rows: table.shape[0]! }),
      );
      const count = (row: number): number => rows.filter((r) => r === row).length;
      expectClose(
        back.data,
        coordinates(table.shape).map((at) => count(at[0]!) * element(table, at)),
      );
    });
  });
});

describe('reductions', () => {
  const drawn = anyShape.chain((shape) => fc.tuple(distinct(shape), someAxes(shape), fc.boolean()));

  /** The groups of elements that are reduced to each output element, in order. */
  function groups(x: Data, axes: readonly number[]): number[][] {
    const found = new Map<string, number[]>();
    for (const at of coordinates(x.shape)) {
      const key = at.filter((_, axis) => !axes.includes(axis)).join();
      found.set(key, [...(found.get(key) ?? []), element(x, at)]);
    }
    return [...found.values()];
  }

  test.each([
    ['sum', (xs: number[]) => xs.reduce((a, b) => a + b, 0)],
    ['mean', (xs: number[]) => xs.reduce((a, b) => a + b, 0) / xs.length],
    ['max', (xs: number[]) => Math.max(...xs)],
    ['min', (xs: number[]) => Math.min(...xs)],
    ['logSumExp', (xs: number[]) => Math.log(xs.reduce((a, b) => a + Math.exp(b), 0))],
  ] as const)('%s reduces exactly the elements that differ along its axes', (op, formula) => {
    property(drawn, ([x, axes, keepDims]) => {
      const { shape, data } = run([x], ([v]) => v![op](axes, keepDims));
      expectClose(data, groups(x, axes).map(formula));
      const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
      expect(shape).toEqual(keepDims ? kept : x.shape.filter((_, axis) => !axes.includes(axis)));
    });
  });

  test('argMax is the position of the maximum, the first where there are several', () => {
    property(
      shapeOfRank(1, 3).chain((shape) => fc.tuple(distinct(shape), fc.nat(shape.length - 1))),
      ([x, axis]) => {
        const { data } = run([x], ([v]) => v!.argMax(axis));
        expect(data).toEqual(groups(x, [axis]).map((xs) => xs.indexOf(Math.max(...xs))));
      },
    );
    expect(run([{ shape: [4], data: [1, 5, 5, 2] }], ([v]) => v!.argMax()).data).toEqual([1]);
  });

  test('a sum of integers wraps modulo 2^32', () => {
    const graph = newGraph();
    const words = graph.constant([0xffffffff, 0xffffffff, 5], [3], 'u32');
    expect([...evaluate([words.sum()])[0]!]).toEqual([3]);
  });

  test('a float32 sum of many small numbers does not lose them', () => {
    const graph = newGraph();
    const ones = graph.constant([2 ** 24, ...Array.from({ length: 1000 }, () => 1)], [1001]);
    expect(evaluate([ones.sum()], new Map(), 'f32')[0]![0]).toBe(2 ** 24 + 1000);
  });
});

describe('products', () => {
  test('matmul in all transpositions, batches broadcast', () => {
    const drawn = fc
      .tuple(broadcastable(2), extent, extent, extent, fc.boolean(), fc.boolean())
      .chain(([[batchA, batchB], m, k, n, transA, transB]) =>
        fc.record({
          a: tensor([...batchA!, ...(transA ? [k, m] : [m, k])]),
          b: tensor([...batchB!, ...(transB ? [n, k] : [k, n])]),
          k: fc.constant(k),
          flags: fc.constant({ transA, transB }),
        }),
      );
    property(drawn, ({ a, b, k, flags }) => {
      const { shape, data } = run([a, b], ([x, y]) => x!.matmul(y!, flags));
      const expected = coordinates(shape).map((at) => {
        const [batch, i, j] = [at.slice(0, -2), at.at(-2)!, at.at(-1)!];
        const of = (x: Data, row: number, column: number, transposed: boolean): number =>
          element(x, [...batch, ...(transposed ? [column, row] : [row, column])]);
        let total = 0;
        for (let l = 0; l < k; l++) total += of(a, i, l, flags.transA) * of(b, l, j, flags.transB);
        return total;
      });
      expectClose(data, expected);
    });
  });
});

describe('rows', () => {
  const matrix = fc.tuple(extent, extent).chain((shape) => tensor(shape));
  const perRow = (x: Data, formula: (row: number[]) => number[]): number[] => {
    const width = x.shape[1]!;
    return coordinates([x.shape[0]!]).flatMap(([i]) => formula(x.data.slice(i! * width, (i! + 1) * width)));
  };
  const softmax = (row: number[]): number[] => {
    const total = row.reduce((sum, x) => sum + Math.exp(x), 0);
    return row.map((x) => Math.exp(x) / total);
  };

  test('softmax, logSoftmax and softmaxCrossEntropy', () => {
    property(matrix, (x) => {
      expectClose(run([x], ([v]) => v!.softmax()).data, perRow(x, softmax));
      const logs = perRow(x, (row) => softmax(row).map(Math.log));
      expectClose(run([x], ([v]) => v!.logSoftmax()).data, logs);
      const [n, classes] = x.shape as [number, number];
      const labels = Array.from({ length: n }, (_, i) => (i * 7) % classes);
      expectClose(
        run([x], ([v]) => v!.softmaxCrossEntropy(v!.graph.constant(labels, [n], 'u32'))).data,
        labels.map((label, i) => -logs[i * classes + label]!),
      );
    });
  });

  test('layerNorm centres and scales by the biased variance', () => {
    property(matrix, (x) => {
      const expected = perRow(x, (row) => {
        const mean = row.reduce((a, b) => a + b, 0) / row.length;
        const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
        return row.map((value) => (value - mean) / Math.sqrt(variance + 0.01));
      });
      expectClose(run([x], ([v]) => v!.layerNorm(0.01)).data, expected);
    });
  });

  test('sigmoidCrossEntropy is −t log σ(z) − (1 − t) log(1 − σ(z))', () => {
    property(
      shapeOfRank(1, 1).chain((shape) => fc.tuple(tensor(shape, -5, 5), tensor(shape, 0, 1))),
      ([z, t]) => {
        const expected = z.data.map((logit, i) => {
          const p = 1 / (1 + Math.exp(-logit));
          return -t.data[i]! * Math.log(p) - (1 - t.data[i]!) * Math.log(1 - p);
        });
        expectClose(run([z, t], ([a, b]) => a!.sigmoidCrossEntropy(b!)).data, expected);
      },
    );
  });
});
