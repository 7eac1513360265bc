// Utility losses (METHOD §1) against plain loops: masks, weights, smoothing, and every loss of regression.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { grads } from '../../src/autodiff/index.ts';
import { gradcheck } from '../../src/backend/cpu/gradcheck.ts';
import { type ClassificationTask, layOut, type Task, taskLosses } from '../../src/mtl/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import { compile, type Program } from '../../src/program/index.ts';
import { Random } from '../../src/tensor/random.ts';
import { randomBatch } from '../support/constraint.ts';
import { devices, type Outputs, runWith } from '../support/devices.ts';

// Weights that float32 holds exactly.
const tasks: readonly Task[] = [
  { kind: 'detection', name: 'plain' },
  { kind: 'detection', name: 'rare', attributes: 3, positiveWeight: 4.5 },
  { kind: 'classification', name: 'classes', classes: 4 },
  { kind: 'classification', name: 'weighted', classes: 3, classWeights: [0.5, 2, 1.25] },
  { kind: 'classification', name: 'smooth', classes: 3, labelSmoothing: 0.25, classWeights: [1, 3, 0.5] },
  { kind: 'regression', name: 'huber', outputs: 2 },
  { kind: 'regression', name: 'mse', loss: 'mse' },
  { kind: 'regression', name: 'mae', outputs: 2, loss: 'mae' },
  { kind: 'regression', name: 'ccc', outputs: 2, loss: 'ccc' },
];
const layout = layOut(tasks);
const rows = 23;
type Batch = Record<'outputs' | 'labels' | 'known', ArrayLike<number>>;

function lossStep() {
  const graph = newGraph();
  const outputs = graph.input('outputs', [rows, layout.outputs]);
  const labels = {
    values: graph.input('labels', [rows, layout.labels]),
    known: graph.input('known', [rows, layout.labels]).gt(0.5),
  };
  const { losses, counts } = taskLosses(layout, outputs, labels);
  const [gradients] = grads([losses.sum()], [outputs]);
  return { outputs: { losses, counts, gradient: gradients![0]! } };
}

/** One task's loss and the number of labels behind it, by METHOD §1. */
function plainLoss(task: Task, slot: (typeof layout.slots)[number], batch: Batch): [number, number] {
  const people = Array.from({ length: rows }, (_, row) => row);
  const logit = (row: number, c: number): number =>
    batch.outputs[row * layout.outputs + slot.outputs.start + c]!;
  const label = (row: number, c: number): number =>
    batch.labels[row * layout.labels + slot.labels.start + c]!;
  const labelled = (c: number): number[] =>
    people.filter((row) => batch.known[row * layout.labels + slot.labels.start + c] === 1);
  const columns = Array.from({ length: slot.labels.end - slot.labels.start }, (_, c) => c);
  const count = columns.reduce((sum, c) => sum + labelled(c).length, 0);
  const mean = (loss: (row: number, c: number) => number): [number, number] => {
    const sum = columns.reduce(
      (total, c) => labelled(c).reduce((part, row) => part + loss(row, c), total),
      0,
    );
    return [sum / Math.max(1, count), count];
  };
  if (task.kind === 'detection') {
    const weight = task.positiveWeight ?? 1;
    return mean((row, c) => {
      const p = 1 / (1 + Math.exp(-logit(row, c)));
      return label(row, c) === 1 ? -weight * Math.log(p) : -Math.log(1 - p);
    });
  }
  if (task.kind === 'classification')
    return mean((row) => crossEntropy(task, (k) => logit(row, k), label(row, 0)));
  const residual = (row: number, c: number): number => Math.abs(logit(row, c) - label(row, c));
  switch (task.loss) {
    case 'mse':
      return mean((row, c) => residual(row, c) ** 2);
    case 'mae':
      return mean(residual);
    case 'ccc': {
      const losses = columns.map((c) =>
        oneMinusConcordance(
          labelled(c).map((row) => logit(row, c)),
          labelled(c).map((row) => label(row, c)),
        ),
      );
      return [losses.reduce((a, b) => a + b) / columns.length, count];
    }
    default:
      return mean((row, c) => (residual(row, c) < 1 ? residual(row, c) ** 2 / 2 : residual(row, c) - 0.5));
  }
}

/** Against the label's one-hot target, of which a share is spread over all classes. */
function crossEntropy(task: ClassificationTask, logit: (k: number) => number, label: number): number {
  const { classes, classWeights, labelSmoothing = 0 } = task;
  const every = Array.from({ length: classes }, (_, k) => k);
  const total = every.reduce((sum, k) => sum + Math.exp(logit(k)), 0);
  const loss = every.reduce((sum, k) => {
    const target = (1 - labelSmoothing) * Number(k === label) + labelSmoothing / classes;
    return sum - target * Math.log(Math.exp(logit(k)) / total);
  }, 0);
  return loss * (classWeights?.[label] ?? 1);
}

function oneMinusConcordance(x: readonly number[], y: readonly number[]): number {
  const n = x.length;
  if (n === 0) return 0;
  const average = (values: readonly number[]): number => values.reduce((a, b) => a + b) / n;
  const [mx, my] = [average(x), average(y)];
  const covariance = average(x.map((value, i) => (value - mx) * (y[i]! - my)));
  const variances = average(x.map((value, i) => (value - mx) ** 2 + (y[i]! - my) ** 2));
  return 1 - (2 * covariance) / (variances + (mx - my) ** 2 + 1e-6);
}

describe.each(devices)('losses on $name', ({ device, rounding, numRuns }) => {
  let program: Program;
  beforeAll(async () => {
    program = await compile(lossStep(), device);
  });
  afterAll(() => program.dispose());
  const run = (batch: Batch): Promise<Outputs> =>
    runWith(program, ['losses', 'counts', 'gradient'], {
      inputs: {
        outputs: Array.from(batch.outputs),
        labels: Array.from(batch.labels),
        known: Array.from(batch.known),
      },
    });
  const holds = (property: (batch: ReturnType<typeof randomBatch>, random: Random) => Promise<void>) =>
    fc.assert(
      fc.asyncProperty(fc.nat(1e6), (seed) => {
        const random = new Random(seed);
        return property(randomBatch(random, layout, [], rows), random);
      }),
      { numRuns },
    );

  test('are those of plain loops; a task without labels has loss 0 and no gradient', () =>
    holds(async (batch, random) => {
      const silent = layout.slots[random.int(layout.slots.length)]!;
      const known = batch.known.map((value, at) => {
        const column = at % layout.labels;
        return column >= silent.labels.start && column < silent.labels.end ? 0 : value;
      });
      const { losses, counts, gradient } = await run({ ...batch, known });
      layout.slots.forEach((slot, t) => {
        const [loss, count] = plainLoss(slot.task, slot, { ...batch, known });
        expect(counts![t]).toBe(count);
        expect(Math.abs(losses![t]! - loss), slot.task.name).toBeLessThan(10 * rounding * (1 + loss));
        if (slot === silent) expect(losses![t]).toBe(0);
      });
      gradient!.forEach((slope, at) => {
        const column = at % layout.outputs;
        if (column >= silent.outputs.start && column < silent.outputs.end) expect(slope === 0).toBe(true);
      });
    }));

  test('what stands in place of a missing label, or was predicted for it, changes nothing at all', () =>
    holds(async (batch, random) => {
      const outputs = batch.outputs.slice();
      const labels = batch.labels.slice();
      for (const slot of layout.slots) {
        const isClass = slot.task.kind === 'classification';
        for (let row = 0; row < rows; row++) {
          for (let column = slot.labels.start; column < slot.labels.end; column++) {
            const at = row * layout.labels + column;
            if (batch.known[at]) continue;
            labels[at] = isClass ? random.int(3) : 30 * random.normal();
            const from = isClass ? slot.outputs.start : slot.outputs.start + column - slot.labels.start;
            const to = isClass ? slot.outputs.end : from + 1;
            for (let output = from; output < to; output++)
              outputs[row * layout.outputs + output] = 30 * random.normal();
          }
        }
      }
      const before = await run(batch);
      const after = await run({ ...batch, outputs, labels });
      for (const [name, values] of Object.entries(before)) {
        expect(
          after[name]!.every((value, at) => value === values[at]),
          name,
        ).toBe(true);
      }
    }));
});

test('the gradient of every loss is its difference quotient', () => {
  const people = 6;
  fc.assert(
    fc.property(fc.nat(1e6), (seed) => {
      const { outputs, labels, known } = randomBatch(new Random(seed), layout, [], people);
      gradcheck(
        ([values], graph) =>
          taskLosses(layout, values!, {
            values: graph.constant(labels, [people, layout.labels]),
            known: graph.constant(known, [people, layout.labels], 'bool'),
          }).losses,
        [{ shape: [people, layout.outputs], data: Array.from(outputs) }],
        { tolerance: 2e-5 },
      );
    }),
    { numRuns: 5 },
  );
});

test('two equal constants have concordance 0, not NaN', async () => {
  using program = await compile(lossStep(), devices[0]!.device);
  const { losses, gradient } = await runWith(program, ['losses', 'gradient'], {
    inputs: {
      outputs: new Float64Array(rows * layout.outputs).fill(0.5),
      labels: new Float64Array(rows * layout.labels).fill(0.5).map((value, at) => {
        const slot = layout.slots.find(({ labels }) => at % layout.labels < labels.end)!;
        return slot.task.kind === 'regression' ? value : 1;
      }),
      known: new Float64Array(rows * layout.labels).fill(1),
    },
  });
  expect(losses![layout.slots.findIndex(({ task }) => task.name === 'ccc')]).toBeCloseTo(1);
  expect(gradient!.every(Number.isFinite)).toBe(true);
});
