// A whole FairMT step on made-up people: CPU and WebGPU agree, and the constraint does what it is for.
import { describe, expect, test } from 'vitest';
import { layOut } from '../../src/mtl/index.ts';
import { compile, type Device, openDevice } from '../../src/program/index.ts';
import { Random } from '../../src/tensor/random.ts';
import { packTargets, type TrainingData, writeFeatures } from '../../src/train/data.ts';
import { featureTrunk } from '../../src/train/features.ts';
import { type Method, methods } from '../../src/train/method.ts';
import { defaultSettings } from '../../src/train/settings.ts';
import { buildStep } from '../../src/train/step.ts';
import { gpu } from '../support/gpu.ts';

const rows = 96;
const layout = layOut([
  { kind: 'detection', name: 'd', attributes: 2 },
  { kind: 'classification', name: 'c', classes: 3 },
  { kind: 'regression', name: 'r' },
  { kind: 'regression', name: 'q', loss: 'ccc' },
]);
const partitions = [
  { name: 'sex', cells: ['f', 'm'] },
  { name: 'age', cells: ['a', 'b', 'c'] },
];
const features = { numeric: 4, categories: [3, 5], texts: [] };

function people(): TrainingData {
  const random = new Random(5);
  const draw = (length: number, next: () => number) => Float32Array.from({ length }, next);
  const label = (width: number, next: () => number) => ({
    values: draw(rows * width, next),
    known: draw(rows * width, () => Number(random.uniform() > 0.3)),
  });
  return {
    rows,
    numeric: draw(rows * 4, () => random.normal()),
    categorical: Uint32Array.from({ length: rows * 2 }, (_, i) => random.int(i % 2 === 0 ? 3 : 5)),
    labels: {
      d: label(2, () => random.int(2)),
      c: label(1, () => random.int(3)),
      r: label(1, () => random.normal()),
      q: label(1, () => random.normal()),
    },
    groups: {
      sex: Int32Array.from({ length: rows }, () => random.int(2)),
      age: Int32Array.from({ length: rows }, () => random.int(4) - 1),
    },
  };
}

async function run(method: Method, device: Device, steps: number) {
  const step = buildStep({
    layout,
    fairness: [
      { notion: 'equalized-odds', tolerance: 0.02 },
      { notion: 'error-parity', tolerance: 0.02 },
      { notion: 'ccc-parity', tolerance: 0.02 },
      { notion: 'equal-opportunity', tolerance: 0.02 },
    ],
    partitions,
    features,
    trunk: featureTrunk(features, { widths: [12, 6], embeddingWidth: 3 }),
    headWidths: [],
    rows,
    batch: 48,
    method,
    settings: { ...defaultSettings, 'minimum count': 3, 'learning rate': 0.01, noise: 0.1 },
    seed: 3,
  });
  using program = await compile(step.spec, device);
  const data = people();
  writeFeatures(program, features, data);
  program.write('targets', packTargets(data, layout, partitions));
  if (method.pressure.kind !== 'none') program.write('tolerance', new Float32Array(4).fill(0.02));
  const history: Record<string, number[]>[] = [];
  for (let s = 0; s < steps; s++) {
    program.write(
      'batch rows',
      Uint32Array.from({ length: 48 }, (_, i) => (i * 7 + s * 13) % rows),
    );
    program.run();
    const values: Record<string, number[]> = {};
    for (const name of Object.keys(step.spec.outputs)) values[name] = Array.from(await program.read(name));
    history.push(values);
  }
  return { history };
}

describe.each(['wasm', 'webgpu'] as const)('a step on %s', (kind) => {
  const available = kind === 'wasm' || gpu;
  test.skipIf(!available).each(Object.entries(methods))(
    '%s gives the numbers of the float64 interpreter',
    async (_, method) => {
      const expected = await run(method, await openDevice('cpu', { precision: 'f64' }), 6);
      const actual = await run(method, await openDevice(kind, { gpu }), 6);
      for (const [s, values] of expected.history.entries()) {
        for (const [name, list] of Object.entries(values)) {
          list.forEach((value, i) => {
            const got = actual.history[s]![name]![i]!;
            const place = `step ${s} ${name}[${i}]: ${got} against ${value}`;
            expect(Math.abs(got - value), place).toBeLessThan(2e-3 * (1 + Math.abs(value)));
          });
        }
      }
    },
  );
});
