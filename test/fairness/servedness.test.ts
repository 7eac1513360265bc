// Every notion of METHOD §2.1's table against plain loops: soft and hard, over several batches, groups and partitions.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gradcheck } from '../../src/backend/cpu/gradcheck.ts';
import {
  estimateConcordances,
  estimateMeans,
  type FairnessSpec,
  membership,
  type Partition,
  servednessColumns,
} from '../../src/fairness/index.ts';
import { layOut, type Task } from '../../src/mtl/index.ts';
import { Random } from '../../src/tensor/random.ts';
import { Constraint, randomBatch, same } from '../support/constraint.ts';
import { devices, type Outputs } from '../support/devices.ts';
import { type PlainCell, plainStatistics } from './plain-statistics.ts';

const specs: Record<string, FairnessSpec> = {
  opportunity: { notion: 'equal-opportunity', tolerance: 0 },
  refusal: { notion: 'equal-opportunity', tolerance: 0, favourable: 'negative' },
  odds: { notion: 'equalized-odds', tolerance: 0, favourable: 'negative' },
  selection: { notion: 'demographic-parity', tolerance: 0 },
  rejection: { notion: 'demographic-parity', tolerance: 0, favourable: 'negative' },
  accuracy: { notion: 'accuracy-parity', tolerance: 0 },
  loss: { notion: 'loss-parity', tolerance: 0, priorLoss: [0.625, 0.5] },
  error: { notion: 'error-parity', tolerance: 0 },
  concordance: { notion: 'ccc-parity', tolerance: 0 },
  square: { notion: 'loss-parity', tolerance: 0, priorLoss: [0.875] },
  classes: { notion: 'equal-opportunity', tolerance: 0 },
  chosen: { notion: 'demographic-parity', tolerance: 0, favourable: [0, 2] },
  right: { notion: 'accuracy-parity', tolerance: 0 },
  surprise: { notion: 'loss-parity', tolerance: 0, priorLoss: [1.125] },
};
const tasks: readonly Task[] = [
  { kind: 'detection', name: 'opportunity', attributes: 2 },
  { kind: 'detection', name: 'refusal' },
  { kind: 'detection', name: 'free' },
  { kind: 'detection', name: 'odds', attributes: 2 },
  { kind: 'detection', name: 'selection' },
  { kind: 'detection', name: 'rejection' },
  { kind: 'detection', name: 'accuracy' },
  { kind: 'detection', name: 'loss', attributes: 2 },
  { kind: 'classification', name: 'classes', classes: 3 },
  { kind: 'classification', name: 'chosen', classes: 4 },
  { kind: 'classification', name: 'right', classes: 3 },
  { kind: 'classification', name: 'surprise', classes: 3 },
  { kind: 'regression', name: 'error', outputs: 2 },
  { kind: 'regression', name: 'concordance', outputs: 2 },
  { kind: 'regression', name: 'square' },
];
const partitions: readonly Partition[] = [
  { name: 'sex', cells: ['f', 'm'] },
  { name: 'age', cells: ['young', 'middle', 'old'] },
  { name: 'sex × age', cells: ['fy', 'fm', 'fo', 'my', 'mm', 'mo'] },
];
const rows = 60;
const layout = layOut(tasks);
const settings = { temperature: 0.4, decay: 0.8 };

describe.each(devices)('on $name', ({ device, rounding }) => {
  test('served-ness, standard errors and counts of every notion are those of plain loops, batch after batch', async () => {
    using constraint = await Constraint.compile({ tasks, fairness: specs, partitions, rows }, device);
    const random = new Random(11);
    for (let round = 0; round < 2; round++) {
      const initial = await constraint.program.save();
      const batches = Array.from({ length: 3 }, () => randomBatch(random, layout, partitions, rows));
      for (const [at, batch] of batches.entries()) {
        const outputs = await constraint.run({
          inputs: { ...batch, tolerance: same(layout, 0), weights: same(layout, 1) },
          scalars: settings,
        });
        const plain = plainStatistics(layout, specs, partitions, batches.slice(0, at + 1), settings);
        expect(plain.length).toBe(11 * constraint.columns.length);
        for (const cell of plain) expectCell(constraint, outputs, cell, 50 * rounding);
      }
      constraint.program.restore(initial);
    }
  });
});

/** What the graph says of the cell that plain loops have computed. */
function expectCell({ columns }: Constraint, outputs: Outputs, plain: PlainCell, tolerance: number): void {
  const column = columns.findIndex(
    ({ task, output, condition }) =>
      layout.slots[task]!.task.name === plain.task &&
      output === plain.output &&
      condition === plain.condition,
  );
  const what = `${plain.task}[${plain.output}] ${plain.condition} of ${partitions[plain.partition]!.cells[plain.cell]}`;
  if (column < 0) expect.fail(`no column for ${what}`);
  const at = (column * partitions.length + plain.partition) * 6 + plain.cell;
  const close = (name: string, expected: number, allowed = tolerance): void => {
    const got = outputs[name]![at]!;
    if (!(Math.abs(got - expected) < allowed)) expect.fail(`${name} of ${what}: ${got}, not ${expected}`);
  };
  close('counts', plain.count, tolerance * 10);
  close('eligible', Number(plain.count >= 1));
  close('served', plain.served);
  close('served hard', plain.hard);
  // A root loses half of the digits near 0.
  close('errors', plain.error, Math.sqrt(tolerance * 1e-2));
  close('errors hard', plain.hardError, Math.sqrt(tolerance * 1e-2));
}

test('a padded cell is never eligible', async () => {
  using constraint = await Constraint.compile(
    { tasks, fairness: specs, partitions, rows },
    devices[0]!.device,
  );
  const batch = randomBatch(new Random(5), layout, partitions, rows);
  const { eligible } = await constraint.run({
    inputs: { ...batch, tolerance: same(layout, 0), weights: same(layout, 1) },
  });
  partitions.forEach(({ cells }, partition) => {
    for (let at = partition * 6; at < eligible!.length; at += 18) {
      expect(eligible!.slice(at + cells.length, at + 6).every((one) => one === 0)).toBe(true);
    }
  });
});

test('the gradient of every served-ness is its difference quotient', () => {
  const people = 7;
  const two = [{ name: 'sex', cells: ['f', 'm'] }];
  fc.assert(
    fc.property(fc.nat(1e6), (seed) => {
      const random = new Random(seed);
      const { outputs, labels, known } = randomBatch(random, layout, two, people);
      const groups = Array.from({ length: people }, (_, i) => i % 2);
      gradcheck(
        ([values], graph) => {
          const columns = servednessColumns({
            layout,
            specs: layout.slots.map(({ task }) => specs[task.name]),
            outputs: values!,
            labels: {
              values: graph.constant(labels, [people, layout.labels]),
              known: graph.constant(known, [people, layout.labels], 'bool'),
            },
            temperature: 0.7,
          });
          const members = membership(graph.constant(groups, [people, 1]), 2);
          // Without a past the estimate is the batch's, so the straight-through gradient is exact.
          const now = { decay: 0, minCount: 1 };
          const { means, concordances } = columns;
          const first = estimateMeans(means!, members, [means!.names.length, 1, 2], now);
          const second = estimateConcordances(
            concordances!,
            members,
            [concordances!.names.length, 1, 2],
            now,
          );
          return first.soft.served.concat([second.soft.served], 0);
        },
        [{ shape: [people, layout.outputs], data: Array.from(outputs) }],
        { tolerance: 1e-5 },
      );
    }),
    { numRuns: 3 },
  );
});
