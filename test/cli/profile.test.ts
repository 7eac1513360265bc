// fairmt profile: where a step's time goes, as a table, as JSON and as a trace; kernels written out, edited, run.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { gpu } from '../support/gpu.ts';
import { at, fairmt, peopleFile, quickConfig } from './support.ts';

beforeAll(() => {
  peopleFile();
  quickConfig('profiled.yaml', 'method: erm'); // the fewest kernels
});

describe('on WebAssembly', () => {
  test('prints the step, the ceilings, a table of kernels and a picture', async () => {
    const { code, out } = await fairmt(['profile', at('profiled.yaml'), '--device', 'wasm']);
    expect(code).toBe(0);
    expect(out).toMatch(/^WebAssembly SIMD/);
    expect(out).toMatch(/^step \d+\.\d+ ms, profiled \d+\.\d+ ms; \d+ dispatches/m);
    expect(out).toMatch(/^measured ceilings: /m);
    expect(out).toMatch(/^kernel +shapes +node +calls +ms +share/m);
    expect(out).toMatch(/█/);
  });

  test('writes a trace, and JSON whose kernels add up to all dispatches', async () => {
    const trace = at('trace.json');
    const { code, out } = await fairmt([
      ...['profile', at('profiled.yaml'), '--device', 'wasm', '--json', '--trace', trace],
    ]);
    expect(code).toBe(0);
    const { dispatches, kernels } = JSON.parse(out) as {
      dispatches: { nanoseconds: number }[];
      kernels: { nanoseconds: number; count: number }[];
    };
    expect(kernels.reduce((sum, { count }) => sum + count, 0)).toBe(dispatches.length);
    const time = (all: readonly { nanoseconds: number }[]): number =>
      all.reduce((sum, { nanoseconds }) => sum + nanoseconds, 0);
    expect(time(kernels)).toBeCloseTo(time(dispatches), 0);
    const { traceEvents } = JSON.parse(readFileSync(trace, 'utf8')) as { traceEvents: unknown[] };
    expect(traceEvents.length).toBeGreaterThan(dispatches.length);
  });

  test('has no WGSL to write: says so, and leaves no folder', async () => {
    const { code, err } = await fairmt([
      ...['profile', at('profiled.yaml'), '--device', 'wasm', '--kernels', at('none')],
    ]);
    expect(code).toBe(2);
    expect(err).toMatch(/a step on WebGPU, whose kernels are WGSL, got the device 'wasm'/);
    expect(existsSync(at('none'))).toBe(false);
  });
});

describe.skipIf(!gpu)('on WebGPU', () => {
  test('kernels are written with the plan; one that was edited to compute something else is an error', async () => {
    const on = ['profile', at('profiled.yaml'), '--device', 'webgpu'];
    const written = await fairmt([...on, '--kernels', at('kernels')]);
    if (written.err.includes('timestamp-query')) return; // no clock on this adapter: nothing to profile
    expect(written).toMatchObject({ code: 0 });
    const files = readdirSync(at('kernels'));
    expect(readFileSync(at('kernels/plan.txt'), 'utf8')).toMatch(/^\d+ dispatches of \d+ kernels/);
    const relu = files.find((file) => file.includes('+relu'))!;
    const original = readFileSync(at(`kernels/${relu}`), 'utf8');

    writeFileSync(at(relu), original.replace(/let v0 = (.*);/, 'let v0 = $1 + 1.0;'));
    const wrong = await fairmt([...on, '--override-kernel', at(relu)]);
    expect(wrong.code).toBe(2);
    expect(wrong.err).toMatch(/computes something else: element \d+ of/);
  });

  test('a file that names no kernel of the step is an error that says which there are', async () => {
    writeFileSync(at('matmul-00000000.wgsl'), '');
    const { code, err } = await fairmt([
      ...['profile', at('profiled.yaml'), '--device', 'webgpu'],
      ...['--override-kernel', at('matmul-00000000.wgsl')],
    ]);
    if (err.includes('timestamp-query')) return;
    expect(code).toBe(2);
    expect(err).toMatch(/expected a kernel of the plan: .*, got '00000000'/);
  });
});
