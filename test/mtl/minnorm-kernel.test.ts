import { describe, expect, test } from 'vitest';
import minnormWgsl from '../../shaders/minnorm.wgsl';
import {
  type ParetoGuidedProblem,
  paretoGuidedCertificate,
  paretoGuidedWeights,
} from '../../src/mtl/minnorm/pareto-guided.ts';
import { Random } from '../../src/tensor/random.ts';
import { gpu } from '../support/gpu.ts';
import { gramOf, randomConstraint, randomRows } from './random-gram.ts';

/** The kernel's own ROUNDING: what a certificate may lose to float32. */
const ROUNDING = 2 ** -20;

interface Problem extends ParetoGuidedProblem {
  readonly active: readonly number[];
}

/** A problem whose numbers are float32, so that both solvers read the same. */
function randomProblem(random: Random, tasks: number, isConstrained: boolean): Problem {
  const utilities = randomRows(random, tasks);
  const constraint = isConstrained
    ? randomConstraint(random, utilities)
    : new Float64Array(utilities[0]!.length);
  const active = utilities.map(() => (random.uniform() < 0.9 ? 1 : 0));
  active[random.int(tasks)] = 1;
  return {
    gram: gramOf([...utilities, constraint]).map(Math.fround),
    ridge: random.uniform() < 0.7 ? 0 : Math.fround(random.uniform()),
    active,
  };
}

/** Runs the kernel on problems of equally many tasks; one row [α, β, certificate] each. */
async function solveOnGpu(
  device: GPUDevice,
  problems: readonly Problem[],
  constants: Record<string, number> = {},
) {
  const tasks = problems[0]!.active.length;
  const rowBytes = 4 * (tasks + 2);
  device.pushErrorScope('validation');
  const pipeline = await device.createComputePipelineAsync({
    layout: 'auto',
    compute: {
      module: device.createShaderModule({ code: minnormWgsl }),
      constants: { T: tasks, LANES: 8, ...constants },
    },
  });
  const buffer = (data: Float32Array | Uint32Array) => {
    const created = device.createBuffer({
      size: data.byteLength,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC,
      mappedAtCreation: true,
    });
    new Uint8Array(created.getMappedRange()).set(new Uint8Array(data.buffer));
    created.unmap();
    return created;
  };
  const staging = device.createBuffer({
    size: rowBytes * problems.length,
    usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
  });
  const encoder = device.createCommandEncoder();
  problems.forEach(({ gram, active, ridge }, i) => {
    const solution = buffer(new Float32Array(tasks + 2));
    const bound = [
      buffer(Float32Array.from(gram)),
      buffer(Uint32Array.from(active)),
      buffer(Float32Array.of(ridge)),
    ];
    const entries = [...bound, solution].map((resource, binding) => ({ binding, resource }));
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(1);
    pass.end();
    encoder.copyBufferToBuffer(solution, 0, staging, i * rowBytes, rowBytes);
  });
  device.queue.submit([encoder.finish()]);
  expect((await device.popErrorScope())?.message).toBeUndefined();
  await staging.mapAsync(GPUMapMode.READ);
  const rows = new Float32Array(staging.getMappedRange().slice(0));
  return problems.map((_, i) => {
    const row = rows.subarray(i * (tasks + 2), (i + 1) * (tasks + 2));
    return { alpha: row.slice(0, tasks), beta: row[tasks]!, certificate: row[tasks + 1]! };
  });
}

describe.skipIf(!gpu)('the min-norm kernel', async () => {
  const adapter = await gpu?.requestAdapter();
  const device = (await adapter?.requestDevice()) as GPUDevice;

  test.each([
    [1, 30],
    [2, 60],
    [3, 60],
    [9, 80],
    [40, 60],
    [64, 40],
  ])('reaches a certificate of 0.99 for T = %i over %i problems of every family', async (tasks, count) => {
    const random = new Random(tasks);
    const problems = Array.from({ length: count }, (_, i) => randomProblem(random, tasks, i % 2 === 1));
    const solutions = await solveOnGpu(device, problems);
    solutions.forEach((solution, i) => {
      const problem = problems[i]!;
      expect(Math.min(...solution.alpha)).toBeGreaterThanOrEqual(0);
      expect(Math.abs(solution.alpha.reduce((a, b) => a + b) - 1)).toBeLessThan(1e-5);
      expect(solution.beta).toBeGreaterThanOrEqual(1);
      solution.alpha.forEach((weight, t) => {
        if (!problem.active[t]) expect(weight).toBe(0);
      });
      expect(paretoGuidedCertificate(problem, solution, ROUNDING)).toBeGreaterThanOrEqual(0.99);
      expect(solution.certificate).toBeGreaterThanOrEqual(0.99);
    });
    // Without any allowance for float32, all but directions that vanish to rounding.
    const strict = solutions.filter(
      (solution, i) => paretoGuidedCertificate(problems[i]!, solution, 0) >= 0.99,
    );
    expect(strict.length).toBeGreaterThanOrEqual(0.85 * count);
  });

  test('agrees with the exact solver on α and β where the problem is well conditioned', async () => {
    const random = new Random(8);
    const problems = Array.from({ length: 20 }, () => ({
      ...randomProblem(random, 9, true),
      ridge: 1,
    }));
    const solutions = await solveOnGpu(device, problems);
    solutions.forEach(({ alpha, beta }, i) => {
      const exact = paretoGuidedWeights(problems[i]!);
      alpha.forEach((weight, t) => {
        expect(Math.abs(weight - exact.alpha[t]!)).toBeLessThan(2e-3);
      });
      expect(Math.abs(beta / exact.beta - 1)).toBeLessThan(2e-3);
    });
  });

  test('gives the same bits every time, however many lanes share the work', async () => {
    const random = new Random(5);
    const problems = Array.from({ length: 10 }, () => randomProblem(random, 9, true));
    const first = await solveOnGpu(device, problems);
    expect(await solveOnGpu(device, problems)).toEqual(first);
    expect(await solveOnGpu(device, problems, { LANES: 64 })).toEqual(first);
  });

  test('leaves the constraint out on request, as if its gradient were zero', async () => {
    const random = new Random(6);
    const problems = Array.from({ length: 5 }, () => randomProblem(random, 9, true));
    const without = problems.map((problem) => {
      const gram = problem.gram.map((entry, i) => (i % 10 === 9 || i >= 90 ? 0 : entry));
      return { ...problem, gram };
    });
    expect(await solveOnGpu(device, problems, { CONSTRAINED: 0 })).toEqual(await solveOnGpu(device, without));
  });

  test('keeps α = 0, β = 1 in a batch without any label', async () => {
    const problem = { ...randomProblem(new Random(7), 3, true), active: [0, 0, 0] };
    const [solution] = await solveOnGpu(device, [problem]);
    expect(solution).toEqual({ alpha: new Float32Array(3), beta: 1, certificate: 1 });
  });

  test('says so in the certificate when its budget ends before the optimum', async () => {
    const rows = [Float64Array.of(10, 0, 1), Float64Array.of(-9, 1, 0), Float64Array.of(0, -0.5, 2)];
    const problem = { gram: gramOf([...rows, new Float64Array(3)]), ridge: 0, active: [1, 1, 1] };
    const [cut] = await solveOnGpu(device, [problem], { ITERATIONS: 1 });
    const [whole] = await solveOnGpu(device, [problem]);
    expect(cut!.certificate).toBeLessThan(0.9);
    expect(whole!.certificate).toBeGreaterThan(0.99);
  });
});
