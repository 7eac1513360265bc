// npm run bench:engine -- [--write] [NAME PART]
// The engine against jax-js and tfjs, in turns, on the same adapter: prints the table and writes bench/out/engine.json;
// with --write also the section "Engine" of bench/RESULTS.md.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { writeSection } from '../results.ts';
import { isTimed, type Measurement, measure } from './measure.ts';
import { type Results, render } from './table.ts';
import { bundle, installPeers, Worker } from './worker.ts';
import { type WorkloadId, workloads } from './workloads.ts';

const contenders = [
  ['fairmt webgpu', 'engine/fairmt.ts', 'webgpu'],
  ['jax-js webgpu', 'peers/jax.ts', 'webgpu'],
  ['tfjs webgpu', 'peers/tfjs.ts', 'webgpu'],
  ['WGSL by hand', 'engine/handwritten.ts', 'webgpu'],
  ['fairmt wasm', 'engine/fairmt.ts', 'wasm'],
  ['jax-js wasm', 'peers/jax.ts', 'wasm'],
  ['tfjs wasm', 'peers/tfjs.ts', 'wasm'],
] as const;

const words = process.argv.slice(2);
const write = words.includes('--write');
const part = words.find((word) => !word.startsWith('--')) ?? '';

const begin = performance.now();
const progress = (text: string): void =>
  console.error(`${((performance.now() - begin) / 1e3).toFixed(0).padStart(4)} s  ${text}`);

installPeers();
const workers: Worker[] = [];
try {
  const modules = new Map<string, string>();
  for (const [name, script, backend] of contenders) {
    if (!modules.has(script)) modules.set(script, await bundle(script));
    workers.push(await Worker.start(name, modules.get(script)!, backend));
    progress(workers.at(-1)!.about);
  }
  const measurements: Measurement[] = [];
  for (const id of Object.keys(workloads) as WorkloadId[]) {
    if (!workloads[id].name.includes(part)) continue;
    progress(workloads[id].name);
    measurements.push(await measure(id, workers));
  }
  const results: Results = {
    machine: `${cpus()[0]!.model.trim()}, ${cpus().length} cores, Node ${process.version.slice(1)}`,
    contenders: workers.map(({ name, about }) => ({ name, about })),
    measurements,
  };
  mkdirSync('bench/out', { recursive: true });
  writeFileSync('bench/out/engine.json', `${JSON.stringify(results, undefined, 2)}\n`);
  const section = render(results);
  console.log(section);
  const whole = part === '' && measurements.every(({ timings }) => Object.values(timings).every(isTimed));
  if (write && whole) writeSection('Engine', section);
  else if (write) {
    console.error('bench/RESULTS.md is left as it was: not everything was measured.');
    process.exitCode = 1;
  }
} finally {
  for (const worker of workers) worker.stop();
}
