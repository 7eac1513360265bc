// `run(k)` is k times `run()`: in bits, in what watches hear, in what errors leave behind; on the GPU in one submit.
import fc from 'fast-check';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { newGraph } from '../../src/ops/index.ts';
import { compile, type Device, openDevice, type Program, type ProgramSpec } from '../../src/program/index.ts';
import { gpu } from '../support/gpu.ts';
import { optimizers, twoTasks, words } from '../support/models.ts';
import { type GpuTarget, openTarget, ramp } from '../support/programs.ts';

/** States that change places and read each other out of step: what no step can do in place. */
function exchange(): ProgramSpec {
  const graph = newGraph();
  const a = graph.state('a', [12, 12], ramp(144));
  const b = graph.state('b', [12, 12], ramp(144, -3));
  const count = graph.state('count', []);
  return {
    outputs: { product: a.matmul(b), count },
    updates: [
      { target: a, value: b.transpose() },
      { target: b, value: a.add(b).tanh().mul(count.add(1)) },
      { target: count, value: count.add(1) },
    ],
  };
}

type Built = Pick<ReturnType<typeof words>, 'spec'> & Partial<Pick<ReturnType<typeof words>, 'feeds'>>;

const models: Readonly<Record<string, () => Built>> = {
  'two tasks': twoTasks,
  ...Object.fromEntries(
    Object.keys(optimizers).map((name) => [name, () => words(name as keyof typeof optimizers)]),
  ),
  'an exchange of states': () => ({ spec: exchange() }),
};

async function start(model: Built, device: Device): Promise<Program> {
  const program = await compile(model.spec, device);
  for (const [name, data] of Object.entries(model.feeds?.(0) ?? {})) program.write(name, data);
  return program;
}

async function everything(program: Program, { spec }: Built): Promise<unknown> {
  const outputs = Object.keys(spec.outputs).map((name) => program.read(name));
  return [program.runs, await Promise.all(outputs), await program.save()];
}

const kinds = ['cpu', 'wasm', ...(gpu ? (['webgpu'] as const) : [])] as const;

describe.each(kinds)('many steps in a run on %s', (kind) => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice(kind, { gpu });
  });

  test.each(Object.keys(models))('end in the bits of single steps: %s', async (name) => {
    const model = models[name]!();
    using one = await start(model, device);
    using many = await start(model, device);
    for (let run = 0; run < 12; run++) one.run();
    for (const steps of [1, 7, 4]) many.run(steps);
    expect(await everything(many, model)).toEqual(await everything(one, model));
  });

  test('a scalar and an input hold for all of them', async () => {
    const graph = newGraph();
    const total = graph.state('total', []);
    const sum = total.add(graph.input('x', []).mul(graph.scalar('factor', 1)));
    using program = await compile({ outputs: {}, updates: [{ target: total, value: sum }] }, device);
    program.write('x', Float32Array.of(2));
    program.run(3);
    program.set('factor', 10);
    program.write('x', Float32Array.of(1));
    program.run(4);
    expect(Array.from(await program.readState('total'))).toEqual([46]);
  });

  test('watches hear the runs that they ask for, however runs are taken together', async () => {
    const taken = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
    const periods = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 3 });
    const graph = newGraph();
    const count = graph.state('count', []);
    const next = count.add(1);
    const spec = { outputs: { next }, updates: [{ target: count, value: next }] };
    await fc.assert(
      fc.asyncProperty(taken, periods, async (groups, everies) => {
        using program = await compile(spec, device);
        const heard = everies.map((): number[][] => []);
        everies.forEach((every, at) => {
          program.watch('next', { every }, (value, run) => void heard[at]!.push([run, value[0]!]));
        });
        for (const steps of groups) program.run(steps);
        await program.settled();
        const runs = groups.reduce((sum, steps) => sum + steps, 0);
        const all = Array.from({ length: runs }, (_, at) => [at + 1, at + 1]);
        expect(heard).toEqual(everies.map((every) => all.filter(([run]) => run! % every === 0)));
      }),
      { numRuns: 20 },
    );
  });

  test.each([0, -1, 1.5, Number.NaN])('a number of steps that is none is an error: %s', async (steps) => {
    using program = await compile(exchange(), device);
    expect(() => program.run(steps)).toThrow(`run: expected a whole number of steps ≥ 1, got ${steps}`);
    expect(program.runs).toBe(0);
  });
});

test.each(['cpu', 'wasm'] as const)('on %s an error ends them, and those before it count', async (kind) => {
  const graph = newGraph();
  const at = graph.state('at', [1], [0], 'u32');
  const row = graph.constant([5, 6, 7], [3, 1]).gather(at);
  const spec = { outputs: { row }, updates: [{ target: at, value: at.add(1) }] };
  using program = await compile(spec, await openDevice(kind));
  expect(() => program.run(10)).toThrow(/expected row indices below 3, got 3 at position 0/);
  expect(program.runs).toBe(3);
});

describe.skipIf(!gpu)('many steps on WebGPU', () => {
  let target: GpuTarget;
  beforeAll(async () => {
    target = await openTarget();
  });

  test('are one submit that makes and writes nothing, and one more for each watched run', async () => {
    using program = await start(words('adamw'), target);
    program.run();
    const { device } = target.gpu;
    const made = (
      ['createBuffer', 'createBindGroup', 'createComputePipelineAsync', 'createShaderModule'] as const
    ).map((method) => vi.spyOn(device, method));
    const written = vi.spyOn(device.queue, 'writeBuffer');
    const submits = vi.spyOn(device.queue, 'submit');
    program.run(20);
    expect(submits).toHaveBeenCalledTimes(1);
    for (const spy of [...made, written]) expect(spy).not.toHaveBeenCalled();
    submits.mockClear();
    program.watch('loss', { every: 8 }, () => undefined); // the 24th, 32nd and 40th
    program.run(20);
    expect(submits).toHaveBeenCalledTimes(4 + 3); // with a copy for each value
    await program.settled();
    vi.restoreAllMocks();
  });
});
