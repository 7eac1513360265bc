import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accuracy,
  balancedAccuracy,
  ccc,
  confusionMatrix,
  f1,
  logLoss,
  macroF1,
  mae,
  precision,
  r2,
  recall,
  rmse,
  rocAuc,
} from '../../../src/fairness/metrics/index.ts';
import { Random } from '../../../src/tensor/random.ts';

const seed = fc.nat(2 ** 31);
const normals = (random: Random, n: number) => Float64Array.from({ length: n }, () => random.normal());

describe('metrics of decisions', () => {
  // The worked examples of scikit-learn's reference pages.
  const six = confusionMatrix([0, 2, 1, 0, 0, 1], [0, 1, 2, 0, 1, 2], 3);

  it('count true classes in rows and decided ones in columns', () => {
    expect(six.counts).toEqual([2, 0, 0, 1, 0, 1, 0, 2, 0]);
  });

  it("agree with scikit-learn's examples", () => {
    expect(macroF1(six)).toBeCloseTo(0.26667, 5);
    expect(balancedAccuracy(confusionMatrix([0, 1, 0, 0, 0, 1], [0, 1, 0, 0, 1, 0], 2))).toBeCloseTo(
      0.625,
      12,
    );
    const four = confusionMatrix([0, 0, 1, 0], [0, 1, 1, 1], 2);
    expect(precision(four, 1)).toBe(1);
    expect(recall(four, 1)).toBeCloseTo(1 / 3, 12);
    expect(f1(four, 1)).toBeCloseTo(0.5, 12);
    expect(accuracy(four)).toBe(0.5);
  });

  it('are insufficient, not 0, where a class neither occurs nor is decided', () => {
    const onlyZeros = confusionMatrix([0, 0], [0, 0], 2);
    expect(recall(onlyZeros, 1)).toBe('insufficient');
    expect(precision(onlyZeros, 1)).toBe('insufficient');
    expect(f1(onlyZeros, 1)).toBe('insufficient');
    expect(balancedAccuracy(onlyZeros)).toBe('insufficient');
    expect(macroF1(onlyZeros)).toBe(1);
    expect(accuracy(confusionMatrix([], [], 2))).toBe('insufficient');
    expect(f1(confusionMatrix([1, 0], [0, 1], 2), 1)).toBe(0);
  });

  it('leave absent classes out of balanced accuracy', () => {
    expect(balancedAccuracy(confusionMatrix([0, 0, 1], [0, 1, 1], 4))).toBe(0.75);
  });
});

describe('ROC AUC', () => {
  it("agrees with scikit-learn's example", () => {
    expect(rocAuc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBe(0.75);
  });

  it('is the share of pairs in the right order, ties half, counted pair by pair', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(6), fc.nat(1)), { maxLength: 40 }), (samples) => {
        const positives = samples.filter(([, label]) => label === 1);
        const negatives = samples.filter(([, label]) => label === 0);
        let won = 0;
        for (const [a] of positives) for (const [b] of negatives) won += a > b ? 1 : a === b ? 0.5 : 0;
        const pairs = positives.length * negatives.length;
        const auc = rocAuc(
          samples.map(([score]) => score),
          samples.map(([, label]) => label),
        );
        if (pairs === 0) expect(auc).toBe('insufficient');
        else expect(auc).toBeCloseTo(won / pairs, 12);
      }),
    );
  });

  it('does not change with a rising function of the scores', () => {
    const random = new Random(1);
    const scores = normals(random, 200);
    const labels = Array.from({ length: 200 }, () => random.int(2));
    expect(rocAuc(scores.map(Math.exp), labels)).toBe(rocAuc(scores, labels));
  });
});

describe('log loss', () => {
  it("agrees with scikit-learn's example and stays finite for a sure mistake", () => {
    expect(logLoss([0.9, 0.9, 0.8, 0.65])).toBeCloseTo(0.21616, 5);
    expect(logLoss([0])).toBeCloseTo(34.54, 2);
    expect(logLoss([])).toBe('insufficient');
  });
});

describe('metrics of values', () => {
  it("agree with scikit-learn's example", () => {
    const values = [2.5, 0, 2, 8];
    const labels = [3, -0.5, 2, 7];
    expect(mae(values, labels)).toBe(0.5);
    expect(rmse(values, labels)).toBeCloseTo(0.612372, 6);
    expect(r2(values, labels)).toBeCloseTo(0.948608, 6);
  });

  it('CCC is 1 − mean squared difference over what independence would give', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 2, max: 60 }), (s, n) => {
        const random = new Random(s);
        const labels = normals(random, n);
        const values = labels.map((label) => 0.5 * label + random.normal() + 1e3);
        const mean = (of: Float64Array) => of.reduce((a, b) => a + b) / n;
        const variance = (of: Float64Array) => mean(of.map((v) => (v - mean(of)) ** 2));
        const apart = mean(values.map((value, i) => (value - labels[i]!) ** 2));
        const shift = (mean(values) - mean(labels)) ** 2;
        const expected = 1 - apart / (variance(values) + variance(labels) + shift);
        expect(ccc(values, labels)).toBeCloseTo(expected, 9);
      }),
    );
  });

  it('CCC is Pearson times the penalty for shift and scale, 1 for agreement, −1 for mirror images', () => {
    expect(ccc([1, 2, 3], [1, 2, 3])).toBe(1);
    expect(ccc([3, 2, 1], [1, 2, 3])).toBe(-1);
    expect(ccc([2, 3, 4], [1, 2, 3])).toBeCloseTo(4 / 7, 12); // r = 1, a shift of 1, variances of 2/3
  });

  it('are insufficient where they are not defined', () => {
    expect(r2([1, 2], [5, 5])).toBe('insufficient');
    expect(ccc([5, 5], [5, 5])).toBe('insufficient');
    expect(mae([], [])).toBe('insufficient');
    expect(rmse([], [])).toBe('insufficient');
    expect(ccc([], [])).toBe('insufficient');
    expect(ccc([1, 2], [5, 5])).toBe(0);
  });
});
