// What must leave no trace in a step (METHOD §2.4, items 4 and 7): a constraint that is met, and a task without labels.
import { describe, expect, test } from 'vitest';
import type { FairnessSpec } from '../../src/fairness/index.ts';
import type { Task } from '../../src/mtl/index.ts';
import type { Snapshot } from '../../src/program/index.ts';
import { Random } from '../../src/tensor/random.ts';
import type { TrainingData } from '../../src/train/data.ts';
import { type Method, methods } from '../../src/train/method.ts';
import { devices } from '../support/devices.ts';
import { Training } from '../support/training.ts';

const rows = 40;
const inputs = 3;
const width = 4;
const tasks: readonly Task[] = [
  { kind: 'detection', name: 'kept' },
  { kind: 'regression', name: 'also', loss: 'mse' },
  { kind: 'regression', name: 'silent' },
];
const partitions = [{ name: 'sex', cells: ['f', 'm'] }];

function people(tolerant: readonly string[]): TrainingData {
  const random = new Random(8);
  const label = (name: string, next: () => number) => ({
    values: Float32Array.from({ length: rows }, next),
    known: Float32Array.from({ length: rows }, () => Number(tolerant.includes(name))),
  });
  return {
    rows,
    numeric: Float32Array.from({ length: rows * inputs }, () => random.normal()),
    labels: {
      kept: label('kept', () => random.int(2)),
      also: label('also', () => random.normal()),
      silent: label('silent', () => random.normal()),
    },
    groups: { sex: Int32Array.from({ length: rows }, () => random.int(2)) },
  };
}

const everyone = Uint32Array.from({ length: rows }, (_, i) => i);
const settings = { 'minimum count': 1, noise: 0, 'learning rate': 0.01, ridge: 0.5 };
const trunk = { widths: [5, width], activation: 'tanh' } as const;
const fair = (notion: FairnessSpec['notion'], tolerance: number): FairnessSpec => ({ notion, tolerance });

/** Directions under which a constraint enters in different ways. */
const constrained: readonly [string, Method][] = [
  ['fairmt', methods.fairmt],
  ['fairmt-without-qp', methods['fairmt-without-qp']],
  ['per-task', { ...methods.fairmt, direction: 'per-task' }],
];

describe.each(devices)('on $name', ({ device, rounding }) => {
  test.each(constrained)(
    'where A = 0 a step of %s is the step without the constraint, bit for bit',
    async (_, method) => {
      using training = await Training.compile(
        {
          tasks,
          data: people(['kept', 'also', 'silent']),
          fairness: { kept: fair('accuracy-parity', 0.6), also: fair('error-parity', 0.6) },
          partitions,
          trunk,
          batch: rows,
          method,
          settings,
        },
        device,
      );
      const { program } = training;
      // Into the middle of a training under pressure, then into a batch where everyone is within tolerance.
      program.write('tolerance', new Float64Array(tasks.length));
      for (let step = 0; step < 4; step++) training.run(everyone);
      expect(Math.max(...(await training.read('violation')))).toBeGreaterThan(0);
      program.write('tolerance', new Float64Array(tasks.length).fill(5));
      const middle = await program.save();
      training.run(everyone);
      expect(await training.read('violation')).toEqual([0, 0, 0]);
      expect(Math.min(...(await training.read('multipliers')).slice(0, 2))).toBeGreaterThan(0);
      const under = await program.readState('parameters');
      program.restore(middle);
      program.set('pressure', 0);
      training.run(everyone);
      expect(await program.readState('parameters')).toEqual(under);
      program.restore(middle);
      program.set('pressure', 1);
      program.write('tolerance', new Float64Array(tasks.length));
      training.run(everyone);
      expect(await program.readState('parameters')).not.toEqual(under);
    },
  );

  test.each([
    ['fairmt', methods.fairmt],
    ['fairmt-without-qp', methods['fairmt-without-qp']],
    ['mgda', methods.mgda],
    ['erm', methods.erm],
  ])('a task without labels leaves a step of %s: the others train as without it', async (_, method) => {
    const shared = {
      data: people(['kept', 'also']),
      fairness: { kept: fair('accuracy-parity', 0.01), also: fair('error-parity', 0.01) },
      partitions,
      trunk,
      batch: rows,
      method,
      settings: { ...settings, 'weight decay': 0 },
    };
    using whole = await Training.compile({ ...shared, tasks }, device);
    using part = await Training.compile({ ...shared, tasks: tasks.slice(0, 2) }, device);
    const initial = await whole.program.save();
    part.program.restore({ parameters: withoutSilent(part, initial) });
    for (let step = 0; step < 5; step++) {
      whole.run(everyone);
      part.run(everyone);
    }
    expect((await whole.read('alpha'))[2]).toBe(0);
    expect((await whole.read('losses'))[2]).toBe(0);
    const [after, alone] = [await whole.program.save(), await part.program.save()];
    withoutSilent(part, after).forEach((value, i) => {
      expect(Math.abs(value - alone['parameters']![i]!)).toBeLessThan(100 * rounding);
    });
    const moved = withoutSilent(part, after).some((value, i) => value !== withoutSilent(part, initial)[i]);
    expect(moved).toBe(true);
  });
});

/** The parameters that a model of the first two tasks has too: all but the last output's weights and bias. */
function withoutSilent({ step }: Training, { parameters }: Snapshot): Float64Array {
  const kept = new Float64Array(step.parameters.flat.size);
  const all = Array.from(parameters!);
  const heads = width * tasks.length;
  const total = all.length;
  const weights = step.parameters.entries.find(({ name }) => name === 'heads/weight')!;
  // Weights come first, the heads' last among them; biases follow, the heads' last again.
  const before = weights.offset;
  const matrix = all.slice(before, before + heads).filter((_, i) => i % tasks.length < tasks.length - 1);
  const biases = all.slice(before + heads, total - 1);
  kept.set([...all.slice(0, before), ...matrix, ...biases]);
  return kept;
}
