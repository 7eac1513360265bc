// No runaway (METHOD §2.4, item 3): where "yes" to everyone satisfies the notion, the anchored reference keeps the best
// served where utility alone had them; without its live gradient, or with a plain maximum, they leave.
import { describe, expect, test } from 'vitest';
import type { Reference } from '../../src/fairness/index.ts';
import { Random } from '../../src/tensor/random.ts';
import type { TrainingData } from '../../src/train/data.ts';
import { methods } from '../../src/train/method.ts';
import { float64 } from '../support/devices.ts';
import { Training } from '../support/training.ts';

const rows = 240;
const everyone = Uint32Array.from({ length: rows }, (_, i) => i);

/** Women's merit shows less than men's, and their sex does not show: whatever lifts them lifts the men too. */
function applicants(seed: number): TrainingData {
  const random = new Random(seed);
  const women = Int32Array.from({ length: rows }, () => random.int(2));
  const merit = Float32Array.from({ length: rows }, () => Number(random.uniform() < 0.45));
  const numeric = new Float32Array(rows * 2);
  for (let i = 0; i < rows; i++) {
    numeric[2 * i] = merit[i]! * (women[i] ? 0.5 : 1) + random.normal();
    numeric[2 * i + 1] = random.normal();
  }
  return {
    rows,
    numeric,
    labels: { hired: { values: merit, known: new Uint8Array(rows).fill(1) } },
    groups: { sex: women },
  };
}

/** True-positive rates of men and women where the warm-up ends, and at the end. */
interface Outcome {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

async function train(reference: Exclude<Reference['kind'], 'fixed'>, seed: number): Promise<Outcome> {
  using training = await Training.compile(
    {
      tasks: [{ kind: 'detection', name: 'hired' }],
      data: applicants(seed),
      fairness: { hired: { notion: 'equal-opportunity', tolerance: 0.02 } },
      partitions: [{ name: 'sex', cells: ['m', 'f'] }],
      trunk: { widths: [6], activation: 'tanh' },
      batch: rows,
      seed,
      method: {
        ...methods['fairmt-without-qp'],
        pressure: { ...methods.fairmt.pressure, reference: { kind: reference }, budgeted: false },
      },
      settings: {
        'learning rate': 0.02,
        'half-life': 2,
        'anchor rate': 0.2,
        'minimum count': 5,
        noise: 0,
        'warm-up': 1,
      },
    },
    float64.device,
  );
  for (let step = 0; step < 150; step++) training.run(everyone);
  const before = await training.read('served');
  training.program.set('warm-up', 0);
  for (let step = 0; step < 400; step++) training.run(everyone);
  return { before, after: await training.read('served') };
}

const gap = (rates: readonly number[]): number => Math.max(...rates) - Math.min(...rates);

/** How far the best served end above the level that utility alone had reached. */
const risen = ({ before, after }: Outcome): number => Math.max(...after) - Math.max(...before);

describe.each([1, 2])('where "yes" to everyone satisfies the notion (seed %i)', (seed) => {
  /** In units of the rate, of which a runaway has 0.3 to 0.45 to climb. */
  const margin = 0.08;

  test('the best served end within the margin of their anchor, and the gap is closed', async () => {
    const outcome = await train('anchored', seed);
    expect(risen(outcome)).toBeLessThan(margin);
    expect(gap(outcome.after)).toBeLessThan(0.5 * gap(outcome.before));
    expect(gap(outcome.after)).toBeLessThan(0.06);
  });

  test.each(['stopped-anchor', 'stopped-maximum'] as const)(
    'with %s they run away (negative control)',
    async (reference) => {
      expect(risen(await train(reference, seed))).toBeGreaterThan(margin);
    },
  );
});
