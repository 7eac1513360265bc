// Rule 11: losing the device is a typed error; rebuilt from the last snapshot, training ends in the same numbers.
import { describe, expect, test } from 'vitest';
import { compile, type Program } from '../../src/program/index.ts';
import { DeviceLostError, ProgramError } from '../../src/tensor/errors.ts';
import type { HostArray } from '../../src/tensor/types.ts';
import { gpu } from '../support/gpu.ts';
import { twoTasks } from '../support/models.ts';
import { openTarget } from '../support/programs.ts';

const runs = 20;

async function step(program: Program, run: number): Promise<HostArray> {
  const { feeds, scalars } = twoTasks();
  for (const [name, data] of Object.entries(feeds(run))) program.write(name, data);
  for (const [name, value] of Object.entries(scalars(run))) program.set(name, value);
  program.run();
  return program.read('loss');
}

async function undisturbed(): Promise<{ losses: HostArray[]; end: unknown }> {
  using program = await compile(twoTasks().spec, await openTarget());
  const losses: HostArray[] = [];
  for (let run = 0; run < runs; run++) losses.push(await step(program, run));
  return { losses, end: await program.save() };
}

describe.skipIf(!gpu)('device loss (rule 11)', () => {
  test('a lost device rebuilt: the run ends in the same numbers, bit for bit', async () => {
    const expected = await undisturbed();
    const first = await openTarget();
    using program = await compile(twoTasks().spec, first);
    const losses: HostArray[] = [];
    for (let run = 0; run < 13; run++) {
      losses.push(await step(program, run));
      if (run === 11) await program.save();
    }
    first.gpu.device.destroy();
    await first.gpu.device.lost;
    await expect(step(program, 13)).rejects.toThrow(DeviceLostError);
    await program.rebuild((await openTarget()).gpu);
    losses.length = 12;
    // The rates changed at run 10 are those of the snapshot.
    for (let run = 12; run < runs; run++) losses.push(await step(program, run));
    expect(losses).toEqual(expected.losses);
    expect(await program.save()).toEqual(expected.end);
  });

  test('without a snapshot it begins again, scalars included', async () => {
    const expected = await undisturbed();
    const first = await openTarget();
    using program = await compile(twoTasks().spec, first);
    for (let run = 0; run < 12; run++) await step(program, run);
    await program.rebuild((await openTarget()).gpu);
    expect(await step(program, 0)).toEqual(expected.losses[0]);
    expect(await step(program, 1)).toEqual(expected.losses[1]);
  });

  test('after it, a run wants its inputs anew and a read wants a run', async () => {
    using program = await compile(twoTasks().spec, await openTarget());
    await step(program, 0);
    await program.rebuild((await openTarget()).gpu);
    expect(() => program.run()).toThrow(/run: expected input 'x' .* to be written first/);
    await expect(program.read('loss')).rejects.toThrow(ProgramError);
  });

  test('every call says that the device was lost, and what to do', async () => {
    const target = await openTarget();
    using program = await compile(twoTasks().spec, target);
    await step(program, 0);
    const heard: number[] = [];
    program.watch('loss', { every: 1 }, (_, run) => void heard.push(run));
    program.run();
    const inFlight = program.read('loss');
    target.gpu.destroy();
    await expect(inFlight).rejects.toThrow(DeviceLostError);
    await expect(program.settled()).rejects.toThrow(DeviceLostError);
    expect(heard).toEqual([]);
    expect(() => program.run()).toThrow(/^run: the device was lost .*; rebuild the program on a new device$/);
    expect(() => program.write('x', new Float32Array(185))).toThrow(DeviceLostError);
    await expect(program.read('loss')).rejects.toThrow(DeviceLostError);
    await expect(program.save()).rejects.toThrow(DeviceLostError);
    await expect(compile(twoTasks().spec, target)).rejects.toThrow(DeviceLostError);
  });
});
