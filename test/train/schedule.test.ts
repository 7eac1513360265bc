// The learning rate's factor at every step of a run, against the curve that it is said to be.
import { describe, expect, test } from 'vitest';
import { newGraph } from '../../src/ops/index.ts';
import { compile, openDevice } from '../../src/program/index.ts';
import { rateFactor } from '../../src/train/schedule.ts';

async function factors(steps: number, warmup: number, count = steps): Promise<number[]> {
  const graph = newGraph();
  const all = rateFactor(graph.iota([count]).cast('f32'), steps, warmup);
  using program = await compile({ outputs: { all } }, await openDevice('cpu', { precision: 'f64' }));
  program.run();
  return Array.from(await program.read('all'));
}

const isFalling = (values: readonly number[]): boolean =>
  values.every((value, at) => at === 0 || value < values[at - 1]!);

describe('the factor of the learning rate', () => {
  test.each([
    [200, 0],
    [200, 200],
  ])('of %i steps, %i of them warm-up, is one rise and one fall', async (steps, warmup) => {
    const all = await factors(steps, warmup);
    expect(all.slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, step) => (step + 1) / 10));
    expect(all[10]).toBe(1);
    expect(all[105]).toBeCloseTo(0.505, 12); // half-way between 1 and 0.01
    expect(isFalling(all.slice(10))).toBe(true);
    expect(all.at(-1)).toBeCloseTo(0.01, 3);
  });

  test('falls to a tenth by the end of the warm-up, and again from a half', async () => {
    const all = await factors(300, 100);
    expect(all.slice(0, 6)).toEqual([0.2, 0.4, 0.6, 0.8, 1, 1]);
    expect(isFalling(all.slice(5, 100))).toBe(true);
    expect(all[99]).toBeCloseTo(0.1, 3);
    expect(all[100]).toBe(0.5);
    expect(all[200]).toBeCloseTo(0.255, 12);
    expect(isFalling(all.slice(100))).toBe(true);
    expect(all.at(-1)).toBeCloseTo(0.01, 3);
  });

  test('stays at its end for those who run on', async () => {
    const all = await factors(20, 5, 60);
    for (const factor of all.slice(20)) expect(factor).toBeCloseTo(0.01, 12);
  });

  test('of a single step is the full rate', async () => {
    expect(await factors(1, 0)).toEqual([1]);
  });
});
