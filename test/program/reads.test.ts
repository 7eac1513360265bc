// Reading does not disturb a run: reads in flight, watches, snapshots.
import { beforeAll, describe, expect, test } from 'vitest';
import { newGraph } from '../../src/ops/index.ts';
import { compile, type Device, openDevice, type Program } from '../../src/program/index.ts';
import { gpu } from '../support/gpu.ts';
import { words } from '../support/models.ts';

/** Counts up by `step` a run: output `count` is the new value, `old` the one before. */
async function counter(device: Device): Promise<Program> {
  const graph = newGraph();
  const state = graph.state('state', [200]);
  const count = state.add(graph.scalar('step', 1));
  return compile({ outputs: { count, old: state }, updates: [{ target: state, value: count }] }, device);
}

const kinds = ['cpu', ...(gpu ? (['webgpu'] as const) : [])] as const;

describe.each(kinds)('reads on %s (rule 7)', (kind) => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice(kind, { gpu });
  });

  test('give the value as of the call, whatever runs after it', async () => {
    using program = await counter(device);
    const reads: Promise<ArrayLike<number>>[] = [];
    for (let run = 0; run < 30; run++) {
      program.run();
      reads.push(program.read('count'), program.readState('state'), program.read('old'));
    }
    const values = (await Promise.all(reads)).map((value) => value[199]);
    expect(values).toEqual(Array.from({ length: 30 }, (_, run) => [run + 1, run + 1, run]).flat());
  });

  test('belong to the reader: the array does not change with later runs', async () => {
    using program = await counter(device);
    program.run();
    const first = await program.read('count');
    const kept = first.slice();
    program.run();
    await program.read('count');
    expect(first).toEqual(kept);
    first.fill(77);
    expect((await program.read('count'))[0]).toBe(2);
  });

  test('a scalar set after a run is not seen by it, and is by the next', async () => {
    using program = await counter(device);
    program.run();
    program.set('step', 100);
    expect(await program.readNumber('count').catch(() => 0)).toBe(0); // 200 elements: no number
    expect((await program.read('count'))[0]).toBe(1);
    program.run();
    expect((await program.read('count'))[0]).toBe(101);
  });

  test('a watch hears every k-th run in order until it is ended', async () => {
    using program = await counter(device);
    const heard: [number, number][] = [];
    const end = program.watch('count', { every: 3 }, (value, run) => void heard.push([run, value[0]!]));
    for (let run = 0; run < 10; run++) program.run();
    await program.settled();
    expect(heard).toEqual([
      [3, 3],
      [6, 6],
      [9, 9],
    ]);
    end();
    for (let run = 0; run < 10; run++) program.run();
    await program.settled();
    expect(heard.length).toBe(3);
  });

  test('an error in a listener reaches `settled`, once, and the watch goes on', async () => {
    using program = await counter(device);
    let calls = 0;
    program.watch('count', { every: 1 }, () => {
      if (++calls === 1) throw new Error('of the listener');
    });
    program.run();
    await expect(program.settled()).rejects.toThrow('of the listener');
    program.run();
    await program.settled();
    expect(calls).toBe(2);
  });

  test('a snapshot taken mid-run and put back goes on with the very same numbers', async () => {
    const { spec, feeds } = words('adam');
    using program = await compile(spec, device);
    const step = async (run: number): Promise<number> => {
      for (const [name, data] of Object.entries(feeds(run))) program.write(name, data);
      program.run();
      return program.readNumber('loss');
    };
    for (let run = 0; run < 4; run++) await step(run);
    const saved = await program.save();
    const first = [await step(4), await step(5), await step(6)];
    program.restore(saved);
    const again = [await step(4), await step(5), await step(6)];
    expect(again).toEqual(first);
    using other = await compile(words('adam').spec, device);
    other.restore(saved);
    for (const [name, data] of Object.entries(feeds(4))) other.write(name, data);
    other.run();
    expect(await other.readNumber('loss')).toBe(first[0]);
  });

  test('a partial snapshot changes only the states it names', async () => {
    using program = await compile(words('adam').spec, device);
    const before = await program.save();
    program.restore({ parameters: before['parameters']!.map(() => 0.5) });
    const after = await program.save();
    expect(after['parameters']!.every((x) => x === 0.5)).toBe(true);
    expect({ ...after, parameters: null }).toEqual({ ...before, parameters: null });
  });
});

describe.skipIf(!gpu)('between devices', () => {
  test('a snapshot of the GPU goes on on the CPU, and back', async () => {
    const { spec, feeds } = words('adamw');
    const [onGpu, onCpu] = [
      await compile(spec, await openDevice('webgpu', { gpu })),
      await compile(spec, await openDevice('cpu')),
    ];
    const step = async (program: Program, run: number): Promise<number> => {
      for (const [name, data] of Object.entries(feeds(run))) program.write(name, data);
      program.run();
      return program.readNumber('loss');
    };
    for (let run = 0; run < 3; run++) await step(onGpu, run);
    onCpu.restore(await onGpu.save());
    expect(await step(onCpu, 3)).toBeCloseTo(await step(onGpu, 3), 5);
    onGpu.restore(await onCpu.save());
    expect(await step(onGpu, 4)).toBeCloseTo(await step(onCpu, 4), 5);
    onGpu.dispose();
    onCpu.dispose();
  });
});
