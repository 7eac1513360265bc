import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  columnOf,
  evaluateGroups,
  intersect,
  type TaskOutcome,
} from '../../../src/fairness/metrics/index.ts';
import { Random } from '../../../src/tensor/random.ts';
import {
  levels,
  plain,
  randomClassification,
  randomDetection,
  randomPartition,
  randomRegression,
} from './cases.ts';

const seed = fc.nat(2 ** 31);

describe('gaps', () => {
  it('are the distance to the best-served cell of the partition, and the worst is named', () => {
    // Positives found: 3 of 4 in a, 1 of 4 in b, 4 of 4 in c.
    const probabilities = [9, 9, 9, 1, 9, 1, 1, 1, 9, 9, 9, 9].map((tenth) => tenth / 10);
    const index = Int32Array.of(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2);
    const evaluation = evaluateGroups(
      [
        {
          kind: 'detection',
          name: 't',
          labels: new Uint8Array(12).fill(1),
          probabilities,
          notion: 'equal-opportunity',
        },
      ],
      [{ name: 'p', cells: ['a', 'b', 'c'], index }],
      { minCount: 4, resamples: 0 },
    );
    const [task] = evaluation.tasks;
    expect(task!.partitions[0]!.cells.map(({ levels }) => levels[0]!.gap.value)).toEqual([0.25, 0.75, 0]);
    const worst = { task: 't', partition: 'p', cell: 'b', condition: 'y=1', gap: 0.75 };
    expect(task!.worstGap).toEqual(worst);
    expect(evaluation.worstGap).toEqual(worst);
    expect(evaluation.meanGap).toBe(0.75);
    expect(evaluation.meanUtility).toBe('insufficient'); // no negative anywhere
    expect(evaluation.worstUtility).toBe('insufficient');
  });

  it('leave cells below the minimum count out: they are insufficient and set no reference', () => {
    const index = Int32Array.of(0, 0, 0, 1, 1, 1, 2);
    const probabilities = [0.9, 0.9, 0.1, 0.9, 0.1, 0.1, 0.9];
    const outcome: TaskOutcome = {
      kind: 'detection',
      name: 't',
      labels: new Uint8Array(7).fill(1),
      probabilities,
      notion: 'equal-opportunity',
    };
    const partition = { name: 'p', cells: ['a', 'b', 'c', 'empty'], index };
    const gaps = levels(outcome, partition, { minCount: 3, resamples: 0 }).map(([level]) => level!);
    expect(gaps.map(({ count }) => count)).toEqual([3, 3, 1, 0]);
    expect(gaps.map(({ level }) => level.value)).toEqual([2 / 3, 1 / 3, 'insufficient', 'insufficient']);
    expect(gaps.map(({ gap }) => gap.value)).toEqual([0, 1 / 3, 'insufficient', 'insufficient']);
    const alone = levels(outcome, partition, { minCount: 4, resamples: 0 });
    expect(alone.every(([level]) => level!.gap.value === 'insufficient')).toBe(true);
  });

  it('weigh every task the same in the mean', () => {
    const random = new Random(2);
    const partitions = [randomPartition(random, 300), randomPartition(random, 300, 'race')];
    const outcomes: TaskOutcome[] = [
      { ...randomDetection(random, 300), notion: 'accuracy-parity' },
      { ...randomClassification(random, 300), notion: 'equal-opportunity' },
      { ...randomRegression(random, 300) },
    ];
    const evaluation = evaluateGroups(outcomes, partitions, plain);
    const [first, second, third] = evaluation.tasks;
    expect(evaluation.meanGap).toBeCloseTo(
      ((first!.meanGap as number) + (second!.meanGap as number)) / 2,
      12,
    );
    expect(third!.meanGap).toBe('insufficient');
    expect(third!.notion).toBe('none');
    const worst = second!.partitions.flatMap(({ cells }) =>
      [0, 1, 2].map((k) => Math.max(...cells.map(({ levels }) => levels[k]!.gap.value as number))),
    );
    expect(second!.meanGap).toBeCloseTo(worst.reduce((a, b) => a + b) / 6, 12);
  });
});

describe('an evaluation', () => {
  const settings = { minCount: 5, resamples: 20, seed: 3 };
  const everything = (random: Random, n: number): TaskOutcome[] => [
    { ...randomDetection(random, n), notion: 'equalized-odds' },
    { ...randomClassification(random, n), notion: 'equal-opportunity' },
    { ...randomRegression(random, n), notion: 'ccc-parity' },
  ];

  it('does not look at rows without a label', () => {
    fc.assert(
      fc.property(seed, (s) => {
        const random = new Random(s);
        const outcomes = everything(random, 60);
        const partition = randomPartition(random, 60);
        const changed = outcomes.map((outcome) => {
          const labels = Array.from(outcome.labels, (label, row) =>
            outcome.known![row] ? label : Number.NaN,
          );
          return { ...outcome, labels };
        });
        expect(evaluateGroups(changed, [partition], settings)).toEqual(
          evaluateGroups(outcomes, [partition], settings),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('does not depend on the order of rows, but for the draws of the intervals', () => {
    fc.assert(
      fc.property(seed, (s) => {
        const random = new Random(s);
        const n = 60;
        const outcomes = everything(random, n);
        const partition = randomPartition(random, n);
        const order = random.permutation(n);
        const pick = (of: ArrayLike<number>, width = 1) =>
          Float64Array.from(
            { length: n * width },
            (_, i) => of[order[Math.floor(i / width)]! * width + (i % width)]!,
          );
        const permuted = outcomes.map((outcome): TaskOutcome => {
          const rows = { labels: pick(outcome.labels), known: pick(outcome.known!) };
          if (outcome.kind === 'regression') return { ...outcome, ...rows, values: pick(outcome.values) };
          const width = outcome.kind === 'detection' ? 1 : outcome.classes;
          return { ...outcome, ...rows, probabilities: pick(outcome.probabilities, width) };
        });
        const before = evaluateGroups(outcomes, [partition], plain);
        const after = evaluateGroups(
          permuted,
          [{ ...partition, index: partition.index.map((_, i) => partition.index[order[i]!]!) }],
          plain,
        );
        const flat = (value: unknown): unknown =>
          JSON.stringify(value, (_, part) => (typeof part === 'number' ? Number(part.toFixed(9)) + 0 : part));
        expect(flat(after)).toEqual(flat(before));
      }),
      { numRuns: 20 },
    );
  });

  it('is the same for the same seed, and other for another', () => {
    const random = new Random(4);
    const outcomes = everything(random, 100);
    const partition = randomPartition(random, 100);
    const once = evaluateGroups(outcomes, [partition], settings);
    expect(evaluateGroups(outcomes, [partition], settings)).toEqual(once);
    expect(evaluateGroups(outcomes, [partition], { ...settings, seed: 4 })).not.toEqual(once);
  });

  it('survives JSON unchanged', () => {
    const random = new Random(5);
    const evaluation = evaluateGroups(everything(random, 50), [randomPartition(random, 50)], settings);
    expect(JSON.parse(JSON.stringify(evaluation))).toEqual(evaluation);
  });
});

describe('bootstrap intervals', () => {
  it('hold the true value about as often as they say', () => {
    const random = new Random(6);
    const n = 150;
    const truth = [0.7, 0.5];
    const index = Int32Array.from({ length: n }, (_, row) => row % 2);
    let levelsHeld = 0;
    let gapsHeld = 0;
    const trials = 200;
    for (let trial = 0; trial < trials; trial++) {
      const probabilities = Float64Array.from(index, (cell) => (random.uniform() < truth[cell]! ? 0.9 : 0.1));
      const [, second] = levels(
        {
          kind: 'detection',
          name: 't',
          labels: new Uint8Array(n).fill(1),
          probabilities,
          notion: 'equal-opportunity',
        },
        { name: 'p', cells: ['a', 'b'], index },
        { minCount: 10, resamples: 200, confidence: 0.9, seed: trial },
      );
      const { level, gap } = second![0]!;
      const holds = ([low, high]: readonly [number, number], value: number) => low <= value && value <= high;
      if (holds(level.interval!, 0.5)) levelsHeld += 1;
      if (holds(gap.interval!, 0.2)) gapsHeld += 1;
    }
    // 0.9 ± 4 standard errors of 200 trials, one point given for the percentile method.
    expect(levelsHeld / trials).toBeGreaterThan(0.805);
    expect(levelsHeld / trials).toBeLessThan(0.975);
    expect(gapsHeld / trials).toBeGreaterThan(0.805);
    expect(gapsHeld / trials).toBeLessThan(0.975);
  });

  it('are as wide as the standard error of the statistic says', () => {
    const n = 1000;
    const probabilities = Float64Array.from({ length: n }, (_, row) => (row < 300 ? 0.9 : 0.1));
    const [first] = levels(
      {
        kind: 'detection',
        name: 't',
        labels: new Uint8Array(n).fill(1),
        probabilities,
        notion: 'equal-opportunity',
      },
      { name: 'p', cells: ['a', 'b'], index: new Int32Array(n) },
      { resamples: 2000, confidence: 0.6827 },
    );
    const [low, high] = first![0]!.level.interval!;
    const ratio = (high - low) / 2 / Math.sqrt((0.3 * 0.7) / n);
    expect(ratio).toBeGreaterThan(0.93);
    expect(ratio).toBeLessThan(1.07);
  });

  it('are absent without resamples', () => {
    const random = new Random(7);
    const outcome: TaskOutcome = { ...randomDetection(random, 80), notion: 'accuracy-parity' };
    const [first] = levels(outcome, randomPartition(random, 80));
    expect(first![0]!.level).not.toHaveProperty('interval');
  });
});

describe('partitions', () => {
  it('intersect: every combination is a cell, and a row unknown in one is unknown', () => {
    const sex = { name: 'sex', cells: ['f', 'm'], index: Int32Array.of(0, 1, 1, -1, 0) };
    const age = { name: 'age', cells: ['young', 'mid', 'old'], index: Int32Array.of(2, 0, -1, 1, 1) };
    expect(intersect([sex, age])).toEqual({
      name: 'sex × age',
      cells: ['f × young', 'f × mid', 'f × old', 'm × young', 'm × mid', 'm × old'],
      index: Int32Array.of(2, 3, -1, -1, 1),
    });
    expect(intersect([sex])).toEqual(sex);
  });

  it('a head of several attributes is read column by column', () => {
    expect([...columnOf([1, 2, 3, 4, 5, 6], 3, 1)]).toEqual([2, 5]);
  });
});

describe('bad input', () => {
  const random = new Random(8);
  const detection = randomDetection(random, 10);
  const partition = randomPartition(random, 10);
  const evaluate = (change: object) => () =>
    evaluateGroups([{ ...detection, ...change } as TaskOutcome], [partition]);

  it('is named with task, row and what was expected', () => {
    const known = new Uint8Array(10).fill(1);
    expect(evaluate({ labels: new Uint8Array(10).fill(2), known })).toThrow(
      /'hired': expected labels 0 or 1, got 2 in row 0/,
    );
    expect(evaluate({ probabilities: new Float64Array(9) })).toThrow(/expected 10 predictions, got 9/);
    expect(evaluate({ probabilities: new Float64Array(10).fill(Number.NaN), known })).toThrow(
      /finite predictions, got NaN in row 0/,
    );
    expect(evaluate({ notion: 'loss-parity', priorLoss: 0 })).toThrow(/training prior's loss > 0/);
    expect(() => evaluateGroups([{ ...randomRegression(random, 10), deviation: 0 }], [])).toThrow(
      /deviation > 0/,
    );
    expect(() =>
      evaluateGroups([{ ...randomClassification(random, 10), notion: 'demographic-parity' }], []),
    ).toThrow(/favourable classes.*none/);
    expect(() => evaluateGroups([detection], [randomPartition(random, 9)])).toThrow(
      /'sex': expected 10 rows, got 9/,
    );
    expect(() =>
      evaluateGroups([detection], [{ name: 'p', cells: ['a'], index: new Int32Array(10).fill(3) }]),
    ).toThrow(/got 3 in row 0/);
    expect(() => evaluateGroups([detection], [], { minCount: 0 })).toThrow(/minimum count/);
    expect(() => evaluateGroups([detection], [], { confidence: 1 })).toThrow(/confidence/);
    expect(() => evaluateGroups([detection, randomRegression(random, 11)], [])).toThrow(/same 10 rows/);
  });
});
