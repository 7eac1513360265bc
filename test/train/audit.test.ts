// The descent audit: it measures the slopes that calculus gives, and catches MGDA-UB where it raises a task.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GramKind, Task } from '../../src/mtl/index.ts';
import { Random } from '../../src/tensor/random.ts';
import { fallsBack, joinTallies, noAudits, tallyAudits } from '../../src/train/audit.ts';
import type { TrainingData } from '../../src/train/data.ts';
import { methods } from '../../src/train/method.ts';
import { Trainer, type TrainerOptions, type TrainerState } from '../../src/train/trainer.ts';
import { devices, float64 } from '../support/devices.ts';
import { Training, type TrainingProblem } from '../support/training.ts';

const rows = 48;
const tasks: readonly Task[] = [
  { kind: 'regression', name: 'a', loss: 'mse' },
  { kind: 'regression', name: 'b', loss: 'mse' },
  { kind: 'detection', name: 'c' },
];

/** Tasks that each want another direction of a narrow trunk. */
function rivals(seed: number): TrainingData {
  const random = new Random(seed);
  const numeric = Float32Array.from({ length: rows * 3 }, () => random.normal());
  const column = (of: (x: Float32Array) => number) => ({
    values: Float32Array.from({ length: rows }, (_, i) => of(numeric.subarray(3 * i, 3 * i + 3))),
    known: new Uint8Array(rows).fill(1),
  });
  const groups = Int32Array.from({ length: rows }, () => random.int(2));
  return {
    rows,
    numeric,
    labels: {
      a: column(([x, y]) => x! + 0.5 * y!),
      b: column(([x, y]) => 0.6 * y! - x!),
      c: column(([x, , z], i = 0) => Number(z! - 0.4 * x! + i > 0)),
    },
    groups: { sex: groups },
  };
}

const problem = {
  tasks,
  data: rivals(3),
  trunk: { widths: [6, 2], activation: 'tanh' },
  batch: rows,
  audit: true,
  settings: { ridge: 0, 'learning rate': 0.01, 'minimum count': 1, noise: 0, 'dual rate': 0.1 },
} satisfies Partial<TrainingProblem>;
const everyone = Uint32Array.from({ length: rows }, (_, i) => i);

describe.each(devices)('the audit on $name', ({ device, rounding }) => {
  test.each([
    ['fairmt', 0],
    ['fairmt-no-harm', 0.4],
  ] as const)(
    'measures the slopes −(Mw)_t / √(wᵀMw) of the exact Gram matrix: %s, dropout %s',
    async (name, dropout) => {
      using training = await Training.compile(
        {
          ...problem,
          trunk: { ...problem.trunk, dropout },
          method: { ...methods[name], gram: 'exact' },
          fairness: {
            a: { notion: 'error-parity', tolerance: 0 },
            c: { notion: 'equalized-odds', tolerance: 0 },
          },
          partitions: [{ name: 'sex', cells: ['f', 'm'] }],
        },
        device,
      );
      for (let step = 0; step < 6; step++) {
        training.run(everyone);
        const [gram, alpha, beta, slopes] = await Promise.all(
          ['gram', 'alpha', 'beta', 'slopes'].map((name) => training.read(name)),
        );
        const weights = [...alpha!, ...beta!];
        const n = weights.length;
        expect(training.step.objectives.length).toBe(n);
        const products = weights.map((_, t) =>
          weights.reduce((sum, weight, s) => sum + weight * gram![t * n + s]!, 0),
        );
        const length = Math.sqrt(products.reduce((sum, product, t) => sum + product * weights[t]!, 0));
        products.forEach((product, t) => {
          const [slope, scale] = [slopes![t]!, slopes![n + t]!];
          expect(Math.abs(slope + product / length)).toBeLessThan((0.02 + 50 * rounding) * scale + 1e-4);
        });
      }
    },
  );
});

/** The share of audited steps of a run in which a loss rose. */
async function rateOf(gram: GramKind, seed: number): Promise<number> {
  using training = await Training.compile(
    { ...problem, data: rivals(seed), seed, method: { ...methods.mgda, gram } },
    float64.device,
  );
  const slopes: number[][] = [];
  for (let step = 1; step <= 60; step++) {
    training.run(everyone);
    if (step % 2 === 0) slopes.push(await training.read('slopes'));
  }
  const { steps, rising } = tallyAudits(slopes, training.step.objectives);
  expect(steps).toBe(30);
  return rising / steps;
}

test('MGDA-UB raises a loss in many steps (known failure) and the audit says so; the proxy in fewer, the exact matrix in none', async () => {
  const rates = { exact: [] as number[], 'head-aware': [] as number[], representation: [] as number[] };
  for (const seed of [0, 1, 2, 4, 5]) {
    for (const gram of ['exact', 'head-aware', 'representation'] as const)
      rates[gram].push(await rateOf(gram, seed));
  }
  expect(rates.exact).toEqual([0, 0, 0, 0, 0]);
  for (const rate of rates.representation) expect(rate).toBeGreaterThan(0.1);
  const mean = (list: number[]): number => list.reduce((sum, rate) => sum + rate, 0) / list.length;
  expect(mean(rates['head-aware'])).toBeLessThan(0.6 * mean(rates.representation));
});

const flags = fc.array(fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }), { maxLength: 60 });

test('a tally counts the steps that raised something, and tallies of parts join to that of the whole', () => {
  const rows = (list: readonly (readonly boolean[])[]): number[][] =>
    list.map((row) => [...row.map((rises) => (rises ? 0.5 : -0.5)), 1, 1]);
  fc.assert(
    fc.property(flags, flags, (first, second) => {
      const tally = (list: readonly (readonly boolean[])[]) => tallyAudits(rows(list), ['a', 'b']);
      const whole = tally([...first, ...second]);
      expect(joinTallies(tally(first), tally(second))).toEqual(whole);
      const all = [...first, ...second];
      expect(whole.steps).toBe(all.length);
      expect(whole.rising).toBe(all.filter((row) => row.includes(true)).length);
      expect(whole.byObjective['b'] ?? 0).toBe(all.filter(([, b]) => b).length);
    }),
  );
});

test('the exact Gram matrix takes over above the threshold, of at least 20 audited steps', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.nat(200), fc.double({ min: 0, max: 1, noNaN: true }), (a, b, threshold) => {
      const [rising, steps] = [Math.min(a, b), Math.max(a, b)];
      const falls = fallsBack({ ...noAudits, steps, rising }, { every: 1, threshold });
      expect(falls).toBe(steps >= 20 && rising > threshold * steps);
    }),
  );
});

describe('a trainer that audits', () => {
  const options: TrainerOptions = {
    model: {
      tasks,
      features: { numeric: 3, categories: [], texts: [] },
      trunk: { ...problem.trunk, dropout: 0.1 },
      headWidths: [],
    },
    fairness: { c: { notion: 'equalized-odds', tolerance: 0.02 } },
    partitions: [{ name: 'sex', cells: ['f', 'm'] }],
    data: problem.data,
    method: methods.fairmt,
    epochs: 6,
    warmupEpochs: 2,
    batch: 6,
    seed: 3,
    settings: { 'minimum count': 1 },
  };

  test('says how many steps raised an objective, and weighs by the exact matrix from the next epoch on', async () => {
    const audit = { every: 3, threshold: 0 };
    using trainer = await Trainer.create({ ...options, audit, epochs: 12 }, float64.device);
    const tallies = [];
    while (trainer.epoch < 12) tallies.push((await trainer.runEpoch()).audit!);
    // 8 steps an epoch, each third of all.
    expect(tallies.map(({ steps }) => steps)).toEqual([2, 3, 3, 2, 3, 3, 2, 3, 3, 2, 3, 3]);
    let sofar = noAudits;
    tallies.forEach((tally) => {
      expect(tally.gram).toBe(fallsBack(sofar, audit) ? 'exact' : 'head-aware');
      sofar = joinTallies(sofar, tally);
    });
    expect(trainer.gram).toBe('exact');
  });

  test('goes on from a saved state to the same bits, before and after it fell back', async () => {
    const audited = { ...options, audit: { every: 1, threshold: 0 } };
    using whole = await Trainer.create(audited, float64.device);
    const states: TrainerState[] = [];
    const records = [];
    while (whole.epoch < options.epochs) {
      records.push(await whole.runEpoch());
      states.push(await whole.save());
    }
    expect(new Set(states.map(({ gram }) => gram))).toEqual(new Set(['head-aware', 'exact']));
    for (const state of states.slice(0, -1)) {
      using resumed = await Trainer.create(audited, float64.device);
      await resumed.restore(structuredClone(state));
      while (resumed.epoch < options.epochs)
        expect(await resumed.runEpoch()).toEqual(records[resumed.epoch - 1]);
      expect(await resumed.save()).toEqual(states.at(-1));
    }
  });

  test('keeps the proxy while the threshold is not passed, and changes no bit of the run by looking', async () => {
    const run = async (more: Partial<TrainerOptions>) => {
      using trainer = await Trainer.create({ ...options, ...more }, float64.device);
      while (trainer.epoch < options.epochs) await trainer.runEpoch();
      return { gram: trainer.gram, parameters: await trainer.parameters() };
    };
    expect(await run({ audit: { every: 1, threshold: 1 } })).toEqual(await run({}));
  });

  test('has nothing to say of equal weights, which promise no common descent', async () => {
    using trainer = await Trainer.create(
      { ...options, method: methods.erm, audit: { every: 1, threshold: 0 } },
      float64.device,
    );
    expect(await trainer.runEpoch()).not.toHaveProperty('audit');
  });

  test.each([
    { every: 0, threshold: 0.2 },
    { every: 2.5, threshold: 0.2 },
    { every: 1, threshold: 1.1 },
  ])('refuses %o', async (audit) => {
    await expect(Trainer.create({ ...options, audit }, float64.device)).rejects.toThrow(/audit/);
  });
});
