// Programs on WebAssembly: training as the interpreter does it, the same bits each time, errors, custom kernels.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { evaluate } from '../../src/backend/cpu/interpreter.ts';
import { WasmExecutable } from '../../src/backend/wasm/index.ts';
import type { Graph, OpAttrs, Value } from '../../src/graph/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import { checkSpec } from '../../src/program/executable.ts';
import { compile, openDevice, type ProgramSpec } from '../../src/program/index.ts';
import { DeviceError, ProgramError } from '../../src/tensor/errors.ts';
import { Random } from '../../src/tensor/random.ts';
import type { HostArray } from '../../src/tensor/types.ts';
import { optimizers, twoTasks, words } from '../support/models.ts';
import { expectTrace } from '../support/programs.ts';
import { define } from '../support/traces.ts';
import { evaluateOnWasm, traceOnWasm } from '../support/wasm.ts';

const create = (spec: ProgramSpec): Promise<WasmExecutable> => WasmExecutable.create(checkSpec(spec));

describe('training', () => {
  const trainings = [
    { name: 'two tasks with AdamW, clipping and a schedule', training: twoTasks() },
    ...(Object.keys(optimizers) as (keyof typeof optimizers)[]).map((optimizer) => ({
      name: `words, embeddings and dropout with ${optimizer}`,
      training: words(optimizer),
    })),
  ];

  test.each(trainings)('twenty steps of $name are those of the float64 interpreter', async ({ training }) => {
    const scenario = { ...training, runs: 20 };
    expectTrace(await traceOnWasm(scenario), await define(scenario), 1e-4);
  });

  test('two runs are equal bit for bit', async () => {
    const scenario = { ...twoTasks(), runs: 20 };
    expect(await traceOnWasm(scenario)).toEqual(await traceOnWasm(scenario));
  });
});

describe('an index out of range', () => {
  const indices = (graph: Graph): Value => graph.input('i', [6], 'u32');
  const bad = Uint32Array.of(0, 1, 2, 9, 1, 400);
  const cases: { name: string; build: (graph: Graph) => Value }[] = [
    {
      name: 'gather',
      build: (graph) => graph.input('x', [6, 5]).slice([0, 0], [4, 5]).gather(indices(graph)),
    },
    {
      name: 'scatterAdd',
      build: (graph) => graph.apply('scatterAdd', [indices(graph), graph.input('x', [6, 5])], { rows: 4 }),
    },
    {
      name: 'softmaxCrossEntropy',
      build: (graph) => graph.input('x', [6, 5]).softmaxCrossEntropy(indices(graph)),
    },
  ];

  test.each(cases)(
    'in $name is the error of the interpreter, after the step, and once',
    async ({ build }) => {
      const graph = newGraph();
      const value = build(graph);
      const feeds = new Map<Value, HostArray>([
        [graph.leaf('x')!, new Float32Array(30).fill(1)],
        [graph.leaf('i')!, bad],
      ]);
      let message = '';
      try {
        evaluate([value], feeds);
      } catch (error) {
        message = (error as Error).message;
      }
      const executable = await create({ outputs: { value } });
      for (const [leaf, data] of feeds) executable.write(leaf.node.name, data);
      expect(() => executable.run()).toThrow(new ProgramError(message));
      executable.write('i', new Uint32Array(6));
      executable.run();
    },
  );
});

describe('a custom kernel', () => {
  test('is called with copies of its operands, amid the step', async () => {
    const graph = newGraph();
    const x = graph.input('x', [4]);
    const flags = x.gt(0);
    const attrs: OpAttrs['customKernel'] = {
      label: 'flip',
      output: { shape: [4], dtype: 'bool' },
      wgsl: '',
      constants: {},
      workgroups: [1, 1, 1],
      cpu: ([from, doubled], output) => {
        for (let i = 0; i < output.length; i++) output[i] = from![i] ? 0 : 1;
        doubled![0] = 99;
      },
    };
    const flipped = graph.apply('customKernel', [flags, x.mul(2)], attrs);
    const value = flipped.select(x.mul(2), 0).sum();
    const data = Float32Array.of(1, -2, 3, -4);
    expect((await evaluateOnWasm([value], new Map([[x, data]])))[0]).toEqual(Float32Array.of(-12));
  });
});

describe('sums', () => {
  const length = 1 << 22;
  const random = new Random(4);
  const data = Float32Array.from({ length }, () => random.uniform() + 1000);

  test.each([
    { what: 'all', shape: [length], axes: [0] },
    { what: 'three columns', shape: [length / 4, 4], axes: [0] },
    { what: 'rows and planes', shape: [64, 2, length / 128], axes: [0, 2] },
  ])('of four million floats ($what) are right to 1e-6', async ({ shape, axes }) => {
    const x = newGraph().input('x', shape);
    const [expected] = evaluate([x.sum(axes)], new Map([[x, data]]));
    const [actual] = await evaluateOnWasm([x.sum(axes)], new Map([[x, data]]));
    expected!.forEach((want, i) => {
      expect(Math.abs(actual![i]! / want - 1)).toBeLessThan(1e-6);
    });
  });
});

describe('WebAssembly', () => {
  afterEach(() => vi.restoreAllMocks());

  test('forbidden by a content-security policy is a DeviceError that says so, and auto falls back', async () => {
    const refusal = new WebAssembly.CompileError(
      "Refused because 'unsafe-eval' is not an allowed source of script",
    );
    vi.spyOn(WebAssembly, 'instantiate').mockRejectedValue(refusal);
    const graph = newGraph();
    const value = graph.input('x', [3]).exp();
    await expect(create({ outputs: { value } })).rejects.toThrow(DeviceError);
    await expect(openDevice('wasm')).rejects.toThrow(/content-security policy.*Refused/);
    const lines: string[] = [];
    const device = await openDevice('auto', { log: (line) => lines.push(line) });
    expect(device.kind).toBe('cpu');
    expect(lines.join()).toMatch(/Refused/);
  });

  test('cannot hold more than 4 GiB: a DeviceError before anything runs', async () => {
    const graph = newGraph();
    const x = graph.input('x', [40000, 1]);
    const square = x.matmul(x, { transB: true });
    await expect(create({ outputs: { square } })).rejects.toThrow(DeviceError);
  });

  test('profiles every call of a step, and its steps are real', async () => {
    const state = newGraph().state('count', [1]);
    using program = await compile(
      { outputs: {}, updates: [{ target: state, value: state.add(1) }] },
      await openDevice('wasm'),
    );
    const profile = await program.profile({ repeats: 2 });
    expect(profile.dispatches.map(({ label, nodes }) => [label, nodes.length])).toEqual([['pw:add', 1]]);
    expect(profile.dispatches[0]!.nanoseconds).toBeGreaterThan(0);
    expect((await program.readState('count'))[0]).toBeGreaterThan(4); // two in each mode, and those that warm up
  });
});
