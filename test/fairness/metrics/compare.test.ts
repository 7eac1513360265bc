import { describe, expect, it } from 'vitest';
import {
  deltaM,
  type Evaluation,
  evaluateGroups,
  levellingDown,
  type TaskOutcome,
} from '../../../src/fairness/metrics/index.ts';

const settings = { minCount: 2, resamples: 0 };

/** Ten positives and ten negatives in each of two groups; how many of each are decided rightly. */
function hiring(found: readonly [number, number], spared: readonly [number, number]): Evaluation {
  const rows = [0, 1].flatMap((cell) =>
    [1, 0].flatMap((label) =>
      Array.from({ length: 10 }, (_, i) => {
        const isRight = i < (label === 1 ? found : spared)[cell]!;
        return { cell, label, probability: isRight === (label === 1) ? 0.9 : 0.1 };
      }),
    ),
  );
  const outcome: TaskOutcome = {
    kind: 'detection',
    name: 'hired',
    labels: rows.map(({ label }) => label),
    probabilities: rows.map(({ probability }) => probability),
    notion: 'equal-opportunity',
  };
  const index = Int32Array.from(rows, ({ cell }) => cell);
  return evaluateGroups([outcome], [{ name: 'sex', cells: ['f', 'm'], index }], settings);
}

function wages(error: number): Evaluation {
  const labels = [1, 2, 3, 4];
  const values = labels.map((label) => label + error);
  return evaluateGroups([{ kind: 'regression', name: 'wage', labels, values, deviation: 2 }], [], settings);
}

const join = (...evaluations: Evaluation[]): Evaluation => ({
  ...evaluations[0]!,
  tasks: evaluations.flatMap(({ tasks }) => tasks),
});

describe('levelling down', () => {
  it('is what the group lost that the unconstrained model serves best', () => {
    const { served, utility } = levellingDown(hiring([6, 6], [9, 9]), hiring([5, 8], [9, 9]));
    expect(served).toMatchObject({ task: 'hired', partition: 'sex', cell: 'm', condition: 'y=1' });
    expect(served).toHaveProperty('loss', expect.closeTo(0.2, 12));
    expect(utility).toHaveProperty('loss', expect.closeTo(0.1, 12));
  });

  it('is below zero where every best-served group gained', () => {
    const { served } = levellingDown(hiring([9, 9], [9, 9]), hiring([5, 8], [9, 9]));
    expect(served).toHaveProperty('loss', expect.closeTo(-0.1, 12));
  });

  it('sees served-ness bought with utility: everyone is hired, and the negatives pay', () => {
    const { served, utility } = levellingDown(hiring([10, 10], [0, 0]), hiring([5, 8], [9, 9]));
    expect(served).toHaveProperty('loss', expect.closeTo(-0.2, 12));
    expect(utility).toHaveProperty('loss', expect.closeTo(0.35, 12));
  });

  it('is insufficient where nothing can be compared', () => {
    expect(levellingDown(wages(1), wages(1))).toEqual({ served: 'insufficient', utility: 'insufficient' });
  });
});

describe('Δm', () => {
  it('is the mean relative change, signed so that higher is better', () => {
    // Balanced accuracy 0.8 against 0.75, MAE 0.9 against 1.
    const now = join(hiring([8, 8], [8, 8]), wages(0.9));
    const before = join(hiring([7, 7], [8, 8]), wages(1));
    expect(deltaM(now, before)).toBeCloseTo((100 * (0.05 / 0.75) + 10) / 2, 9);
    expect(deltaM(before, now)).toBeLessThan(0);
    expect(deltaM(now, now)).toBe(0);
  });

  it('leaves out what cannot be judged', () => {
    expect(deltaM(join(wages(1)), join(hiring([7, 7], [8, 8])))).toBe('insufficient');
    expect(deltaM(wages(1), wages(0))).toBe('insufficient'); // a baseline of 0 has no relative change
  });
});
