// The training loop: it ends, repeats, resumes to the same bits, and keeps the epoch that its rule names.
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { openDevice } from '../../src/program/index.ts';
import { Random } from '../../src/tensor/random.ts';
import { lossAllowance } from '../../src/train/allowance.ts';
import type { TrainingData } from '../../src/train/data.ts';
import { type FitOptions, type FitState, fit as train } from '../../src/train/fit.ts';
import { methods } from '../../src/train/method.ts';
import { dominates, type Scored, selectEpoch } from '../../src/train/selection.ts';
import { Trainer } from '../../src/train/trainer.ts';
import { gpu } from '../support/gpu.ts';

const device = await openDevice('wasm');

/** People of two groups, the second harder to tell. */
function people(rows: number, seed: number): TrainingData {
  const random = new Random(seed);
  const numeric = Float32Array.from({ length: rows * 2 }, () => random.normal());
  const groups = Int32Array.from({ length: rows }, () => random.int(2));
  const values = Float32Array.from({ length: rows }, (_, i) =>
    Number(numeric[2 * i]! + (groups[i] === 1 ? 2 : 0.3) * random.normal() > 0),
  );
  const labels = { yes: { values, known: new Uint8Array(rows).fill(1) } };
  return { rows, numeric, labels, groups: { group: groups } };
}

const options: FitOptions = {
  model: {
    tasks: [{ kind: 'detection', name: 'yes' }],
    features: { numeric: 2, categories: [], texts: [] },
    trunk: { widths: [8], dropout: 0.1 },
    headWidths: [],
  },
  fairness: { yes: { notion: 'equal-opportunity', tolerance: 0.02 } },
  partitions: [{ name: 'group', cells: ['a', 'b'] }],
  data: people(300, 1),
  validation: people(200, 2),
  method: methods.fairmt,
  epochs: 6,
  warmupEpochs: 2,
  batch: 64,
  seed: 7,
};

const audited: FitOptions = { ...options, audit: { every: 1, threshold: 0 } };

/** What is left of a run that is told to end after so many steps. */
async function endedAfter(steps: number, problem: FitOptions) {
  const control = new AbortController();
  const broken = await train(problem, device, {
    signal: control.signal,
    onStart: ({ program }) => {
      const run = program.run.bind(program);
      program.run = (times) => {
        run(times);
        if (program.runs === steps) control.abort();
      };
    },
  });
  if (broken.ended !== 'aborted') expect.unreachable(broken.ended);
  return broken;
}

describe('fit', () => {
  test('runs every epoch where no hook is given, and without validation keeps the last', async () => {
    const { validation: _, ...unjudged } = options;
    const result = await train(unjudged, device);
    expect(result).toMatchObject({ epoch: 6, ended: 'epochs' });
    expect(result.history.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('gives the same bits from the same seed, and others from another', async () => {
    const [first, again, other] = [
      await train(options, device),
      await train(options, device),
      await train({ ...options, seed: 8 }, device),
    ];
    expect(again.parameters).toEqual(first.parameters);
    expect(other.parameters).not.toEqual(first.parameters);
  });

  test.each([
    ['', options],
    [', with an audit that changes the Gram matrix on the way', audited],
  ])('resumes from the state of any epoch to the same bits%s', async (_, problem) => {
    const states: FitState[] = [];
    const whole = await train(problem, device, {
      onCheckpoint: async (state) => void states.push(await state()),
    });
    if (problem.audit) expect(new Set(whole.history.map(({ audit }) => audit!.gram)).size).toBe(2);
    for (const resume of states.slice(0, -1)) {
      const resumed = await train(problem, device, { resume });
      expect(resumed.parameters).toEqual(whole.parameters);
      expect(resumed.epoch).toBe(whole.epoch);
      expect(resumed.history).toEqual(whole.history);
    }
  });

  test('allows each epoch the loss that the utilities before it came to, and says so', async () => {
    const { history, settings } = await train(options, device);
    const utilities = history.map(({ validation }) => validation?.meanUtility);
    const { budget } = settings;
    const { warmupEpochs } = options;
    expect(history.map(({ allowance }) => allowance)).toEqual(
      utilities.map((_, at) => lossAllowance(utilities.slice(0, at), { budget, warmupEpochs })),
    );
    expect(new Set(history.map(({ allowance }) => allowance)).size).toBeGreaterThan(2);
  });

  test('gives the steps their allowance: more of it is another run', async () => {
    const [little, much] = [
      await train({ ...options, settings: { budget: 1e-4 } }, device),
      await train({ ...options, settings: { budget: 0.5 } }, device),
    ];
    const pressed = (of: typeof little): number => Number(of.history.at(-1)!.values['multipliers']![0]);
    expect(pressed(much)).toBeGreaterThan(pressed(little));
  });

  test('steers nothing without validation rows or without a budget', async () => {
    const { validation: _, ...unjudged } = options;
    for (const problem of [unjudged, { ...options, method: methods.erm }]) {
      for (const epoch of (await train(problem, device)).history)
        expect(epoch).not.toHaveProperty('allowance');
    }
  });

  test('lets a hook see any value of every step, and is not changed by that', async () => {
    const whole = await train(options, device);
    const steps = 6 * Math.ceil(300 / 64);
    const seen: number[] = [];
    const watched = await train(options, device, {
      onStart: ({ program }) => {
        program.watch('multipliers', { every: 1 }, (_, step) => void seen.push(step));
      },
    });
    expect(seen).toEqual(Array.from({ length: steps }, (_, step) => step + 1));
    expect(watched.parameters).toEqual(whole.parameters);
    expect(watched.history).toEqual(whole.history);
  });

  test('ends after the present step when it is told to, and resumes there to the same bits', async () => {
    const whole = await train(options, device);
    for (const steps of [1, 4, 5, 12, 29]) {
      const broken = await endedAfter(steps, options);
      const { epoch, step } = broken.state.trainer;
      expect([epoch, step]).toEqual([Math.floor(steps / 5), steps % 5]);
      expect(broken.history).toHaveLength(epoch);
      const resumed = await train(options, device, { resume: broken.state });
      expect(resumed).toEqual(whole);
    }
  });

  test('ended within an epoch that is audited, counts each audited step once', async () => {
    const whole = await train(audited, device);
    const broken = await endedAfter(8, audited);
    expect(broken.state.trainer).toMatchObject({ epoch: 1, step: 3, auditedSince: { steps: 3 } });
    expect(await train(audited, device, { resume: broken.state })).toEqual(whole);
  });

  test('lets timers have their turn within an epoch, so that it can be told to end', async () => {
    const control = new AbortController();
    setTimeout(() => control.abort());
    const endless = { ...options, batch: 1, epochs: 100_000 };
    expect((await train(endless, device, { signal: control.signal })).ended).toBe('aborted');
  });

  test('gives the parameters of the epoch that it names, also where no gap can be measured', async () => {
    const nobody = new Int32Array(200).fill(-1);
    const unknown = { ...options, validation: { ...people(200, 2), groups: { group: nobody } } };
    for (const problem of [options, unknown]) {
      const parameters: ArrayLike<number>[] = [];
      let trainer: Trainer | undefined;
      const result = await train(problem, device, {
        onStart: (started) => {
          trainer = started;
        },
        onEpoch: async () => void parameters.push(await trainer!.parameters()),
      });
      expect(result.parameters).toEqual(parameters[result.epoch - 1]);
    }
  });

  test('never keeps an epoch of the warm-up under a constraint', async () => {
    expect((await train(options, device)).epoch).toBeGreaterThan(options.warmupEpochs);
  });

  test('stops early when the choice no longer changes', async () => {
    const result = await train({ ...options, epochs: 60, patience: 3 }, device);
    expect(result.ended).toBe('patience');
    expect(result.history.length).toBe(result.epoch + 3);
  });
});

test.skipIf(!gpu)('an epoch on WebGPU is one upload and a few submits, nothing in between', async () => {
  const target = await openDevice('webgpu', { gpu });
  if (target.kind !== 'webgpu') throw new Error('expected a WebGPU device');
  using trainer = await Trainer.create({ ...options, method: methods.erm, batch: 9 }, target);
  await trainer.runEpoch();
  const writes = vi.spyOn(target.gpu.device.queue, 'writeBuffer');
  const runs = vi.spyOn(trainer.program, 'run');
  expect((await trainer.runEpoch()).steps).toBe(34);
  expect(writes).toHaveBeenCalledTimes(1);
  expect(runs.mock.calls).toEqual([[16], [16], [2]]); // a submit each: see test/program/many-steps.test.ts
  vi.restoreAllMocks();
});

describe('selectEpoch', () => {
  const epochs = fc.array(
    fc.record({
      utility: fc.double({ min: 0.1, max: 1, noNaN: true }),
      gap: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    {
      minLength: 1,
      maxLength: 20,
    },
  );

  test('keeps the smallest gap among the epochs within the price of the best utility', () => {
    fc.assert(
      fc.property(epochs, fc.double({ min: 0.01, max: 0.5, noNaN: true }), (scored: Scored[], price) => {
        const chosen = scored[selectEpoch(scored, { from: 1, price })]!;
        const best = Math.max(...scored.map(({ utility }) => utility!));
        const affordable = scored.filter(({ utility }) => utility! >= best - price * best);
        expect(chosen.utility).toBeGreaterThanOrEqual(best - price * best);
        expect(chosen.gap).toBe(Math.min(...affordable.map(({ gap }) => gap!)));
      }),
    );
  });

  test('keeps the best utility where nothing may be paid', () => {
    fc.assert(
      fc.property(epochs, (scored: Scored[]) => {
        const chosen = scored[selectEpoch(scored, { from: 1, price: 0 })]!;
        expect(chosen.utility).toBe(Math.max(...scored.map(({ utility }) => utility!)));
      }),
    );
  });

  test('never chooses an epoch that a late one dominates, measured or not', () => {
    const maybe = fc.option(fc.constantFrom(0.1, 0.2, 0.3), { nil: undefined });
    const scores = fc.array(fc.record({ utility: maybe, gap: maybe }), { minLength: 1, maxLength: 9 });
    const rules = fc.record({ from: fc.integer({ min: 1, max: 9 }), price: fc.constantFrom(0, 0.4) });
    fc.assert(
      fc.property(scores, rules, (scored: Scored[], rule) => {
        const chosen = selectEpoch(scored, rule);
        if (chosen === scored.length - 1) return;
        const late = scored.filter((_, at) => at + 1 >= rule.from);
        expect(late.some((other) => dominates(other, scored[chosen]!))).toBe(false);
      }),
    );
  });

  test('falls back to the late epoch of the best utility where none is near the best', () => {
    const scored = [
      { utility: 0.9, gap: 0.1 },
      { utility: 0.5, gap: 0 },
      { utility: 0.6, gap: 0.2 },
    ];
    expect(selectEpoch(scored, { from: 2, price: 0.02 })).toBe(2);
  });

  test('takes the last epoch where nothing can be measured', () => {
    const nothing = { utility: undefined, gap: undefined };
    expect(selectEpoch([nothing, nothing], { from: 1, price: 0.02 })).toBe(1);
  });
});
