// The utility budget in the units that people are shown (METHOD §3): a step's allowance of loss, steered by validation.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lossAllowance } from '../../src/train/allowance.ts';

const budget = 0.02;
const warmupEpochs = 3;
const rule = { budget, warmupEpochs };
const utility = fc.double({ min: -0.5, max: 1, noNaN: true });
const measured = fc.option(utility, { nil: undefined });
const histories = fc.array(measured, { maxLength: 40 });
const warm = [0.6, 0.7, 0.7];

describe('the allowance of loss', () => {
  test('is the budget through the warm-up, and where nothing was measured', () => {
    fc.assert(
      fc.property(fc.array(measured, { maxLength: warmupEpochs }), fc.nat(20), (history, more) => {
        const nothing = new Array<undefined>(more).fill(undefined);
        expect(lossAllowance([...history, ...nothing], rule)).toBe(budget);
      }),
    );
  });

  test('stays between an eighth and 32 times the budget, whatever is measured, and moves at most 1.5-fold an epoch', () => {
    fc.assert(
      fc.property(
        histories,
        measured,
        fc.double({ min: 1e-4, max: 0.5, noNaN: true }),
        (history, next, b) => {
          const [before, after] = [history, [...history, next]].map((h) =>
            lossAllowance(h, { budget: b, warmupEpochs }),
          ) as [number, number];
          expect(after).toBeGreaterThanOrEqual((b / 8) * (1 - 1e-12));
          expect(after).toBeLessThanOrEqual(32 * b * (1 + 1e-12));
          expect(after).toBeGreaterThanOrEqual((before / 1.5) * (1 - 1e-12));
          expect(after).toBeLessThanOrEqual(before * 1.5 * (1 + 1e-12));
        },
      ),
    );
  });

  test('rises while utility is kept, and falls while more than the budget is paid', () => {
    const scales = fc.double({ min: 0.1, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), scales, (epochs, scale) => {
        const at = (level: number, count: number): number =>
          lossAllowance(
            [...warm, ...new Array<number>(count).fill(level)].map((u) => scale * u),
            rule,
          );
        expect(at(0.7, epochs)).toBeGreaterThan(at(0.7, epochs - 1));
        expect(at(0.5, epochs)).toBeLessThan(Math.max(at(0.5, epochs - 1), budget / 8 + 1e-9));
      }),
    );
  });

  test('never gets larger by a lower utility in the last epoch', () => {
    fc.assert(
      fc.property(histories, utility, utility, (history, a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        expect(lossAllowance([...history, low], rule)).toBeLessThanOrEqual(
          lossAllowance([...history, high], rule) * (1 + 1e-12),
        );
      }),
    );
  });

  test('brings what is paid to the budget, however many points of loss a point of utility is (closed loop)', () => {
    for (const exchange of [0.3, 1, 3]) {
      const history: number[] = [...warm];
      for (let epoch = 0; epoch < 40; epoch++) {
        const paid = exchange * lossAllowance(history, rule);
        history.push(0.7 * (1 - paid));
      }
      expect(1 - history.at(-1)! / 0.65).toBeLessThan(2 * budget);
      const best = bestDecayed(history);
      expect(1 - history.at(-1)! / best).toBeCloseTo(budget, 3);
    }
  });
});

/** The best of the utilities, each epoch's of weight one half in a decayed mean. */
function bestDecayed(utilities: readonly number[]): number {
  let decayed = utilities[0]!;
  return Math.max(...utilities.map((utility) => (decayed = (decayed + utility) / 2)));
}
