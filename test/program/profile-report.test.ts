// A profile's sums, table, picture and trace.
import { describe, expect, test } from 'vitest';
import type { StepProfile } from '../../src/backend/webgpu/index.ts';
import {
  chromeTrace,
  drawProfile,
  formatProfile,
  measureCeilings,
  openDevice,
  summariseProfile,
} from '../../src/program/index.ts';
import { gpu } from '../support/gpu.ts';
import { openTarget } from '../support/programs.ts';

const timing = (label: string, shapes: string, nanoseconds: number, bytes: number, flops: number) => ({
  ...{ label, shapes, nodes: [`${label}_1`], nanoseconds, bytes, flops, calls: 3 },
});

const profile: StepProfile = {
  adapter: 'an adapter',
  dispatches: [
    timing('adamw', '100', 1000, 500, 0),
    timing('matmul.nn', '8×8, 8×8 → 8×8', 2000, 10, 8000),
    timing('matmul.nn', '8×8, 8×8 → 8×8', 5000, 10, 8000),
    timing('matmul.nn', '2×2, 2×2 → 2×2', 500, 10, 100),
  ],
  profiledStep: 10_000,
  unprofiledStep: 9000,
  hostPerDispatch: 4000,
};
const ceilings = { bytesPerSecond: 1e9, flopsPerSecond: 4e9, dispatchNanoseconds: 200 };

describe('a summary', () => {
  test('adds up equal dispatches, the dearest first, with their share of the nearest ceiling', () => {
    expect(summariseProfile(profile, ceilings)).toEqual([
      {
        ...{ label: 'matmul.nn', shapes: '8×8, 8×8 → 8×8', nodes: ['matmul.nn_1', 'matmul.nn_1'] },
        ...{ count: 2, nanoseconds: 7000, share: 7000 / 8500, bytes: 20, flops: 16_000 },
        bytesPerSecond: expect.closeTo(20 / 7e-6),
        flopsPerSecond: expect.closeTo(16_000 / 7e-6),
        roof: { share: 4 / 7, bound: 'arithmetic' },
      },
      {
        ...{ label: 'adamw', shapes: '100', nodes: ['adamw_1'] },
        ...{ count: 1, nanoseconds: 1000, share: 1000 / 8500, bytes: 500, flops: 0 },
        ...{ bytesPerSecond: expect.closeTo(5e8), flopsPerSecond: 0 },
        roof: { share: 0.5, bound: 'memory' },
      },
      {
        ...{ label: 'matmul.nn', shapes: '2×2, 2×2 → 2×2', nodes: ['matmul.nn_1'] },
        ...{ count: 1, nanoseconds: 500, share: 500 / 8500, bytes: 10, flops: 100 },
        ...{ bytesPerSecond: expect.closeTo(2e7), flopsPerSecond: expect.closeTo(2e8) },
        roof: { share: 0.4, bound: 'dispatch' },
      },
    ]);
  });

  test('loses nothing: kernels add up to all dispatches, by shapes as by label', () => {
    for (const by of ['shapes', 'label'] as const) {
      const kernels = summariseProfile(profile, undefined, by);
      const total = (field: 'nanoseconds' | 'bytes' | 'flops' | 'share' | 'count'): number =>
        kernels.reduce((sum, kernel) => sum + kernel[field], 0);
      expect(total('nanoseconds')).toBe(8500);
      expect(total('bytes')).toBe(530);
      expect(total('flops')).toBe(16_100);
      expect(total('count')).toBe(4);
      expect(total('share')).toBeCloseTo(1);
    }
    expect(summariseProfile(profile, undefined, 'label').map(({ label }) => label)).toEqual([
      'matmul.nn',
      'adamw',
    ]);
  });
});

describe('in words', () => {
  test('the table names adapter, ceilings, both step times and every kernel', () => {
    expect(formatProfile(profile, ceilings)).toMatchInlineSnapshot(`
      "an adapter
      step 0.009 ms, profiled 0.010 ms; 4 dispatches, 4.0 µs of the host each
      measured ceilings: 1.0 GB/s (copy), 4.0 GFLOP/s (matmul), 0.2 µs a dispatch

      kernel     shapes          node            calls     ms   share  bytes  FLOP     GB/s  GFLOP/s  roofline       bound
      matmul.nn  8×8, 8×8 → 8×8  matmul.nn_1 +1      2  0.007  82.4 %     20  16 k  0.00286     2.29    57.1 %  arithmetic
      adamw      100             adamw_1             1  0.001  11.8 %    500     0      0.5        0    50.0 %      memory
      matmul.nn  2×2, 2×2 → 2×2  matmul.nn_1         1  0.001   5.9 %     10   100     0.02      0.2    40.0 %    dispatch"
    `);
    expect(formatProfile(profile)).not.toMatch(/ceiling|roofline|bound/);
  });

  test('what the table leaves out of a long step is in its last row', () => {
    const dispatches = Array.from({ length: 40 }, (_, at) => timing('pw:add', String(at), 100, 4, 1));
    const last = formatProfile({ ...profile, dispatches })
      .split('\n')
      .at(-1);
    expect(last).toMatch(/^16 more +16 +0\.002 +40\.0 %$/);
  });

  test('the picture has a bar a kernel, dark as far as the ceilings allow', () => {
    expect(drawProfile(profile, ceilings)).toMatchInlineSnapshot(`
      "matmul.nn  █████████████████████░░░░░░░░░░░░░░░░░░░  88.2 %  arithmetic
      adamw      ███░░                                     11.8 %  memory
      █ the least time that the ceilings allow   ░ over it"
    `);
  });
});

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly args: Readonly<Record<string, unknown>>;
}

describe('the trace', () => {
  const { traceEvents } = JSON.parse(chromeTrace(profile)) as { traceEvents: TraceEvent[] };

  test('has the fields that Perfetto wants: name, ph, pid, tid, ts, and dur of every slice', () => {
    for (const event of traceEvents) {
      expect(event.name).not.toBe('');
      expect(['X', 'M']).toContain(event.ph);
      for (const number of [event.pid, event.tid, event.ts]) expect(Number.isFinite(number)).toBe(true);
      if (event.ph === 'X') expect(event.dur).toBeGreaterThan(0);
      else expect(['process_name', 'thread_name']).toContain(event.name);
    }
  });

  test('has every dispatch, end to end, the unprofiled step and the host', () => {
    const slices = traceEvents.filter(({ ph }) => ph === 'X');
    expect(slices.map(({ name, tid, ts, dur }) => ({ name, tid, ts, dur }))).toEqual([
      { name: 'step', tid: 1, ts: 0, dur: 9 },
      { name: 'encode', tid: 2, ts: 0, dur: 16 },
      { name: 'adamw', tid: 3, ts: 0, dur: 1 },
      { name: 'matmul.nn', tid: 3, ts: 1, dur: 2 },
      { name: 'matmul.nn', tid: 3, ts: 3, dur: 5 },
      { name: 'matmul.nn', tid: 3, ts: 8, dur: 0.5 },
    ]);
    expect(slices[2]!.args).toEqual({ nodes: 'adamw_1', shapes: '100', bytes: 500, flops: 0, calls: 3 });
  });
});

describe('ceilings', () => {
  test('are measured on WebAssembly', async () => {
    for (const ceiling of Object.values(await measureCeilings(await openDevice('wasm')))) {
      expect(ceiling).toBeGreaterThan(0);
    }
  });

  test.skipIf(!gpu)('are measured on WebGPU, where the adapter has a clock', async (context) => {
    const target = await openTarget();
    if (!target.gpu.device.features.has('timestamp-query'))
      context.skip('no timestamp-query on this adapter');
    for (const ceiling of Object.values(await measureCeilings(target))) expect(ceiling).toBeGreaterThan(0);
  });
});
