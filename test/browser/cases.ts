// The engine's cases that run unchanged on Dawn in Node and in a browser: they know nothing of either, and fail by
// throwing. In a browser this is the suite: training, random graphs, determinism, memory, device loss.
import fc from 'fast-check';
import { grads } from '../../src/autodiff/index.ts';
import { compile, openDevice, type Program } from '../../src/program/index.ts';
import { DeviceError, DeviceLostError } from '../../src/tensor/errors.ts';
import { type Training, twoTasks, words } from '../support/models.ts';
import { randomGraph } from '../support/random-graph.ts';
import { define, type GpuTarget, type Scenario, trace, traceDifference } from '../support/traces.ts';

export interface Case {
  readonly name: string;
  readonly run: (gpu: GPU) => Promise<void>;
}

function require(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

async function open(gpu: GPU, kernelClass: 'software' | 'discrete' = 'software'): Promise<GpuTarget> {
  const device = await openDevice('webgpu', { gpu, kernelClass });
  require(device.kind === 'webgpu', 'no WebGPU device');
  return device;
}

async function agree(scenario: Scenario, target: GpuTarget, tolerance: number): Promise<void> {
  const found = traceDifference(await trace(scenario, target), await define(scenario), tolerance);
  require(found === undefined, `WebGPU differs from the interpreter, ${found}`);
}

async function random(target: GpuTarget, numRuns: number, seed: number): Promise<void> {
  const property = fc.asyncProperty(randomGraph(), async ({ inputs, outputs, loss }) => {
    const [gradients] = grads(
      [loss],
      inputs.map(({ value }) => value),
    );
    const named = [...outputs, loss, ...gradients!].map((value, i) => [`${i}`, value] as const);
    const feeds = Object.fromEntries(inputs.map(({ value, data }) => [value.node.name, data]));
    await agree({ spec: { outputs: Object.fromEntries(named) }, feeds }, target, 2e-5);
  });
  await fc.assert(property, { numRuns, seed, endOnFailure: true });
}

async function step(program: Program, { feeds, scalars }: Training, run: number): Promise<number> {
  for (const [name, data] of Object.entries(feeds(run))) program.write(name, data);
  for (const [name, value] of Object.entries(scalars(run))) program.set(name, value);
  program.run();
  return program.readNumber('loss');
}

async function rebuilt(gpu: GPU): Promise<void> {
  const training = twoTasks();
  const first = await open(gpu);
  using undisturbed = await compile(training.spec, await open(gpu));
  using program = await compile(training.spec, first);
  const expected: number[] = [];
  for (let run = 0; run < 14; run++) expected.push(await step(undisturbed, training, run));
  for (let run = 0; run < 9; run++) await step(program, training, run);
  await program.save();
  first.gpu.device.destroy();
  await first.gpu.device.lost;
  const error = await step(program, training, 9).catch((reason: unknown) => reason);
  require(error instanceof DeviceLostError, `expected DeviceLostError, got ${String(error)}`);
  await program.rebuild((await open(gpu)).gpu);
  for (let run = 9; run < 14; run++) {
    const loss = await step(program, training, run);
    require(loss === expected[run], `run ${run}: loss ${loss} instead of ${expected[run]}`);
  }
}

async function flat(gpu: GPU): Promise<void> {
  const target = await open(gpu);
  const training = words('adam');
  using program = await compile(training.spec, target);
  for (let run = 0; run < 20; run++) await step(program, training, run);
  const bytes = target.gpu.liveBytes;
  for (let run = 0; run < 300; run++) {
    if (run % 10 === 0) await step(program, training, run);
    else program.run();
  }
  require(target.gpu.liveBytes ===
    bytes, `${target.gpu.liveBytes} bytes live after 300 steps, ${bytes} before`);
}

async function surfaced(gpu: GPU): Promise<void> {
  const target = await open(gpu);
  const training = twoTasks();
  using program = await compile(training.spec, target);
  await step(program, training, 0);
  const buffer = target.gpu.createBuffer('small', 4, 0x8);
  target.gpu.device.queue.writeBuffer(buffer, 4, Float32Array.of(1));
  await target.gpu.device.queue.onSubmittedWorkDone();
  // A browser reports from another process, so the error may come a little later than the work is done.
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      program.run();
    } catch (error) {
      require(error instanceof DeviceError, `expected DeviceError, got ${String(error)}`);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('a validation error of the device never surfaced');
}

const twenty = { runs: 20 };

export const cases: readonly Case[] = [
  {
    name: 'twenty AdamW steps on two tasks, rates changed at step 10, are the interpreter’s',
    run: async (gpu) => agree({ ...twoTasks(), ...twenty }, await open(gpu), 1e-4),
  },
  {
    name: 'the same by the kernels for discrete adapters',
    run: async (gpu) => agree({ ...twoTasks(), ...twenty }, await open(gpu, 'discrete'), 1e-4),
  },
  {
    name: 'twenty steps of embeddings, layer norm and dropout are the interpreter’s',
    run: async (gpu) => agree({ ...words('sgd with nesterov'), ...twenty }, await open(gpu), 1e-4),
  },
  {
    name: 'forty random graphs, values and gradients, are the interpreter’s',
    run: async (gpu) => random(await open(gpu), 40, 51),
  },
  {
    name: 'two runs are equal bit for bit',
    run: async (gpu) => {
      const scenario = { ...words('adamw'), ...twenty };
      const [one, other] = [await trace(scenario, await open(gpu)), await trace(scenario, await open(gpu))];
      require(traceDifference(one, other, 0) === undefined, 'two runs differ');
    },
  },
  { name: 'a lost device rebuilt goes on to the same numbers', run: rebuilt },
  { name: 'live bytes are flat over 300 steps', run: flat },
  { name: 'a validation error of the device is an exception of a later call', run: surfaced },
];
