// npm run bench:profile -- [--device webgpu|wasm] [--write]
// Where the time of FairMT's step goes, at T = 10: table, picture and Chrome trace to bench/out; with --write also the
// section "Profile" of bench/RESULTS.md.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type DeviceKind, openDevice } from '../src/node.ts';
import {
  chromeTrace,
  drawProfile,
  formatProfile,
  type KernelSummary,
  kernelsOf,
  measureCeilings,
  summariseProfile,
} from '../src/program/index.ts';
import { writeSection } from './results.ts';
import { trainerOf } from './step.ts';

const { values: flags } = parseArgs({
  options: { device: { type: 'string', default: 'webgpu' }, write: { type: 'boolean', default: false } },
});
const tasks = 10;

const device = await openDevice(flags.device as DeviceKind);
const ceilings = await measureCeilings(device);
const begin = performance.now();
using trainer = await trainerOf('fairmt', tasks, device);
const { program } = trainer;
trainer.beginEpoch();
program.run();
await program.read('losses');
const first = performance.now() - begin;
const profile = await program.profile({ repeats: 20 });

const limits = {
  memory: 'the bytes that it must move',
  arithmetic: 'its arithmetic',
  dispatch: 'the cost of a dispatch, not the work in it',
} as const satisfies Record<NonNullable<KernelSummary['roof']>['bound'], string>;
const dearest = summariseProfile(profile, ceilings, 'label')
  .slice(0, 3)
  .map(({ label, count, nanoseconds, share, roof }, at) => {
    const time = `${(nanoseconds / 1e6).toFixed(2)} ms in ${count} dispatches, ${(100 * share).toFixed(0)} % of the time`;
    return `${at + 1}. \`${label}\`: ${time}; nearest to ${limits[roof!.bound]} (${(100 * roof!.share).toFixed(0)} % of that ceiling).`;
  });
const kernels = program.plan ? `; ${kernelsOf(program.plan).length} distinct kernels` : '';
const section = [
  `FairMT's step at T = ${tasks}: trunk 128 → 256 → 256 → 128, batch 512, heads binary, one of 10 classes, one regression,`,
  `head-aware min-norm weights, two partitions. ${cpus()[0]!.model.trim()}, ${cpus().length} cores. First step with all`,
  `compilation: ${(first / 1e3).toFixed(1)} s${kernels}. Made by \`npm run bench:profile -- --write\`.`,
  '',
  'The three largest costs:',
  '',
  ...dearest,
  '',
  '```',
  formatProfile(profile, ceilings),
  '',
  drawProfile(profile, ceilings),
  '```',
].join('\n');
console.log(section);
mkdirSync('bench/out', { recursive: true });
writeFileSync('bench/out/profile.txt', `${section}\n`);
writeFileSync('bench/out/profile-trace.json', chromeTrace(profile));
if (flags.write) writeSection('Profile', section);
if (device.kind === 'webgpu') device.gpu.destroy();
