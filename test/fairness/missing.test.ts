// Missing labels, absent groups and units of labels (METHOD §2.4, items 2, 6 and 7).
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NoticeBoard } from '../../src/data/dataset.ts';
import { encodeTask, fitTask } from '../../src/data/encode/labels.ts';
import { inOrder } from '../../src/data/encode/rows.ts';
import type { FairnessSpec, Partition } from '../../src/fairness/index.ts';
import { layOut, type Task } from '../../src/mtl/index.ts';
import { openDevice, type Snapshot } from '../../src/program/index.ts';
import { Random } from '../../src/tensor/random.ts';
import type { HostArray } from '../../src/tensor/types.ts';
import { Constraint, randomBatch, same } from '../support/constraint.ts';
import { devices, float64, type Outputs } from '../support/devices.ts';

const tasks: readonly Task[] = [
  { kind: 'detection', name: 'odds', attributes: 2 },
  { kind: 'classification', name: 'classes', classes: 3 },
  { kind: 'regression', name: 'error' },
  { kind: 'regression', name: 'concordance' },
];
const fairness: Readonly<Record<string, FairnessSpec>> = {
  odds: { notion: 'equalized-odds', tolerance: 0.1 },
  classes: { notion: 'equal-opportunity', tolerance: 0.1 },
  error: { notion: 'error-parity', tolerance: 0.1 },
  concordance: { notion: 'ccc-parity', tolerance: 0.1 },
};
const partitions: readonly Partition[] = [
  { name: 'sex', cells: ['f', 'm'] },
  { name: 'age', cells: ['young', 'middle', 'old'] },
];
const largest = 3;
const rows = 24;
const layout = layOut(tasks);
const constants = { tolerance: same(layout, 0.1), weights: [1, 2, 3, 4] };

/** The outputs that predict the label in column `column`. */
function predictorsOf(column: number): number[] {
  const { outputs, labels, task } = layout.slots.find(
    (slot) => column >= slot.labels.start && column < slot.labels.end,
  )!;
  if (task.kind !== 'classification') return [outputs.start + column - labels.start];
  return Array.from({ length: task.classes }, (_, k) => outputs.start + k);
}

describe.each(devices)('on $name', ({ device, numRuns }) => {
  let constraint: Constraint;
  let fresh: Snapshot;
  beforeAll(async () => {
    constraint = await Constraint.compile({ tasks, fairness, partitions, rows }, device);
    fresh = await constraint.program.save();
  });
  afterAll(() => constraint[Symbol.dispose]());
  const run = (batch: ReturnType<typeof randomBatch>, decay = 0): Promise<Outputs> =>
    constraint.run({ inputs: { ...batch, ...constants }, scalars: { decay } });

  test('what stands in place of a missing label, and what was predicted for it, changes nothing at all', () =>
    fc.assert(
      fc.asyncProperty(fc.nat(1e6), async (seed) => {
        const random = new Random(seed);
        const batch = randomBatch(random, layout, partitions, rows);
        const other = { ...batch, labels: batch.labels.slice(), outputs: batch.outputs.slice() };
        batch.known.forEach((known, at) => {
          if (known) return;
          const row = Math.floor(at / layout.labels);
          const column = at % layout.labels;
          const isClass = column === layout.slots.find(({ task }) => task.name === 'classes')!.labels.start;
          other.labels[at] = isClass ? random.int(3) : 50 * random.normal();
          for (const output of predictorsOf(column))
            other.outputs[row * layout.outputs + output] = 20 * random.normal();
        });
        constraint.program.restore(fresh);
        const before = await run(batch);
        constraint.program.restore(fresh);
        const after = await run(other);
        for (const [name, values] of Object.entries(before)) {
          expect(
            after[name]!.every((value, i) => value === values[i]),
            name,
          ).toBe(true);
        }
        const slopes = Array.from(batch.known).flatMap((known, at) => {
          const row = Math.floor(at / layout.labels);
          const outputs = known ? [] : predictorsOf(at % layout.labels);
          return outputs.map((output) => before['by outputs']![row * layout.outputs + output]!);
        });
        expect(slopes.every((slope) => slope === 0)).toBe(true);
      }),
      { numRuns },
    ));

  test('outputs of people in no violated cell, and in no best served above its anchor, get no gradient at all', async () => {
    let touched = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(1e6), async (seed) => {
        const random = new Random(seed);
        const batch = randomBatch(random, layout, partitions, rows);
        constraint.program.restore(fresh);
        const outputs = await constraint.run({
          inputs: { ...batch, ...constants },
          states: {
            'fairness/anchor': constraint.columns.flatMap(() => [random.uniform(), random.uniform()]),
          },
        });
        const asked = cellsAsked(outputs);
        layout.slots.forEach((slot, task) => {
          for (let row = 0; row < rows; row++) {
            const concerned = constraint.columns.some(
              (column, k) =>
                column.task === task &&
                partitions.some((_, s) => {
                  const cell = batch.groups[row * partitions.length + s]!;
                  return cell >= 0 && asked[(k * partitions.length + s) * largest + cell];
                }),
            );
            const from = row * layout.outputs;
            const gradient = outputs['by outputs']!.slice(from + slot.outputs.start, from + slot.outputs.end);
            if (gradient.some((slope) => slope !== 0)) touched++;
            if (!concerned) expect(gradient.every((slope) => slope === 0)).toBe(true);
          }
        });
      }),
      { numRuns },
    );
    expect(touched).toBeGreaterThan(10 * numRuns);
  });

  test('a group that stays away for 500 batches keeps its estimate to the bit, and starts anew when it returns', async () => {
    const random = new Random(4);
    const batch = randomBatch(random, layout, partitions, rows);
    constraint.program.restore(fresh);
    await run(batch, 0.5);
    const names = ['fairness/means/soft', 'fairness/means/hard', 'fairness/moments/xy'];
    const remembered = await Promise.all(names.map((name) => constraint.program.readState(name)));
    const awayFor = { ...batch, groups: batch.groups.map((cell, at) => (at % 2 === 0 ? -1 : cell)) };
    await run(awayFor, 0.5);
    for (let step = 1; step < 500; step++) constraint.program.run();
    const kept = await Promise.all(names.map((name) => constraint.program.readState(name)));
    const counts = await constraint.program.readState('fairness/means/counts');
    // Of each statistic's cells the first half belong to `sex`, whose people were away.
    const away = (state: HostArray): number[] =>
      Array.from(state).filter((_, at) => at % (2 * largest) < largest);
    kept.forEach((state, i) => {
      expect(away(state)).toEqual(away(remembered[i]!));
    });
    counts.forEach((count, at) => {
      if (at % (2 * largest) < 2 && remembered[0]![at] !== 0) expect(count).toBeGreaterThan(0);
    });
    const back = await run(batch, 0.5);
    constraint.program.restore(fresh);
    const first = await run(batch, 0.5);
    back['served']!.forEach((level, at) => {
      if (at % (2 * largest) < largest) expect(Math.abs(level - first['served']![at]!)).toBeLessThan(1e-5);
    });
  });
});

/** The cells that violate, and those that are the reference above their anchor. */
function cellsAsked({ shortfalls, eligible, served, anchors }: Outputs): boolean[] {
  return shortfalls!.map((shortfall, at) => {
    if (eligible![at] === 0) return false;
    const part = Math.floor(at / largest);
    const levels = served!.slice(part * largest, (part + 1) * largest);
    const best = Math.max(...levels.filter((_, cell) => eligible![part * largest + cell] === 1));
    return shortfall > -1e-5 || (served![at] === best && best > anchors![part]!);
  });
}

test('the float32 interpreter, too, keeps the estimate of a group that stays away for 500 batches', async () => {
  using constraint = await Constraint.compile(
    { tasks, fairness, partitions, rows },
    await openDevice('cpu', { precision: 'f32' }),
  );
  const batch = randomBatch(new Random(4), layout, partitions, rows);
  await constraint.run({ inputs: { ...batch, ...constants }, scalars: { decay: 0.5 } });
  const before = await constraint.program.readState('fairness/means/soft');
  constraint.program.write('known', new Float64Array(rows * layout.labels));
  for (let step = 0; step < 500; step++) constraint.program.run();
  expect(await constraint.program.readState('fairness/means/soft')).toEqual(before);
});

test('the unit of a regression label changes nothing', async () => {
  const people = 40;
  using constraint = await Constraint.compile(
    {
      tasks: tasks.filter(({ kind }) => kind === 'regression'),
      fairness,
      partitions,
      rows: people,
    },
    float64.device,
  );
  const fresh = await constraint.program.save();
  await fc.assert(
    fc.asyncProperty(
      fc.nat(1e6),
      fc.constantFrom(1e-3, 0.3, 1.8, 2.54, 1000),
      fc.integer({ min: -300, max: 300 }),
      async (seed, scale, offset) => {
        const random = new Random(seed);
        const years = Float64Array.from({ length: people }, () => 40 + 12 * random.normal());
        const batch = randomBatch(random, constraint.layout, partitions, people);
        const inUnits = async (unit: (x: number) => number): Promise<Outputs> => {
          const column = { numbers: Float32Array.from(years, unit) };
          const task = { type: 'regression', name: 'age', columns: ['years'], transform: 'none' } as const;
          const all = new Uint8Array(people).fill(1);
          const { places } = inOrder(people);
          const { values } = encodeTask(fitTask(task, [column], all), [column], new NoticeBoard(), places);
          const labels = Float64Array.from({ length: 2 * people }, (_, at) => values[at >> 1]!);
          constraint.program.restore(fresh);
          return constraint.run({ inputs: { ...batch, labels, tolerance: [0.1, 0.1], weights: [1, 1] } });
        };
        const before = await inUnits((x) => x);
        const after = await inUnits((x) => scale * x + offset * scale);
        for (const [name, values] of Object.entries(before)) {
          const worst = values.map(
            (value, at) => Math.abs(after[name]![at]! - value) / (1 + Math.abs(value)),
          );
          expect(Math.max(...worst), name).toBeLessThan(1e-4);
        }
      },
    ),
    { numRuns: 20 },
  );
});
