// Dual ascent and utility budget (METHOD §3 and §4, item 5): what λ may do under any sequence of signals.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { budgetSlack, type DualKind, makeDual, trackLosses } from '../../src/fairness/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import { compile, type Program, type Snapshot } from '../../src/program/index.ts';
import { devices, float64, type Outputs, runWith } from '../support/devices.ts';

const tasks = 3;
const cap = 10;
const settings = {
  cap,
  rate: 0.5,
  integral: 1,
  proportional: 5,
  leak: 1e-3,
  signalRate: 0.1,
};
const gain = 5;
const names = ['multipliers', 'slack'];

/** A dual for three tasks, driven by a signal that the budget of a `loss` may turn. */
function dualStep(kind: DualKind) {
  const graph = newGraph();
  const dual = makeDual(graph, kind, new Array<boolean>(tasks).fill(true), settings);
  const losses = graph.input('losses', [tasks]);
  const tracker = trackLosses(graph, losses, losses.gt(0), settings.signalRate);
  // Without end, until a test sets one.
  const slack = budgetSlack(tracker, graph.scalar('allowance', 1e9), graph.scalar('gain', 1e9));
  const signal = graph.input('signal', [tasks]).minimum(slack);
  return {
    outputs: { multipliers: dual.multipliers, slack },
    updates: [...dual.update(signal, graph.input('resting', []).gt(0.5)), ...tracker.updates],
  };
}

interface Driven {
  readonly program: Program;
  /** λ before the step that this signal drives. */
  step(
    signal: readonly number[],
    more?: { losses?: readonly number[]; resting?: boolean },
  ): Promise<readonly number[]>;
  outputs(signal: readonly number[], losses: readonly number[]): Promise<Outputs>;
}

async function drive(kind: DualKind, device = float64.device): Promise<Driven> {
  const program = await compile(dualStep(kind), device);
  const outputs = (signal: readonly number[], losses: readonly number[], resting = false): Promise<Outputs> =>
    runWith(program, names, { inputs: { signal, losses, resting: [Number(resting)] } });
  return {
    program,
    outputs,
    step: async (signal, { losses = new Array<number>(tasks).fill(1), resting = false } = {}) =>
      (await outputs(signal, losses, resting))['multipliers']!,
  };
}

const signal = fc.oneof(
  fc.constantFrom(-1e6, 1e6, 0),
  fc.double({ min: -1, max: 1, noNaN: true }),
  fc.double({ min: -0.02, max: 0.02, noNaN: true }),
);
const signals = fc.array(signal, { minLength: tasks, maxLength: tasks });
const histories = fc.array(signals, { minLength: 1, maxLength: 12 });
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe.each(devices)('the default rule on $name', ({ device, rounding, numRuns }) => {
  let driven: Driven;
  let fresh: Snapshot;
  beforeAll(async () => {
    driven = await drive('slack-exponentiated', device);
    fresh = await driven.program.save();
  });
  afterAll(() => driven.program.dispose());

  test('keeps λ > 0 and Σ λ < Λ under any signals, ±10⁶ included', () =>
    fc.assert(
      fc.asyncProperty(histories, async (history) => {
        driven.program.restore(fresh);
        for (const drawn of [...history, [0, 0, 0]]) {
          const multipliers = await driven.step(drawn);
          for (const multiplier of multipliers) expect(multiplier).toBeGreaterThan(0);
          expect(sum(multipliers)).toBeLessThan(cap);
        }
      }),
      { numRuns },
    ));

  test('a negative signal raises neither ν nor λ, whatever came before and whatever the other tasks do', () =>
    fc.assert(
      fc.asyncProperty(histories, signals, async (history, last) => {
        driven.program.restore(fresh);
        for (const drawn of history) await driven.step(drawn);
        const before = await driven.program.readState('dual/nu');
        const pressed = await driven.step(last);
        const after = await driven.program.readState('dual/nu');
        const pressing = await driven.step(last);
        last.forEach((drawn, t) => {
          if (drawn >= -1e-30) return;
          expect(after[t]).toBeLessThanOrEqual(before[t]!);
          expect(pressing[t]).toBeLessThanOrEqual(pressed[t]! * (1 + rounding));
        });
      }),
      { numRuns },
    ));

  test('a lasting negative signal lowers λ, and λ leaves its cap within 15 / (η K_I |c|) steps', async () => {
    const c = -0.2;
    const steps = Math.ceil(15 / (settings.rate * settings.integral * -c));
    driven.program.restore(fresh);
    for (let step = 0; step < 150; step++) await driven.step([0.3, -1, -1]);
    const [atCap] = await driven.step([c, -1, -1]);
    expect(atCap).toBeGreaterThan((0.999 * cap) / tasks);
    for (let step = 1; step < steps; step++) await driven.step([c, -1, -1]);
    const [left] = await driven.step([c, -1, -1]);
    expect(left).toBeLessThan((0.5 * cap) / tasks);
  });

  test('rests while told to, and a task at the cap gives way to none that is within tolerance', async () => {
    driven.program.restore(fresh);
    const start = await driven.step([1, 1, 1], { resting: true });
    expect(await driven.step([1, 1, 1], { resting: true })).toEqual(start);
    await driven.step([1, -1, -1]);
    const [worst, ...others] = await driven.step([0, 0, 0]);
    for (const other of others) expect(worst).toBeGreaterThan(other);
  });

  test('a task over its budget gets a falling λ whatever its gap', async () => {
    driven.program.restore(fresh);
    driven.program.set('allowance', 0.02);
    driven.program.set('gain', gain);
    const gap = [0.3, 0.3, 1e6];
    for (let step = 0; step < 20; step++) await driven.step(gap, { losses: [1, 1, 1] });
    const losses = [1, 1.2, 1.5];
    // The decayed loss passes the budget after two of these.
    for (let step = 0; step < 3; step++) await driven.step(gap, { losses });
    let before = await driven.program.readState('dual/nu');
    for (let step = 0; step < 30; step++) {
      const { slack } = await driven.outputs(gap, losses);
      const after = await driven.program.readState('dual/nu');
      expect(slack![0]).toBeGreaterThan(0);
      expect(after[0]).toBeGreaterThanOrEqual(before[0]!);
      for (const t of [1, 2]) {
        expect(slack![t]).toBeLessThan(0);
        expect(after[t]! < before[t]! || after[t] === -15).toBe(true);
      }
      before = after;
    }
    driven.program.set('allowance', 1e9);
    driven.program.set('gain', 1e9);
  });
});

describe('rules for research, in float64', () => {
  const kinds: readonly DualKind[] = ['softplus', 'projected', 'augmented', 'nu-pi'];

  test.each([...kinds, 'exponentiated'] as const)('%s keeps 0 ≤ λ ≤ Λ under any signals', async (kind) => {
    const driven = await drive(kind);
    const fresh = await driven.program.save();
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        driven.program.restore(fresh);
        for (const drawn of [...history, [0, 0, 0]]) {
          for (const multiplier of await driven.step(drawn)) {
            expect(multiplier).toBeGreaterThanOrEqual(0);
            expect(multiplier).toBeLessThanOrEqual(cap);
          }
        }
      }),
    );
    driven.program.dispose();
  });

  test.each(kinds)(
    '%s lowers λ under a lasting negative signal, from its cap within a stated time',
    async (kind) => {
      const driven = await drive(kind);
      const c = -0.2;
      for (let step = 0; step < 40; step++) await driven.step([1, -1, -1]);
      const [atCap] = await driven.step([c, 0, 0]);
      expect(atCap).toBeGreaterThan(0.99 * cap);
      // ν has to come down from 15, or from Λ, after the decayed signal (1/rate steps) has turned.
      const steps = Math.ceil(Math.max(15, cap) / (settings.rate * -c)) + 40;
      for (let step = 1; step < steps; step++) await driven.step([c, 0, 0]);
      const [left] = await driven.step([c, 0, 0]);
      expect(left).toBeLessThan(0.5 * cap);
      driven.program.dispose();
    },
  );
});

test('a task whose gap cannot be closed takes nothing from the others', async () => {
  const pressureOn = async (stuck: number): Promise<number> => {
    const driven = await drive('slack-exponentiated');
    for (let step = 0; step < 200; step++) await driven.step([0.02, stuck, stuck]);
    const [multiplier] = await driven.step([0, 0, 0]);
    driven.program.dispose();
    return multiplier!;
  };
  expect(await pressureOn(0.3)).toBe(await pressureOn(-0.3));
  // With one slack for all it does (negative control).
  const shared = (nu: readonly number[]): number =>
    (cap * Math.exp(nu[0]!)) / (1 + sum(nu.map((each) => Math.exp(each))));
  expect(shared([1, 5, 5])).toBeLessThan(shared([1, -5, -5]) / 10);
});

test('without the slack all of Λ is always spent, even where every task is within tolerance (negative control)', async () => {
  const driven = await drive('exponentiated');
  for (let step = 0; step < 50; step++) {
    expect(sum(await driven.step([-0.2, -1, -0.3]))).toBeCloseTo(cap, 10);
  }
  driven.program.dispose();
});

test('the budget compares each loss with its own lowest, and forgets no task without labels', async () => {
  const driven = await drive('slack-exponentiated');
  driven.program.set('allowance', 0.02);
  driven.program.set('gain', gain);
  const losses = [
    [4, 2, 0],
    [4, 2, 0],
    [2, 2, 8],
    [2, 0, 8],
    [3, 2, 8],
  ];
  let mean: (number | undefined)[] = [undefined, undefined, undefined];
  let best = [Infinity, Infinity, Infinity];
  for (const now of losses) {
    const { slack } = await driven.outputs([0, 0, 0], now);
    mean = mean.map((m, t) =>
      now[t] === 0 ? m : m === undefined ? now[t]! : m + settings.signalRate * (now[t]! - m),
    );
    best = best.map((b, t) => Math.min(b, mean[t] ?? Infinity));
    mean.forEach((m, t) => {
      const paid = m === undefined ? -1 : m / best[t]! - 1;
      expect(slack![t]).toBeCloseTo(gain * (1 - Math.min(2, paid / 0.02)), 10);
    });
  }
  driven.program.dispose();
});

test('the budget pulls as hard down as it lets rise, however small it is and however much a task has overpaid', async () => {
  const driven = await drive('slack-exponentiated');
  driven.program.set('gain', gain);
  await driven.outputs([0, 0, 0], [1, 1, 1]);
  for (const allowance of [0, 1e-4, 0.02, 1]) {
    driven.program.set('allowance', allowance);
    for (let step = 0; step < 200; step++) {
      const { slack } = await driven.outputs([0, 0, 0], [1, 1 + 5 * allowance + 1e-3, 1e6]);
      expect(slack![0]).toBeCloseTo(gain, 10);
      for (const t of [1, 2]) expect(slack![t]).toBeGreaterThanOrEqual(-gain - 1e-12);
    }
    const { slack } = await driven.outputs([0, 0, 0], [1, 1 + 5 * allowance + 1e-3, 1e6]);
    for (const t of [1, 2]) expect(slack![t]).toBeCloseTo(-gain, 6);
  }
  driven.program.dispose();
});
