// Rule 10: an error says the call, what was expected, what came, the node's name and the user's line.
import { beforeAll, describe, expect, test } from 'vitest';
import { grads } from '../../src/autodiff/index.ts';
import { openGpu } from '../../src/backend/webgpu/index.ts';

import { linear, mlp, Parameters } from '../../src/nn/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import { compile, openDevice, type Program } from '../../src/program/index.ts';
import { DeviceError, GraphError, ProgramError } from '../../src/tensor/errors.ts';
import type { DType } from '../../src/tensor/types.ts';
import { gpu } from '../support/gpu.ts';
import { type GpuTarget, openTarget } from '../support/programs.ts';

const here = /\(at [^()]*errors\.test\.ts:\d+:\d+\)$/;

/** What `call` throws, or rejects with. */
async function errorOf(call: () => unknown): Promise<Error> {
  try {
    await call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected an error, but nothing was thrown');
}

/** The error of a wrong call of the graph: its type, its text, and that it ends with a line of this file. */
async function expectGraphError(call: () => unknown, text: string): Promise<void> {
  const error = await errorOf(call);
  expect(error).toBeInstanceOf(GraphError);
  expect(error.message).toContain(text);
  expect(error.message).toMatch(here);
}

describe('building a graph', () => {
  const graph = newGraph();
  const x = graph.input('x', [2, 3]);

  test('shapes that do not fit are named both', async () => {
    const y = graph.input('y', [4]);
    await expectGraphError(() => x.add(y), 'add: expected shapes that broadcast, got [2,3] and [4]');
    await expectGraphError(
      () => x.matmul(graph.input('m', [4, 5])),
      'matmul: expected […, m, k] and […, k, n] with equal leading extents, got f32[2,3] and f32[4,5]',
    );
    await expectGraphError(
      () => x.reshape([4, 2]),
      'reshape: expected a shape of 6 elements, as [2,3] has, got [4,2]',
    );
  });

  test('unknown dtypes and dtypes that do not fit', async () => {
    await expectGraphError(
      () => graph.input('h', [2], 'f16' as DType),
      "input('h'): expected a dtype of f32, i32, u32, bool, got f16",
    );
    await expectGraphError(
      () => x.cast('f64' as DType),
      'cast: expected a dtype of f32, i32, u32, bool, got f64',
    );
    await expectGraphError(
      () => x.add(graph.input('i', [2, 3], 'i32')),
      'add: expected operands of one dtype, got f32[2,3] and i32[2,3]',
    );
  });

  test('an axis out of range', async () => {
    await expectGraphError(() => x.sum(2), 'sum: expected different axes in −2 … 1, got [2]');
    await expectGraphError(() => x.mean([0, 0]), 'sum: expected different axes in −2 … 1, got [0,0]');
    await expectGraphError(() => x.argMax(-3), 'argMax: expected different axes in −2 … 1, got [-3]');
  });

  test('a value of another graph', async () => {
    const stranger = newGraph().input('other', [2, 3]);
    await expectGraphError(
      () => x.add(stranger),
      "add: expected values of one graph, got 'other' of another graph",
    );
    const error = await errorOf(() =>
      compile({ outputs: { x, stranger } }, { kind: 'cpu', precision: 'f32' }),
    );
    expect(error.message).toBe("compile: expected values of one graph, got 'other' of another");
  });

  test('a leaf of a name already taken, or of no extent', async () => {
    await expectGraphError(() => graph.input('x', [1]), "input('x'): expected a name not yet taken");
    await expectGraphError(
      () => graph.state('empty', [0]),
      "state('empty'): expected positive whole extents, got [0]",
    );
    await expectGraphError(
      () => graph.state('short', [3], [1, 2]),
      "state('short'): expected 3 initial elements, got 2",
    );
  });

  test('deep inside layers, the user’s line is still found', async () => {
    const network = mlp('network', { inputs: 4, widths: [8, 8, 2] });
    const parameters = new Parameters(graph, [network], 1);
    await expectGraphError(() => network.apply(parameters, x), 'matmul: expected');
  });

  test('an update whose target is no state, is updated twice, or has another shape', async () => {
    const state = graph.state('s', [3]);
    const cpu = await openDevice('cpu');
    const compiled = (
      target = state,
      value = state.add(1),
      more = [] as (typeof state)[],
    ): Promise<Program> =>
      compile({ outputs: {}, updates: [{ target, value }, ...more.map((v) => ({ target, value: v }))] }, cpu);
    expect((await errorOf(() => compiled(x, x))).message).toMatch(
      /^update of 'x': expected a state, got the op 'input' \(at .*errors\.test\.ts/,
    );
    expect((await errorOf(() => compiled(state, state, [state]))).message).toMatch(
      /^update of 's': expected one update a state, got a second one \(at /,
    );
    expect((await errorOf(() => compiled(state, state.sum()))).message).toMatch(
      /^update of 's': expected f32\[3\], got f32\[\] \(at /,
    );
    expect((await errorOf(() => compile({ outputs: {} }, cpu))).message).toBe(
      'compile: expected an output or an update, got neither',
    );
  });
});

const devices = ['cpu', ...(gpu ? (['webgpu'] as const) : [])] as const;

describe.each(devices)('running a program on %s', (kind) => {
  const make = async (): Promise<Program> => {
    const graph = newGraph();
    const x = graph.input('x', [2, 3]);
    const rate = graph.scalar('rate', 1);
    const total = graph.state('total', []);
    const y = x.mul(rate);
    return compile(
      { outputs: { y }, updates: [{ target: total, value: total.add(y.sum()) }] },
      await openDevice(kind, { gpu }),
    );
  };

  const expectProgramError = async (call: () => unknown, text: string): Promise<Error> => {
    const error = await errorOf(call);
    expect(error).toBeInstanceOf(ProgramError);
    expect(error.message).toContain(text);
    return error;
  };

  test('an input never written', async () => {
    using program = await make();
    const error = await expectProgramError(
      () => program.run(),
      "run: expected input 'x' (f32[2,3]) to be written first, got nothing",
    );
    expect(error.message).toMatch(here);
  });

  test('an input, or a snapshot, of the wrong length', async () => {
    using program = await make();
    const error = await expectProgramError(
      () => program.write('x', Float32Array.of(1, 2)),
      "write('x'): expected 6 elements (f32[2,3]), got 2",
    );
    expect(error.message).toMatch(here);
    await expectProgramError(
      () => program.restore({ total: new Float32Array(2) }),
      "restore: state 'total': expected 1 elements (f32[]), got 2",
    );
  });

  test('a name that is not there lists those that are', async () => {
    using program = await make();
    await expectProgramError(
      () => program.write('z', Float32Array.of(1)),
      "write('z'): expected the name of a input: x, got 'z'",
    );
    await expectProgramError(
      () => program.set('y', 1),
      "set('y'): expected the name of a scalar: rate, got 'y'",
    );
    await expectProgramError(() => program.read('x'), "read('x'): expected one of y, got 'x'");
    await expectProgramError(
      () => program.readState('y'),
      "readState('y'): expected the name of a state: total",
    );
    await expectProgramError(
      () => program.restore({ y: Float32Array.of(1) }),
      "restore('y'): expected the name of a",
    );
  });

  test('a read before the first run, and one of more than one element as a number', async () => {
    using program = await make();
    await expectProgramError(() => program.read('y'), "read('y'): expected a run before it, got none");
    await expectProgramError(
      () => program.readNumber('y'),
      "readNumber('y'): expected one element, got f32[2,3]",
    );
    await expectProgramError(
      () => program.watch('y', { every: 0 }, () => {}),
      'watch: expected a whole number',
    );
  });

  test('every call of a disposed program', async () => {
    const program = await make();
    program.dispose();
    program.dispose();
    const calls: Record<string, () => unknown> = {
      write: () => program.write('x', new Float32Array(6)),
      set: () => program.set('rate', 2),
      run: () => program.run(),
      read: () => program.read('y'),
      readState: () => program.readState('total'),
      watch: () => program.watch('y', { every: 1 }, () => {}),
      save: () => program.save(),
      restore: () => program.restore({}),
      check: () => program.check('nonfinite'),
      profile: () => program.profile(),
    };
    for (const [name, call] of Object.entries(calls)) {
      await expectProgramError(call, `${name}: expected a live program, got one that was disposed`);
    }
  });

  test('`using` disposes at the end of the block', async () => {
    let kept: Program;
    {
      using program = await make();
      kept = program;
    }
    await expectProgramError(() => kept.run(), 'run: expected a live program');
  });
});

describe('devices', () => {
  test('an unknown kind of device', async () => {
    const error = await errorOf(() => openDevice('cuda' as 'cpu'));
    expect(error).toBeInstanceOf(DeviceError);
    expect(error.message).toMatch(/^openDevice: expected .*'cpu'.*, got 'cuda'$/);
  });

  test('no adapter where webgpu was demanded', async () => {
    const none = { requestAdapter: async () => null } as unknown as GPU;
    const error = await errorOf(() => openDevice('webgpu', { gpu: none }));
    expect(error).toBeInstanceOf(DeviceError);
    expect(error.message).toMatch(/expected a WebGPU adapter, got none/);
    const nowhere = await errorOf(() => openDevice('webgpu'));
    expect(nowhere).toBeInstanceOf(DeviceError);
    expect(nowhere.message).toMatch(/expected a WebGPU implementation, got none/);
  });

  test('`auto` falls back and says why in one line', async () => {
    const lines: string[] = [];
    const none = { requestAdapter: async () => null } as unknown as GPU;
    const device = await openDevice('auto', { gpu: none, log: (line) => lines.push(line) });
    expect(device.kind).not.toBe('webgpu');
    expect(lines.length).toBe(1);
    expect(lines[0]).toMatch(/^fairmt: running on the CPU.*no GPU driver/);
  });
});

describe.skipIf(!gpu)('on a WebGPU device', () => {
  let target: GpuTarget;
  beforeAll(async () => {
    target = await openTarget();
  });

  test('a tensor over the adapter’s limit names node, bytes, limit and line', async () => {
    const graph = newGraph();
    const elements = Math.ceil(target.gpu.target.maxBindingBytes / 4) + 1;
    const big = graph
      .input('x', [1])
      .expand([elements])
      .mul(graph.iota([elements]).cast('f32'));
    const error = await errorOf(() => compile({ outputs: { sum: big.sum() } }, target));
    expect(error).toBeInstanceOf(DeviceError);
    expect(error.message).toContain(`expected at most ${target.gpu.target.maxBindingBytes} bytes`);
    expect(error.message).toMatch(here);
    const input = newGraph().input('data', [elements]);
    expect((await errorOf(() => compile({ outputs: { y: input } }, target))).message).toMatch(
      /'data': expected at most/,
    );
  });

  test('a kernel of too many buffers names the count and the limit', async () => {
    const graph = newGraph();
    const inputs = Array.from({ length: 12 }, (_, i) => graph.input(`x${i}`, [4]));
    const attrs = {
      label: 'many',
      output: { shape: [4], dtype: 'f32' as const },
      wgsl: '',
      constants: {},
      workgroups: [1, 1, 1] as const,
      cpu: () => {},
    };
    const error = await errorOf(() =>
      compile({ outputs: { y: graph.apply('customKernel', inputs, attrs) } }, target),
    );
    expect(error).toBeInstanceOf(DeviceError);
    expect(error.message).toMatch(
      /customKernel needs 13 storage buffers, but the adapter allows \d+ \(at .*errors\.test/,
    );
  });

  test('a kernel that does not compile names itself, its node and its line of WGSL', async () => {
    const graph = newGraph();
    const attrs = {
      label: 'broken',
      output: { shape: [4], dtype: 'f32' as const },
      wgsl: '@compute @workgroup_size(1)\nfn main() { let x = nothing; }',
      constants: {},
      workgroups: [1, 1, 1] as const,
      cpu: () => {},
    };
    const y = graph.apply('customKernel', [graph.input('x', [4])], attrs);
    const error = await errorOf(() => compile({ outputs: { y } }, target));
    expect(error).toBeInstanceOf(DeviceError);
    expect(error.message).toMatch(
      /kernel 'broken' of customKernel_1 does not compile: unresolved value 'nothing' \(line 2: fn main/,
    );
  });

  test('a validation error of the device is the next call’s exception, once', async () => {
    const own = await openGpu(gpu!);
    const x = newGraph().state('x', [4]);
    const program = await compile(
      { outputs: {}, updates: [{ target: x, value: x.add(1) }] },
      { kind: 'webgpu', gpu: own },
    );
    const buffer = own.createBuffer('small', 4, 0x8);
    own.device.queue.writeBuffer(buffer, 4, Float32Array.of(1));
    await own.device.queue.onSubmittedWorkDone();
    const error = await errorOf(() => program.run());
    expect(error).toBeInstanceOf(DeviceError);
    expect(error.message).toMatch(/^run: the device reported an error before this call: /);
    program.run();
    expect(await program.readState('x')).toEqual(new Float32Array(4).fill(1));
    own.destroy();
  });
});

describe('an index out of range', () => {
  const graph = newGraph();
  const indices = graph.input('indices', [3], 'u32');
  const rows = graph.constant([10, 20, 30], [3, 1]).gather(indices);
  const labels = graph.input('labels', [1], 'u32');
  const loss = graph.constant([1, 2, 3], [1, 3]).softmaxCrossEntropy(labels);
  const spec = { outputs: { rows, loss } };

  test('is an error on the CPU that names node, index and position', async () => {
    using program = await compile(spec, await openDevice('cpu'));
    program.write('indices', Uint32Array.of(0, 7, 1));
    program.write('labels', Uint32Array.of(0));
    const error = await errorOf(() => program.run());
    expect(error).toBeInstanceOf(ProgramError);
    expect(error.message).toMatch(
      /^gather 'gather_\d+': expected row indices below 3, got 7 at position 1 \(at /,
    );
    program.write('indices', Uint32Array.of(0, 2, 1));
    program.write('labels', Uint32Array.of(3));
    expect((await errorOf(() => program.run())).message).toMatch(/labels below 3, got 3 in row 0/);
  });

  test.skipIf(!gpu)('means the last row, and the last class, on the GPU', async () => {
    using program = await compile(spec, await openTarget());
    program.write('indices', Uint32Array.of(0, 7, 2 ** 32 - 1));
    program.write('labels', Uint32Array.of(9));
    program.run();
    expect(await program.read('rows')).toEqual(Float32Array.of(10, 30, 30));
    expect((await program.read('loss'))[0]).toBeCloseTo(Math.log(Math.exp(-2) + Math.exp(-1) + 1), 5);
  });
});

test('a layer’s parameter that is not there lists those that are', () => {
  const graph = newGraph();
  const parameters = new Parameters(graph, [linear('a', { inputs: 2, outputs: 3 })], 1);
  expect(() => parameters.get('b/weight')).toThrow(
    "Parameters.get: expected one of a/weight, a/bias, got 'b/weight'",
  );
});

test('a node made deep inside a network, and one of its gradient, know the user’s line', () => {
  const graph = newGraph();
  const network = mlp('network', { inputs: 3, widths: [4, 4], layerNorm: true });
  const parameters = new Parameters(graph, [network], 1);
  const y = network.apply(parameters, graph.input('x', [2, 3]));
  const [gradients] = grads([y.sum()], parameters.values);
  for (const { node } of [y, ...gradients!]) expect(String(node.site)).toMatch(/errors\.test\.ts:\d+:\d+$/);
});
