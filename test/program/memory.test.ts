// Rule 8: a steady step allocates nothing, and a disposed program gives everything back.
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { newGraph } from '../../src/ops/index.ts';
import { compile } from '../../src/program/index.ts';
import { gpu } from '../support/gpu.ts';
import { twoTasks, words } from '../support/models.ts';
import { type GpuTarget, openTarget, ramp } from '../support/programs.ts';

describe.skipIf(!gpu)('memory (rule 8)', () => {
  let target: GpuTarget;
  beforeAll(async () => {
    target = await openTarget();
  });

  test('live GPU bytes are flat over 1,000 steps with writes, scalars, reads and watches', async () => {
    const { spec, feeds } = twoTasks();
    using program = await compile(spec, target);
    const seen: number[] = [];
    program.watch('first', { every: 50 }, (value) => void seen.push(value[0]!));
    let flat = 0;
    for (let run = 0; run < 1000; run++) {
      for (const [name, data] of Object.entries(feeds(run % 20))) program.write(name, data);
      program.set('learning rate', 0.01 / (1 + run));
      program.run();
      if (run % 20 === 0) await program.readNumber('loss');
      if (run % 100 === 99) await program.settled();
      if (run === 200) flat = target.gpu.liveBytes;
    }
    expect(target.gpu.liveBytes).toBe(flat);
    expect(seen.length).toBe(20);
  });

  test('a step makes no buffer, bind group, pipeline or shader, and submits once', async () => {
    const { spec, feeds } = words('adamw');
    using program = await compile(spec, target);
    for (const [name, data] of Object.entries(feeds(0))) program.write(name, data);
    program.run();
    const { device } = target.gpu;
    const made = (
      ['createBuffer', 'createBindGroup', 'createComputePipelineAsync', 'createShaderModule'] as const
    ).map((method) => vi.spyOn(device, method));
    const submits = vi.spyOn(device.queue, 'submit');
    for (let run = 0; run < 10; run++) program.run();
    for (const spy of made) expect(spy).not.toHaveBeenCalled();
    expect(submits).toHaveBeenCalledTimes(10);
    vi.restoreAllMocks();
  });

  test('a disposed program leaves no byte behind, its reads and its check included', async () => {
    const before = target.gpu.liveBytes;
    const { spec, feeds } = twoTasks();
    const program = await compile(spec, target);
    for (const [name, data] of Object.entries(feeds(0))) program.write(name, data);
    program.run();
    await program.read('output');
    await program.save();
    await program.check('nonfinite');
    expect(target.gpu.liveBytes).toBeGreaterThan(before);
    program.dispose();
    expect(target.gpu.liveBytes).toBe(before);
  });

  test('temporaries share buffers: a chain of 30 products needs three of them, not 30', async () => {
    const graph = newGraph();
    const w = graph.state('w', [32, 32], ramp(1024, 0.1));
    let x = graph.input('x', [32, 32]);
    for (let i = 0; i < 30; i++) x = x.matmul(w).tanh();
    using program = await compile({ outputs: { sum: x.sum() } }, target);
    const temps = program.plan!.buffers.filter(({ role }) => role === 'temp');
    expect(temps.length).toBeLessThanOrEqual(3);
  });
});
