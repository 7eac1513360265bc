// A profile's table and trace.
import { describe, expect, test } from 'vitest';
import type { StepProfile } from '../../src/backend/webgpu/index.ts';
import { chromeTrace, formatProfile, measureCeilings, summariseProfile } from '../../src/program/index.ts';
import { gpu } from '../support/gpu.ts';
import { openTarget } from '../support/programs.ts';

const timing = (label: string, nanoseconds: number, bytes: number, flops: number) => ({
  ...{ label, nodes: [`${label}_1`], nanoseconds, bytes, flops, calls: 3 },
});

const profile: StepProfile = {
  adapter: 'an adapter',
  dispatches: [
    timing('adamw', 1000, 500, 0),
    timing('matmul.nn', 2000, 10, 8000),
    timing('matmul.nn', 5000, 10, 8000),
  ],
  profiledStep: 10_000,
  unprofiledStep: 9000,
  hostPerDispatch: 4000,
};
const ceilings = { bytesPerSecond: 1e9, flopsPerSecond: 4e9 };

test('dispatches of one kernel are added up, the dearest first, with their share of the roofline', () => {
  expect(summariseProfile(profile, ceilings)).toEqual([
    {
      ...{ label: 'matmul.nn', count: 2, nanoseconds: 7000, share: 7 / 8 },
      ...{
        bytesPerSecond: expect.closeTo(20 / 7e-6),
        flopsPerSecond: expect.closeTo(16_000 / 7e-6),
        roofline: 4 / 7,
      },
    },
    {
      ...{ label: 'adamw', count: 1, nanoseconds: 1000, share: 1 / 8 },
      ...{ bytesPerSecond: expect.closeTo(5e8), flopsPerSecond: 0, roofline: 0.5 },
    },
  ]);
});

test('the table names adapter, ceilings, both step times and every kernel', () => {
  expect(formatProfile(profile, ceilings)).toMatchInlineSnapshot(`
    "an adapter; measured ceilings 1.0 GB/s, 4.0 GFLOP/s
    step 0.009 ms, profiled 0.010 ms; 3 dispatches, 4.0 µs of the host each

    kernel     calls     ms   share  GB/s  GFLOP/s  roofline
    matmul.nn      2  0.007  87.5 %  0.00     2.29    57.1 %
    adamw          1  0.001  12.5 %  0.50     0.00    50.0 %"
  `);
  expect(formatProfile(profile)).not.toContain('ceilings');
});

test('the trace has every dispatch, end to end, and the unprofiled step', () => {
  const { traceEvents } = JSON.parse(chromeTrace(profile)) as {
    traceEvents: { name: string; ph: string; ts?: number; dur?: number; args: { nodes?: string } }[];
  };
  const slices = traceEvents.filter(({ ph }) => ph === 'X').map(({ name, ts, dur }) => ({ name, ts, dur }));
  expect(slices).toEqual([
    { name: 'step', ts: 0, dur: 9 },
    { name: 'adamw', ts: 0, dur: 1 },
    { name: 'matmul.nn', ts: 1, dur: 2 },
    { name: 'matmul.nn', ts: 3, dur: 5 },
  ]);
  expect(traceEvents.find(({ name }) => name === 'adamw')!.args.nodes).toBe('adamw_1');
});

describe.skipIf(!gpu)('on a device', () => {
  test('ceilings are measured, where the adapter has a clock', async (context) => {
    const target = await openTarget();
    if (!target.gpu.device.features.has('timestamp-query'))
      context.skip('no timestamp-query on this adapter');
    const { bytesPerSecond, flopsPerSecond } = await measureCeilings(target);
    expect(bytesPerSecond).toBeGreaterThan(0);
    expect(flopsPerSecond).toBeGreaterThan(0);
  });
});
