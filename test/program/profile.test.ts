// Rule 13: profiling is a mode of its own that shows the step with and without it.
import { beforeAll, describe, expect, test } from 'vitest';
import { newGraph } from '../../src/ops/index.ts';
import { compile } from '../../src/program/index.ts';
import { gpu } from '../support/gpu.ts';
import { words } from '../support/models.ts';
import { type GpuTarget, openTarget } from '../support/programs.ts';

describe.skipIf(!gpu)('profiling (rule 13)', () => {
  let target: GpuTarget;
  beforeAll(async () => {
    target = await openTarget();
  });

  test('times every dispatch of the plan, beside the profiled and the unprofiled step', async (context) => {
    if (!target.gpu.device.features.has('timestamp-query'))
      context.skip('no timestamp-query on this adapter');
    const { spec, feeds } = words('adamw');
    using program = await compile(spec, target);
    for (const [name, data] of Object.entries(feeds(0))) program.write(name, data);
    const before = target.gpu.liveBytes;
    const profile = await program.profile({ repeats: 3 });
    const { dispatches } = program.plan!;
    expect(profile.dispatches.map(({ label }) => label)).toEqual(dispatches.map(({ label }) => label));
    for (const { bytes, flops, nanoseconds, nodes } of profile.dispatches) {
      expect(bytes).toBeGreaterThan(0);
      expect(flops).toBeGreaterThanOrEqual(0);
      expect(nanoseconds).toBeGreaterThanOrEqual(0);
      expect(nodes.length).toBeGreaterThan(0);
    }
    expect(profile.profiledStep).toBeGreaterThan(0);
    expect(profile.unprofiledStep).toBeGreaterThan(0);
    expect(target.gpu.liveBytes).toBe(before);
  });

  test('its steps are real ones: the state goes on as by run()', async (context) => {
    if (!target.gpu.device.features.has('timestamp-query'))
      context.skip('no timestamp-query on this adapter');
    const state = newGraph().state('count', [1]);
    using program = await compile({ outputs: {}, updates: [{ target: state, value: state.add(1) }] }, target);
    await program.profile({ repeats: 2 });
    const [after] = await program.readState('count');
    program.run();
    expect((await program.readState('count'))[0]).toBe(after! + 1);
    expect(after).toBe(6); // twice two, and a warm-up in each mode
  });
});
