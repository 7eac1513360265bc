// Rules 3, 9 and 12: masks by select, optional features, and the check for numbers that are not finite.
import { beforeAll, describe, expect, test } from 'vitest';
import { grads } from '../../src/autodiff/index.ts';
import { openGpu } from '../../src/backend/webgpu/index.ts';
import { embeddingBag, Parameters } from '../../src/nn/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import { compile, type Device, openDevice } from '../../src/program/index.ts';
import { gpu } from '../support/gpu.ts';
import { words } from '../support/models.ts';
import { expectAgreement, openTarget, trace } from '../support/programs.ts';

describe.skipIf(!gpu)('masks (rule 3)', () => {
  test('NaN and infinities behind a select reach neither the loss nor any gradient', async () => {
    const graph = newGraph();
    const x = graph.input('x', [6]);
    const known = graph.input('known', [6], 'bool');
    const w = graph.state('w', [1], [0.5]);
    const losses = known.select(x.mul(w).sub(1).square(), 0);
    const loss = losses.sum().div(known.cast('f32').sum().maximum(1));
    const dw = grads([loss], [w])[0]![0]!;
    const feeds = {
      x: Float32Array.of(1, Number.NaN, 2, Infinity, -1, -Infinity),
      known: Uint8Array.of(1, 0, 1, 0, 1, 0),
    };
    await expectAgreement({ spec: { outputs: { loss, dw } }, feeds }, await openTarget());
  });

  test('a mean over nothing is 0 with gradient 0: no label, an empty bag', async () => {
    const graph = newGraph();
    const bag = embeddingBag('bag', { rows: 5, width: 3 });
    const parameters = new Parameters(graph, [bag], 2);
    const seen = bag.apply(
      parameters,
      graph.input('words', [2, 4], 'u32'),
      graph.input('counts', [2], 'u32'),
    );
    const [gradients] = grads([seen.square().sum()], parameters.values);
    const feeds = { words: Uint32Array.of(0, 4, 1, 1, 2, 2, 2, 2), counts: Uint32Array.of(0, 3) };
    const target = await openTarget();
    const spec = { outputs: { seen, table: gradients![0]! } };
    await expectAgreement({ spec, feeds }, target);
    const [run] = await trace({ spec, feeds }, target);
    expect([...run!['seen']!.slice(0, 3)]).toEqual([0, 0, 0]);
  });
});

describe.skipIf(!gpu)('optional features (rule 9)', () => {
  /** The adapter without a single feature. */
  const bare = {
    requestAdapter: async () =>
      new Proxy((await gpu!.requestAdapter())!, {
        get: (adapter, key) => {
          if (key === 'features') return new Set<string>();
          const value: unknown = Reflect.get(adapter, key, adapter);
          return typeof value === 'function' ? value.bind(adapter) : value;
        },
      }),
  } as unknown as GPU;

  test('without timestamp-query, shader-f16 and subgroups a step gives the same answers', async () => {
    const plain = await openGpu(bare, { kernelClass: 'software' });
    for (const feature of ['timestamp-query', 'shader-f16', 'subgroups']) {
      expect(plain.device.features.has(feature as GPUFeatureName)).toBe(false);
    }
    const scenario = { ...words('adam'), runs: 3 };
    const withAll = await trace(scenario, await openTarget());
    expect(await trace(scenario, { kind: 'webgpu', gpu: plain })).toEqual(withAll);
  });

  test('a profile without timestamp-query is a typed error', async () => {
    const plain = await openGpu(bare);
    const x = newGraph().state('x', [4]);
    using program = await compile({ outputs: { y: x.add(1) } }, { kind: 'webgpu', gpu: plain });
    await expect(program.profile()).rejects.toThrow(/^profile: expected the feature 'timestamp-query'/);
  });
});

const kinds = ['cpu', ...(gpu ? (['webgpu'] as const) : [])] as const;

describe.each(kinds)("check('nonfinite') on %s (rule 12)", (kind) => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice(kind, { gpu });
  });

  test('names the first node that made NaN or infinity, its line and how many', async () => {
    const graph = newGraph();
    const x = graph.input('x', [5]);
    const loss = graph.scope('loss', () => x.log().mul(2).exp().sub(1).sum());
    using program = await compile({ outputs: { loss } }, device);
    program.write('x', Float32Array.of(1, 2, 3, 4, 5));
    expect(await program.check('nonfinite')).toBeNull();
    program.write('x', Float32Array.of(1, 0, 3, -4, 5));
    const found = await program.check('nonfinite');
    expect(found).toMatchObject({ node: 'loss/log_1', op: 'log', count: 2 });
    expect(found!.site).toMatch(/robustness\.test\.ts:\d+:\d+$/);
  });

  test('looks at the step to come, with present states and scalars, and changes nothing', async () => {
    const graph = newGraph();
    const state = graph.state('state', [3], [1, 2, 3]);
    const next = state.mul(graph.scalar('factor', 2));
    using program = await compile({ outputs: {}, updates: [{ target: state, value: next }] }, device);
    program.run();
    program.set('factor', 1e38);
    expect(await program.check('nonfinite')).toMatchObject({ node: next.node.name, op: 'mul', count: 2 });
    expect([...(await program.readState('state'))]).toEqual([2, 4, 6]);
    expect(program.runs).toBe(1);
  });

  test('names an input or a state that holds one already; after a restore, what makes it', async () => {
    const graph = newGraph();
    const state = graph.state('state', [1], [3]);
    const root = state.sub(2).sqrt().sub(1);
    using program = await compile({ outputs: {}, updates: [{ target: state, value: root }] }, device);
    const start = await program.save();
    program.run();
    const before = await program.save();
    program.run();
    expect(await program.check('nonfinite')).toMatchObject({ node: 'state', op: 'state' });
    program.restore(before);
    expect(await program.check('nonfinite')).toMatchObject({ op: 'sqrt', count: 1 });
    program.restore(start);
    expect(await program.check('nonfinite')).toBeNull();
  });

  test('finds nothing where nothing is a float, and wants inputs written', async () => {
    const graph = newGraph();
    const n = graph.input('n', [4], 'u32');
    using counts = await compile({ outputs: { n: n.add(1) } }, device);
    await expect(counts.check('nonfinite')).rejects.toThrow(
      "check: expected input 'n' (u32[4]) to be written first",
    );
    counts.write('n', new Uint32Array(4));
    expect(await counts.check('nonfinite')).toBeNull();
  });
});
