// A kernel's WGSL may be written out, edited and run in its place; a wrong edit is caught, whatever comes after it.
import { beforeAll, describe, expect, test } from 'vitest';
import { newGraph } from '../../src/ops/index.ts';
import { compile, kernelsOf, openDevice, type Program, type ProgramSpec } from '../../src/program/index.ts';
import { DeviceError, ProgramError } from '../../src/tensor/errors.ts';
import { gpu } from '../support/gpu.ts';
import { words } from '../support/models.ts';
import { type GpuTarget, openTarget } from '../support/programs.ts';

/** `total += 2·x + 1`, and their sum: a chain, a reduction, an update in place. */
function counting(): ProgramSpec {
  const graph = newGraph();
  const total = graph.state('total', [8]);
  const value = total.add(graph.input('x', [8]).mul(2).add(1));
  return { outputs: { sum: value.sum() }, updates: [{ target: total, value }] };
}

const chainOf = (program: Program) =>
  kernelsOf(program.plan!).find(({ labels }) => labels[0]!.startsWith('pw:'))!;

describe.skipIf(!gpu)('kernel override', () => {
  let target: GpuTarget;
  let original: string;
  let label: string;
  beforeAll(async () => {
    target = await openTarget();
    using program = await compile(counting(), target);
    const kernel = chainOf(program);
    [label] = kernel.labels as [string];
    original = kernel.wgsl;
  });

  async function sums(overrideKernel?: Readonly<Record<string, string>>): Promise<number[]> {
    using program = await compile(counting(), target, overrideKernel && { overrideKernel });
    program.write('x', new Float32Array(8).fill(1));
    const read: number[] = [];
    for (let run = 0; run < 2; run++) {
      program.run();
      read.push(await program.readNumber('sum'));
    }
    return read;
  }

  test('an edit that computes the same runs in the place of the original', async () => {
    const edited = `// by hand\n${original}`;
    expect(await sums({ [label]: edited })).toEqual(await sums());
    using program = await compile(counting(), target, { overrideKernel: { [label]: edited } });
    expect(chainOf(program).wgsl).toBe(edited);
  });

  test('an edit that computes something else is caught by the first read, and names kernel, node and element', async () => {
    const wrong = original.replace('(2f)', '(3f)');
    expect(wrong).not.toBe(original);
    await expect(sums({ [label]: wrong })).rejects.toThrow(ProgramError);
    await expect(sums({ [label]: wrong })).rejects.toThrow(
      /^overrideKernel: the edited 'pw:.*' of .* computes something else: element 0 of '.*' should be 3 but is 4$/,
    );
  });

  test('an edit that is right of zeros alone is caught in a later run', async () => {
    const sum = /let v\d+ = \(x\d+ \+ v\d+\);/.exec(original);
    expect(sum).not.toBeNull();
    const forgetful = original.replace(sum![0], sum![0].replace(/x\d+/, '0.0'));
    using program = await compile(counting(), target, { overrideKernel: { [label]: forgetful } });
    program.write('x', new Float32Array(8).fill(1));
    program.run();
    expect(await program.readNumber('sum')).toBe(24);
    program.run();
    await expect(program.readNumber('sum')).rejects.toThrow(/element 0 of '.*' should be 6 but is 3$/);
  });

  test('so it is where many steps are asked for at once', async () => {
    const sum = /let v\d+ = \(x\d+ \+ v\d+\);/.exec(original)!;
    const forgetful = original.replace(sum[0], sum[0].replace(/x\d+/, '0.0'));
    using program = await compile(counting(), target, { overrideKernel: { [label]: forgetful } });
    program.write('x', new Float32Array(8).fill(1));
    program.run(2);
    await expect(program.readNumber('sum')).rejects.toThrow(ProgramError);
  });

  test('a wrong edit runs: the trial compares what it did, not its text', async () => {
    using program = await compile(counting(), target, {
      overrideKernel: { [label]: original.replace('(2f)', '(3f)') },
    });
    program.write('x', new Float32Array(8).fill(1));
    program.run();
    await expect(program.readState('total')).rejects.toThrow(ProgramError);
    const { dispatches } = await program.profile({ repeats: 1 });
    expect(dispatches.length).toBe(program.plan!.dispatches.length);
  });

  test('every kernel of a training step may be replaced by itself, by name and by hash', async () => {
    const { spec, feeds, scalars } = words('adamw');
    using plain = await compile(spec, target);
    const kernels = kernelsOf(plain.plan!);
    expect(kernels.flatMap(({ dispatches }) => dispatches).sort((a, b) => a - b)).toEqual([
      ...plain.plan!.dispatches.keys(),
    ]);
    const overrideKernel = Object.fromEntries(
      kernels.map(({ name, hash, wgsl }, at) => [at % 2 === 0 ? name : hash, `${wgsl}\n// edited`]),
    );
    const step = (program: Program) => {
      for (const [name, data] of Object.entries(feeds(0))) program.write(name, data);
      for (const [name, value] of Object.entries(scalars(0))) program.set(name, value);
      program.run();
      return program.save();
    };
    const expected = await step(plain);
    const before = target.gpu.liveBytes;
    using edited = await compile(spec, target, { overrideKernel });
    expect(await step(edited)).toEqual(expected);
    edited.dispose();
    expect(target.gpu.liveBytes).toBe(before); // the trial has given its buffers back
  });

  test('after three runs the trial’s memory is free', async () => {
    const before = target.gpu.liveBytes;
    using plain = await compile(counting(), target);
    const alone = target.gpu.liveBytes - before;
    plain.dispose();
    using edited = await compile(counting(), target, { overrideKernel: { [label]: `${original}\n` } });
    edited.write('x', new Float32Array(8).fill(1));
    expect(target.gpu.liveBytes - before).toBe(3 * alone);
    for (let run = 0; run < 3; run++) edited.run();
    await edited.readNumber('sum');
    const staging = 256;
    expect(target.gpu.liveBytes - before).toBe(alone + staging);
  });

  test('a key that names no kernel, or several, says which there are', async () => {
    const compiling = (key: string) =>
      compile(words('adamw').spec, target, { overrideKernel: { [key]: '' } });
    await expect(compiling('nonsense')).rejects.toThrow(
      /overrideKernel: expected a kernel of the plan: .*pw_.*-[0-9a-f]{8}.*, got 'nonsense'/,
    );
  });

  test('WGSL that does not compile names the kernel and the line', async () => {
    await expect(sums({ [label]: `${original}\nnonsense` })).rejects.toThrow(DeviceError);
    await expect(sums({ [label]: `${original}\nnonsense` })).rejects.toThrow(/does not compile: .*nonsense/s);
  });

  test('is for WebGPU alone', async () => {
    await expect(
      compile(counting(), await openDevice('wasm'), { overrideKernel: { x: '' } }),
    ).rejects.toThrow(/overrideKernel: expected a webgpu device, got the device 'wasm'/);
  });
});
