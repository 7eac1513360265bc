// Every method compiles for every notion of a single task: the smallest steps, whose fused units once closed a circle.
import { describe, expect, test } from 'vitest';
import { notionsOf } from '../../src/fairness/index.ts';
import { openDevice } from '../../src/program/index.ts';
import { methods, Trainer } from '../../src/train/index.ts';

const rows = 16;
const data = {
  rows,
  numeric: Float32Array.from({ length: 4 * rows }, (_, i) => Math.sin(i)),
  labels: {
    only: {
      values: Float32Array.from({ length: rows }, (_, i) => i % 2),
      known: new Uint8Array(rows).fill(1),
    },
  },
  groups: { group: Int32Array.from({ length: rows }, (_, i) => i % 3) },
};

describe.each(Object.entries(methods))('%s of one task', (_, method) => {
  test.each(notionsOf.detection)('compiles and runs under %s', async (notion) => {
    const trainer = await Trainer.create(
      {
        model: {
          tasks: [{ kind: 'detection', name: 'only' }],
          features: { numeric: 4, categories: [], texts: [] },
          trunk: { widths: [8] },
          headWidths: [],
        },
        fairness: { only: { notion, tolerance: 0.02 } },
        partitions: [{ name: 'group', cells: ['a', 'b', 'c'] }],
        data,
        method,
        epochs: 1,
        warmupEpochs: 0,
        batch: 8,
        seed: 0,
      },
      await openDevice('wasm'),
    );
    const { values } = await trainer.runEpoch();
    expect(values['losses']!.every(Number.isFinite)).toBe(true);
    trainer.dispose();
  });
});
