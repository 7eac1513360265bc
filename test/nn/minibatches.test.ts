// Minibatches drawn on the device: every row once an epoch, the same on every device, in orders like random ones.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type MinibatchOptions, minibatches } from '../../src/nn/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import { compile, type Device, openDevice, type Program } from '../../src/program/index.ts';
import { gpu } from '../support/gpu.ts';

const wasm = await openDevice('wasm');

function drawing(options: MinibatchOptions, device: Device = wasm): Promise<Program> {
  const batches = minibatches(newGraph(), options);
  return compile({ outputs: { rows: batches.rows }, updates: [batches.advance()] }, device);
}

async function draw(program: Program, batches: number): Promise<number[][]> {
  const drawn: number[][] = [];
  for (let batch = 0; batch < batches; batch++) {
    program.run();
    drawn.push(Array.from(await program.read('rows')));
  }
  return drawn;
}

/** Row orders of so many epochs. */
async function orders(rows: number, seed: number, epochs: number): Promise<number[][]> {
  using program = await drawing({ rows, size: rows, seed });
  return await draw(program, epochs);
}

const options: fc.Arbitrary<MinibatchOptions> = fc
  .record({ rows: fc.integer({ min: 1, max: 300 }), part: fc.double({ min: 0, max: 1, noNaN: true }) })
  .chain(({ rows, part }) =>
    fc.record({
      rows: fc.constant(rows),
      size: fc.constant(1 + Math.floor(part * (rows - 1))),
      seed: fc.maxSafeNat(),
    }),
  );

describe('minibatches', () => {
  test('take every row exactly once an epoch, and fill the last batch from the order’s beginning', async () => {
    await fc.assert(
      fc.asyncProperty(options, async ({ rows, size, seed }) => {
        using program = await drawing({ rows, size, seed });
        const perEpoch = Math.ceil(rows / size);
        for (let epoch = 0; epoch < 3; epoch++) {
          const drawn = (await draw(program, perEpoch)).flat();
          const order = drawn.slice(0, rows);
          expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, row) => row));
          expect(drawn.slice(rows)).toEqual(order.slice(0, perEpoch * size - rows));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('come in another order each epoch and from each seed, and in the same from the same seed', async () => {
    const [first, again] = [await orders(50, 7, 20), await orders(50, 7, 20)];
    const others = [await orders(50, 8, 20), await orders(50, 7 + 2 ** 32, 20)];
    expect(again).toEqual(first);
    const distinct = new Set([first, ...others].flat().map((order) => order.join()));
    expect(distinct.size).toBe(60);
  });

  test.each(['cpu', ...(gpu ? (['webgpu'] as const) : [])] as const)(
    'are the same rows on %s, taken one by one or many steps at once',
    async (kind) => {
      const some = { rows: 1009, size: 64, seed: 2 ** 40 + 5 };
      using here = await drawing(some);
      using there = await drawing(some, await openDevice(kind, { gpu }));
      expect(await draw(there, 20)).toEqual(await draw(here, 20));
      for (const program of [here, there]) program.run(500);
      expect(await there.read('rows')).toEqual(await here.read('rows'));
    },
  );

  test('go on where a snapshot was taken', async () => {
    using program = await drawing({ rows: 40, size: 7, seed: 3 });
    await draw(program, 8);
    const saved = await program.save();
    const expected = await draw(program, 8);
    using other = await drawing({ rows: 40, size: 7, seed: 3 });
    other.restore(saved);
    expect(await draw(other, 8)).toEqual(expected);
  });

  test.each([3, 4, 5])('of %i rows come in all orders alike often', async (rows) => {
    const each = 200;
    const factorial = Array.from({ length: rows }, (_, i) => i + 1).reduce((product, i) => product * i);
    const counts = new Map<string, number>();
    for (const order of await orders(rows, 11, each * factorial)) {
      counts.set(order.join(), (counts.get(order.join()) ?? 0) + 1);
    }
    expect(counts.size).toBe(factorial);
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - each) ** 2 / each, 0);
    const freedom = factorial - 1;
    expect(chiSquare).toBeLessThan(freedom + 4 * Math.sqrt(2 * freedom));
  });

  test('of many rows leave neighbours, and the order before, behind as often as chance does', async () => {
    const [rows, epochs] = [500, 400];
    const all = await orders(rows, 12, epochs);
    const perOrder = (isSo: (order: readonly number[], at: number, epoch: number) => boolean): number =>
      all.reduce((sum, order, epoch) => sum + order.filter((_, at) => isSo(order, at, epoch)).length, 0) /
      epochs;
    // Poisson counts of mean 2, 1 and 1: four standard errors.
    const adjacent = perOrder((order, at) => Math.abs(order[at]! - (order[at - 1] ?? Infinity)) === 1);
    expect(Math.abs(adjacent - 2)).toBeLessThan(4 * Math.sqrt(2 / epochs));
    const unmoved = perOrder((order, at) => order[at] === at);
    expect(Math.abs(unmoved - 1)).toBeLessThan(4 / Math.sqrt(epochs));
    const repeated = perOrder((order, at, epoch) => order[at] === all[epoch - 1]?.[at]);
    expect(Math.abs(repeated - 1)).toBeLessThan(4 / Math.sqrt(epochs));
  });

  test.each([
    [{ rows: 0, size: 1 }, 'rows from 1 to 2147483647, got 0'],
    [{ rows: 10, size: 11 }, 'a size from 1 to 10, got 11'],
    [{ rows: 10, size: 2.5 }, 'a size from 1 to 10, got 2.5'],
  ])('out of range are an error: %o', (shape, message) => {
    expect(() => minibatches(newGraph(), { ...shape, seed: 1 })).toThrow(`minibatches: expected ${message}`);
  });
});
