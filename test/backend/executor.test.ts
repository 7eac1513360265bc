// The executor over plans made by hand.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Executor, type GpuDevice, openGpu, profile } from '../../src/backend/webgpu/index.ts';
import type { Dispatch, Plan, PlanTensor } from '../../src/passes/plan.ts';
import { DeviceError, DeviceLostError, ProgramError } from '../../src/tensor/errors.ts';
import type { DType } from '../../src/tensor/types.ts';
import { gpu as dawn } from '../support/gpu.ts';

const length = 100;
const at = (buffer: number, dtype: DType = 'f32', shape = [length], offset = 0): PlanTensor => ({
  buffer,
  offset,
  shape,
  dtype,
});

/** `y[i] = x[i]·factor + y[i]`, in place on y. */
const accumulate: Dispatch = {
  label: 'accumulate',
  nodes: ['total'],
  shapes: '100',
  wgsl: `
    override LENGTH: u32;
    @group(0) @binding(0) var<storage, read> x: array<f32>;
    @group(0) @binding(1) var<storage, read> scalars: array<f32>;
    @group(0) @binding(2) var<storage, read_write> y: array<f32>;
    @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
      if (id.x < LENGTH) { y[id.x] = x[id.x] * scalars[1] + y[id.x]; }
    }`,
  entryPoint: 'main',
  constants: { LENGTH: length },
  bindings: [
    { buffer: 0, access: 'read' },
    { buffer: 1, access: 'read' },
    { buffer: 2, access: 'read_write' },
  ],
  workgroups: [2, 1, 1],
  bytes: 4 * 3 * length,
  flops: 2 * length,
};

/** total += x·factor, and `last` is a copy of total, committed after the dispatches. */
const plan: Plan = {
  buffers: [
    { label: 'x', role: 'input', bytes: 4 * length },
    { label: 'scalars', role: 'scalars', bytes: 8, init: Float32Array.of(7, 1) },
    { label: 'total', role: 'state', bytes: 4 * length, init: new Float32Array(length).fill(10) },
    { label: 'last', role: 'state', bytes: 4 * length },
  ],
  dispatches: [accumulate],
  copies: [{ from: 2, to: 3, bytes: 4 * length }],
  inputs: { x: at(0) },
  scalars: { other: at(1, 'f32', [], 0), factor: at(1, 'f32', [], 1) },
  states: { total: at(2), last: at(3) },
  outputs: {},
};

const tensor = (group: 'inputs' | 'scalars' | 'states', name: string): PlanTensor => plan[group][name]!;
const filled = (value: number): Float32Array => new Float32Array(length).fill(value);

describe.skipIf(!dawn)('the executor', () => {
  let gpu: GpuDevice;
  beforeAll(async () => {
    gpu = await openGpu(dawn!);
  });
  afterAll(() => gpu.destroy());

  test('updates a state in place and commits copies after each run', async () => {
    const executor = await Executor.create(gpu, plan);
    executor.write(tensor('inputs', 'x'), filled(2));
    executor.run();
    executor.run();
    expect(await executor.read(tensor('states', 'total'))).toEqual(filled(14));
    expect(await executor.read(tensor('states', 'last'))).toEqual(filled(14));
    executor.dispose();
  });

  test('sends a changed scalar with the next run, and leaves its neighbours alone', async () => {
    const executor = await Executor.create(gpu, plan);
    executor.write(tensor('inputs', 'x'), filled(1));
    executor.run();
    executor.write(tensor('scalars', 'factor'), Float32Array.of(100));
    executor.run();
    expect(await executor.read(tensor('states', 'total'))).toEqual(filled(111));
    expect(await executor.read(tensor('scalars', 'other'))).toEqual(Float32Array.of(7));
    executor.dispose();
  });

  test('reads the value at the time of the call, however many runs follow', async () => {
    const executor = await Executor.create(gpu, plan);
    executor.write(tensor('inputs', 'x'), filled(1));
    const reads: Promise<unknown>[] = [];
    for (let run = 1; run <= 20; run++) {
      executor.run();
      reads.push(executor.read(tensor('states', 'total')));
    }
    const values = await Promise.all(reads);
    values.forEach((value, i) => void expect(value).toEqual(filled(11 + i)));
    executor.dispose();
  });

  test('restores a state that was read', async () => {
    const executor = await Executor.create(gpu, plan);
    const saved = await executor.read(tensor('states', 'total'));
    executor.write(tensor('inputs', 'x'), filled(5));
    executor.run();
    executor.write(tensor('states', 'total'), saved);
    expect(await executor.read(tensor('states', 'total'))).toEqual(filled(10));
    executor.dispose();
  });

  test('widens bool on the way in and narrows it on the way out', async () => {
    const executor = await Executor.create(gpu, plan);
    const flags = Uint8Array.from({ length }, (_, i) => i % 2);
    executor.write(at(3, 'bool'), flags);
    expect(await executor.read(at(3, 'bool'))).toEqual(flags);
    expect(await executor.read(at(3, 'u32', [3], 5))).toEqual(Uint32Array.of(1, 0, 1));
    executor.dispose();
  });

  test('holds the same bytes after 1,000 runs with reads in flight, and none once disposed', async () => {
    const before = gpu.liveBytes;
    const executor = await Executor.create(gpu, plan);
    executor.write(tensor('inputs', 'x'), filled(1));
    let flat = 0;
    for (let run = 0; run < 1000; run++) {
      executor.write(tensor('scalars', 'factor'), Float32Array.of(run));
      executor.run();
      if (run % 10 === 0)
        await Promise.all([tensor('states', 'total'), tensor('states', 'last')].map((t) => executor.read(t)));
      if (run === 50) flat = gpu.liveBytes;
    }
    expect(gpu.liveBytes).toBe(flat);
    executor.dispose();
    expect(gpu.liveBytes).toBe(before);
  });

  test('two runs from the same state give the same bits', async () => {
    const bits = async (): Promise<unknown> => {
      const executor = await Executor.create(gpu, plan);
      executor.write(
        tensor('inputs', 'x'),
        Float32Array.from({ length }, (_, i) => Math.sin(i)),
      );
      for (let run = 0; run < 50; run++) executor.run();
      const result = await executor.read(tensor('states', 'total'));
      executor.dispose();
      return result;
    };
    expect(await bits()).toEqual(await bits());
  });

  test('refuses a dispatch that writes a buffer it also reads, naming both', async () => {
    const bindings = accumulate.bindings.map((binding, i) => (i === 0 ? { ...binding, buffer: 2 } : binding));
    const wrong = { ...plan, dispatches: [{ ...accumulate, bindings }] };
    await expect(Executor.create(gpu, wrong)).rejects.toThrow(
      /'accumulate' of total needs buffer 'total' twice/,
    );
  });

  test('refuses more storage buffers than the adapter binds', async () => {
    const bindings = Array.from({ length: 9 }, () => ({ buffer: 0, access: 'read' as const }));
    const wrong = { ...plan, dispatches: [{ ...accumulate, bindings }] };
    await expect(Executor.create(gpu, wrong)).rejects.toThrow(
      /needs 9 storage buffers, but the adapter allows 8/,
    );
  });

  test('reports the line of a kernel that does not compile', async () => {
    const wgsl = accumulate.wgsl.replace('scalars[1]', 'nothing');
    const wrong = { ...plan, dispatches: [{ ...accumulate, wgsl }] };
    await expect(Executor.create(gpu, wrong)).rejects.toThrow(
      /unresolved value 'nothing' \(line 7: if \(id.x < LENGTH\)/,
    );
  });

  test('refuses data of the wrong length, and any call once disposed', async () => {
    const executor = await Executor.create(gpu, plan);
    expect(() => executor.write(tensor('inputs', 'x'), Float32Array.of(1))).toThrow(ProgramError);
    executor.dispose();
    expect(() => executor.run()).toThrow(/expected a live program/);
  });

  test('throws a validation error of the device at the next call, once', async () => {
    const executor = await Executor.create(gpu, plan);
    gpu.device.queue.writeBuffer(executor.buffers[0]!, 4 * length, Float32Array.of(1));
    await gpu.device.queue.onSubmittedWorkDone();
    expect(() => executor.run()).toThrow(DeviceError);
    expect(() => executor.run()).not.toThrow();
    executor.dispose();
  });

  test('throws DeviceLostError from a read in flight and from every later call when the device is lost', async () => {
    const doomed = await openGpu(dawn!);
    const executor = await Executor.create(doomed, plan);
    executor.run();
    const read = executor.read(tensor('states', 'total'));
    doomed.device.destroy();
    await expect(read).rejects.toThrow(DeviceLostError);
    await doomed.device.lost;
    expect(() => executor.run()).toThrow(DeviceLostError);
    await expect(executor.read(tensor('states', 'total'))).rejects.toThrow(DeviceLostError);
    await expect(Executor.create(doomed, plan)).rejects.toThrow(DeviceLostError);
  });

  test('compiles equal kernels once', async () => {
    const first = gpu.pipelines.get(accumulate);
    expect(gpu.pipelines.get({ ...accumulate, label: 'again', workgroups: [1, 1, 1] })).toBe(first);
    expect(gpu.pipelines.get({ ...accumulate, constants: { LENGTH: 1 } })).not.toBe(first);
    await first;
  });

  test('profiles each dispatch, beside the step without profiling', async (context) => {
    if (!gpu.device.features.has('timestamp-query')) context.skip('no timestamp-query on this adapter');
    const executor = await Executor.create(gpu, plan);
    const { dispatches, ...step } = await profile(executor, 3);
    expect(dispatches).toEqual([
      {
        label: 'accumulate',
        nodes: ['total'],
        shapes: '100',
        bytes: 1200,
        flops: 200,
        nanoseconds: expect.any(Number),
        calls: 3,
      },
    ]);
    for (const time of [
      dispatches[0]!.nanoseconds,
      step.profiledStep,
      step.unprofiledStep,
      step.hostPerDispatch,
    ]) {
      expect(time).toBeGreaterThan(0);
    }
    executor.dispose();
  });
});

describe.skipIf(!dawn)('opening a device', () => {
  test('takes a software adapter for what it is, unless told otherwise', async () => {
    const [own, told] = [await openGpu(dawn!), await openGpu(dawn!, { kernelClass: 'discrete' })];
    if (/swiftshader|llvmpipe/i.test(own.adapter)) expect(own.target.kernelClass).toBe('software');
    expect(told.target.kernelClass).toBe('discrete');
    own.destroy();
    told.destroy();
  });

  test('says what to do where there is no adapter', async () => {
    const none = { requestAdapter: async () => null } as unknown as GPU;
    await expect(openGpu(none)).rejects.toThrow(/expected a WebGPU adapter, got none.*'cpu' backend/);
  });

  test('says that the adapter lacks timestamp-query when a profile is asked for', async () => {
    const adapter = await dawn!.requestAdapter();
    const device = await openGpu({
      requestAdapter: async () =>
        new Proxy(adapter!, {
          get: (target, key) => {
            if (key === 'features') return new Set<string>();
            const value: unknown = Reflect.get(target, key, target);
            return typeof value === 'function' ? value.bind(target) : value;
          },
        }),
    } as unknown as GPU);
    const executor = await Executor.create(device, plan);
    await expect(profile(executor)).rejects.toThrow(/expected the feature 'timestamp-query'/);
    device.destroy();
  });
});
