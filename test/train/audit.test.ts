// The descent audit: it measures the slopes that calculus gives, and catches MGDA-UB where it raises a task.
import { describe, expect, test } from 'vitest';
import type { GramKind, Task } from '../../src/mtl/index.ts';
import { Random } from '../../src/tensor/random.ts';
import { DescentAudit } from '../../src/train/audit.ts';
import type { TrainingData } from '../../src/train/data.ts';
import { methods } from '../../src/train/method.ts';
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
  const audit = new DescentAudit(training.program, training.step.objectives, 2);
  for (let step = 0; step < 60; step++) training.run(everyone);
  await training.program.settled();
  audit.stop();
  expect(audit.records.map(({ run }) => run)).toEqual(Array.from({ length: 30 }, (_, i) => 2 * (i + 1)));
  return audit.rate;
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
