import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { certificate, minNormPoint } from '../../src/mtl/minnorm/min-norm-point.ts';
import { paretoGuidedCertificate, paretoGuidedWeights } from '../../src/mtl/minnorm/pareto-guided.ts';
import { Random } from '../../src/tensor/random.ts';
import {
  combine,
  dot,
  gramOf,
  independentRows,
  type Rows,
  randomConstraint,
  randomRows,
  roundingOf,
} from './random-gram.ts';

const seed = fc.nat(2 ** 31);
const tasksUpTo = (max: number) => fc.integer({ min: 1, max });
const scaled = (row: Float64Array, factor: number) => row.map((part) => part * factor);

function randomProblem(random: Random, tasks: number) {
  const utilities = randomRows(random, tasks);
  const constraint = randomConstraint(random, utilities);
  const ridge = random.uniform() < 0.5 ? 0 : random.uniform();
  return { utilities, constraint, problem: { gram: gramOf([...utilities, constraint]), ridge } };
}

/** ‖Σ α g + β a‖² + ρ‖α‖², from the rows. */
function objective(rows: Rows, ridge: number, alpha: readonly number[], beta: number): number {
  const direction = combine(rows, [...alpha, beta]);
  const utilities = rows.slice(0, -1);
  const mean = utilities.reduce((sum, row) => sum + dot(row, row), 0) / utilities.length;
  return dot(direction, direction) + ridge * mean * alpha.reduce((sum, weight) => sum + weight ** 2, 0);
}

describe('the weights of the pareto-guided step', () => {
  it('satisfy the KKT conditions to 0.999, with α in the simplex and β ≥ 1, over every family', () => {
    fc.assert(
      fc.property(seed, tasksUpTo(40), (s, tasks) => {
        const { problem } = randomProblem(new Random(s), tasks);
        const weights = paretoGuidedWeights(problem);
        expect(Math.min(...weights.alpha)).toBeGreaterThanOrEqual(0);
        expect(Math.abs(weights.alpha.reduce((a, b) => a + b) - 1)).toBeLessThan(1e-12);
        expect(weights.beta).toBeGreaterThanOrEqual(1);
        expect(paretoGuidedCertificate(problem, weights)).toBeGreaterThanOrEqual(0.999);
      }),
      { numRuns: 300 },
    );
  });

  it('are no worse than any point of a grid over α and β, T = 2', () => {
    fc.assert(
      fc.property(seed, (s) => {
        const { utilities, constraint, problem } = randomProblem(new Random(s), 2);
        const rows = [...utilities, constraint];
        const { alpha, beta } = paretoGuidedWeights(problem);
        const least = objective(rows, problem.ridge, [...alpha], beta);
        for (let i = 0; i <= 50; i++) {
          for (const other of [1, 1.1, 2, 5, 20, beta * 0.99, beta * 1.01]) {
            if (other < 1) continue;
            const value = objective(rows, problem.ridge, [i / 50, 1 - i / 50], other);
            expect(least).toBeLessThanOrEqual(value * (1 + 1e-9));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('never let the step raise A to first order, and descend every utility that the KKT conditions promise', () => {
    fc.assert(
      fc.property(seed, tasksUpTo(20), (s, tasks) => {
        const { utilities, constraint, problem } = randomProblem(new Random(s), tasks);
        const { alpha, beta } = paretoGuidedWeights({ ...problem, ridge: 0 });
        const rows = [...utilities, constraint];
        const direction = combine(rows, [...alpha, beta]);
        const square = dot(direction, direction);
        const onA = dot(constraint, direction);
        const rounding = (row: Float64Array) => roundingOf(rows, [...alpha, beta], row);
        const onConstraint = beta * rounding(constraint);
        expect(beta * onA).toBeGreaterThanOrEqual(-0.001 * square - onConstraint);
        for (const row of utilities) {
          const promised = 0.999 * square - beta * onA;
          expect(dot(row, direction)).toBeGreaterThanOrEqual(promised - rounding(row) - onConstraint);
        }
      }),
    );
  });

  it('are those of MGDA where ∇A = 0', () => {
    fc.assert(
      fc.property(seed, tasksUpTo(20), (s, tasks) => {
        const utilities = randomRows(new Random(s), tasks);
        const gram = gramOf([...utilities, new Float64Array(utilities[0]!.length)]);
        const { alpha, beta } = paretoGuidedWeights({ gram, ridge: 0 });
        expect(beta).toBe(1);
        expect(certificate(gramOf(utilities), alpha)).toBeGreaterThanOrEqual(0.999);
      }),
    );
  });

  it('find no direction where ∇A opposes a utility exactly, and say so', () => {
    const opposed = Float64Array.of(3, -1, 2);
    const gram = gramOf([Float64Array.of(1, 5, 0), opposed, scaled(opposed, -0.25)]);
    const weights = paretoGuidedWeights({ gram, ridge: 0 });
    expect(weights.alpha[1]).toBeCloseTo(1, 9);
    expect(weights.beta).toBeCloseTo(4, 9);
    expect(paretoGuidedCertificate({ gram, ridge: 0 }, weights)).toBe(1);
  });

  it('leave an absent task out: its weight is 0 and the others are as without it', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 2, max: 16 }), (s, tasks) => {
        const random = new Random(s);
        const { utilities, constraint, problem } = randomProblem(random, tasks);
        const active = utilities.map(() => (random.uniform() < 0.6 ? 1 : 0));
        active[random.int(tasks)] = 1;
        const present = utilities.filter((_, t) => active[t]);
        const { alpha, beta } = paretoGuidedWeights({ ...problem, active });
        const without = paretoGuidedWeights({ ...problem, gram: gramOf([...present, constraint]) });
        expect(alpha.filter((_, t) => active[t])).toEqual(without.alpha);
        expect(alpha.every((weight, t) => active[t] || weight === 0)).toBe(true);
        expect(beta).toBe(without.beta);
      }),
    );
    const nobody = paretoGuidedWeights({ gram: Float64Array.of(1, 0, 0, 1), ridge: 1, active: [0] });
    expect(nobody).toEqual({ alpha: Float64Array.of(0), beta: 1 });
  });

  it('tend to equal weights as the ridge grows', () => {
    const gram = gramOf([Float64Array.of(100, 0), Float64Array.of(0, 1), Float64Array.of(0, 0)]);
    const firstWeight = (ridge: number) => paretoGuidedWeights({ gram, ridge }).alpha[0]!;
    expect(firstWeight(0)).toBeLessThan(2e-4);
    expect(firstWeight(1)).toBeGreaterThan(0.2);
    expect(firstWeight(1e6)).toBeCloseTo(0.5, 5);
  });

  it('say what is wrong with a ridge', () => {
    expect(() => paretoGuidedWeights({ gram: Float64Array.of(1), ridge: -1 })).toThrow(/at least 0, got -1/);
  });
});

describe('fairness pressure, the share of ∇A in the step', () => {
  const levels = [0, 0.01, 0.1, 0.3, 1, 3, 10, 100, 1000];

  it('does not fall as λ grows: neither βλ nor the descent of A', () => {
    fc.assert(
      fc.property(seed, tasksUpTo(12), (s, tasks) => {
        const random = new Random(s);
        const utilities = independentRows(random, tasks);
        const constraint = randomConstraint(random, utilities);
        const ridge = random.uniform() < 0.5 ? 0 : random.uniform();
        let pressure = 0;
        let descent = Number.NEGATIVE_INFINITY;
        for (const lambda of levels) {
          const rows = [...utilities, scaled(constraint, lambda)];
          const { alpha, beta } = paretoGuidedWeights({ gram: gramOf(rows), ridge });
          const direction = combine(rows, [...alpha, beta]);
          const onA = dot(constraint, direction);
          const rounding = 1e-6 * dot(constraint, constraint) * beta * lambda + 1e-9;
          expect(beta * lambda).toBeGreaterThanOrEqual(pressure * (1 - 1e-6));
          expect(onA).toBeGreaterThanOrEqual(descent - rounding);
          pressure = beta * lambda;
          descent = lambda === 0 ? descent : onA;
        }
      }),
    );
  });

  it('falls as λ grows if λA is put inside a raw min-norm problem (negative control)', () => {
    const pressures = [2, 10, 100].map((lambda) => {
      const rows = [Float64Array.of(1, 0, lambda), Float64Array.of(0, 1, 0)];
      return minNormPoint(gramOf(rows))[0]! * lambda;
    });
    expect(pressures[1]).toBeLessThan(pressures[0]!);
    expect(pressures[2]).toBeLessThan(pressures[1]! / 5);
  });
});

describe('the certificate of the pareto-guided step', () => {
  const gram = gramOf([Float64Array.of(2, 0), Float64Array.of(0, 1), Float64Array.of(-0.5, 0.1)]);
  const problem = { gram, ridge: 0 };

  it('refuses weights that miss any one condition', () => {
    const { alpha, beta } = paretoGuidedWeights(problem);
    expect(beta).toBeGreaterThan(1);
    expect(paretoGuidedCertificate(problem, { alpha, beta })).toBeGreaterThan(0.999);
    expect(paretoGuidedCertificate(problem, { alpha, beta: 1 })).toBeLessThan(0.9);
    expect(paretoGuidedCertificate(problem, { alpha, beta: 2 * beta })).toBeLessThan(0.9);
    expect(paretoGuidedCertificate(problem, { alpha: [0.9, 0.1], beta })).toBeLessThan(0.9);
  });

  it('is that of the min-norm point without a constraint and a ridge', () => {
    const utilities = [Float64Array.of(2, 0), Float64Array.of(-1, 1)];
    const alone = { gram: gramOf([...utilities, Float64Array.of(0, 0)]), ridge: 0 };
    for (const alpha of [
      [0.3, 0.7],
      [0.4, 0.6],
    ]) {
      const expected = certificate(gramOf(utilities), alpha);
      expect(paretoGuidedCertificate(alone, { alpha, beta: 1 })).toBeCloseTo(expected, 9);
    }
  });
});
