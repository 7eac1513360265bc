// npm run bench:cost [-- --device webgpu|wasm|cpu]
// What FairMT's step costs over plain multi-task training: the same trunk 128 → 256 → 256 → 128, batch 512, T heads
// (binary, one of 10 classes, one regression), medians of interleaved blocks of steps.
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { openDevice } from '../../src/node.ts';
import type { Device, DeviceKind } from '../../src/program/index.ts';
import type { MethodName } from '../../src/train/method.ts';
import type { Trainer } from '../../src/train/trainer.ts';
import { trainerOf } from '../step.ts';
import { table } from './table.ts';

const { values: flags } = parseArgs({ options: { device: { type: 'string', default: 'webgpu' } } });
const stepsPerBlock = 5;
const blocks = 9;
const compared = ['erm', 'fairmt-without-qp', 'fairmt'] as const satisfies readonly MethodName[];

const device = await openDevice(flags.device as DeviceKind);
const lines: { tasks: number; milliseconds: Record<string, number> }[] = [];
for (const tasks of [2, 10, 40]) {
  lines.push({ tasks, milliseconds: await medians(tasks, device) });
  console.error(`${tasks} tasks: measured`);
}
console.log(
  table(
    ['tasks', ...compared.map((name) => `${name} (ms a step)`), 'fairmt / erm'],
    lines.map(({ tasks, milliseconds: of }) => [
      `${tasks}`,
      ...compared.map((name) => of[name]!.toFixed(2)),
      (of['fairmt']! / of['erm']!).toFixed(2),
    ]),
  ),
);
await mkdir('bench/out', { recursive: true });
await writeFile('bench/out/cost.json', JSON.stringify({ device: flags.device, lines }, undefined, 2));

async function medians(count: number, on: Device): Promise<Record<string, number>> {
  const trainers: Record<string, Trainer> = {};
  for (const name of compared) {
    trainers[name] = await trainerOf(name, count, on);
    trainers[name].beginEpoch();
  }
  const times: Record<string, number[]> = Object.fromEntries(compared.map((name) => [name, []]));
  for (let block = -1; block < blocks; block++) {
    for (const name of compared) {
      const took = await timeBlock(trainers[name]!);
      if (block >= 0) times[name]!.push(took); // The block before the first warms up.
    }
  }
  for (const trainer of Object.values(trainers)) trainer.dispose();
  return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]));
}

/** Milliseconds a step, the end of the last one awaited. */
async function timeBlock({ program }: Trainer): Promise<number> {
  const started = performance.now();
  for (let step = 0; step < stepsPerBlock; step++) program.run();
  await program.read('losses');
  return (performance.now() - started) / stepsPerBlock;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
