// The comparison as Markdown: medians, ratios to the peers, and plainly where we lose.
import { censusOf } from './census.ts';
import { isWrong, type Measurement } from './measure.ts';
import { type Workload, type WorkloadId, workloads } from './workloads.ts';

export interface Results {
  readonly machine: string;
  readonly contenders: readonly { readonly name: string; readonly about: string }[];
  readonly measurements: readonly Measurement[];
}

export function render({ machine, contenders, measurements }: Results): string {
  const names = contenders.map(({ name }) => name);
  const lost = losses(measurements);
  return [
    `${machine}. Medians of interleaved turns (both orders), milliseconds a call until the device is done; GFLOP/s in`,
    'brackets. ✗: the answer is not the one that the others agree on. Made by `npm run bench:engine -- --write`.',
    '',
    ...contenders.map(({ about }) => `- ${about}`),
    '',
    ...header(['workload', ...names]),
    ...measurements.map(({ id, timings }) =>
      row(
        id,
        names.map((name) => cell(id, timings[name])),
      ),
    ),
    '',
    'First call, with all compilation and an empty shader cache, seconds:',
    '',
    ...header(['workload', ...names]),
    ...measurements.map(({ id, timings }) =>
      row(
        id,
        names.map((name) => firstCell(timings[name])),
      ),
    ),
    '',
    'Our speed as a multiple of each peer’s on the same kind of backend; below 1, in bold, we lose:',
    '',
    ...ratios(measurements),
    '',
    ...census(measurements),
    'Where a peer on any backend is faster:',
    '',
    ...(lost.length > 0 ? lost : ['- nowhere']),
    ...advice(measurements),
  ].join('\n');
}

type Cell = Measurement['timings'][string] | undefined;

function cell(id: WorkloadId, timing: Cell): string {
  if (!timing) return '–';
  if ('failed' in timing) return 'failed';
  const { flops }: Workload = workloads[id];
  const rate = flops ? ` (${(flops / timing.median / 1e6).toFixed(1)})` : '';
  return `${figures(timing.median)}${rate}${isWrong(id, timing) ? ' ✗' : ''}`;
}

const firstCell = (timing: Cell): string => {
  if (!timing) return '–';
  return 'failed' in timing ? 'failed' : figures(timing.first / 1e3);
};

/** Three significant digits. */
function figures(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** Our speed as a multiple of each peer's on the same backend; below 1 in bold: there we lose. */
function ratios(measurements: readonly Measurement[]): string[] {
  const columns = ['jax-js webgpu', 'tfjs webgpu', 'WGSL by hand', 'jax-js wasm', 'tfjs wasm'];
  const cellOf = (timings: Measurement['timings'], peer: string): string => {
    const ours = medianOf(timings, peer.endsWith('wasm') ? 'fairmt wasm' : 'fairmt webgpu');
    const theirs = medianOf(timings, peer);
    if (ours === undefined || theirs === undefined) return '–';
    const ratio = theirs / ours;
    return ratio < 1 ? `**${times(ratio)}**` : times(ratio);
  };
  const cells = ({ timings }: Measurement): string[] => columns.map((peer) => cellOf(timings, peer));
  return [
    ...header(['× the speed of', ...columns]),
    ...measurements.map((each) => row(each.id, cells(each))),
  ];
}

/** Where any peer on any backend beats ours on WebGPU or on WebAssembly. */
function losses(measurements: readonly Measurement[]): string[] {
  return measurements.flatMap(({ id, timings }) =>
    ['webgpu', 'wasm'].flatMap((backend) => {
      const ours = medianOf(timings, `fairmt ${backend}`);
      if (ours === undefined) return [];
      const faster = Object.entries(timings).flatMap(([name, timing]) => {
        if (name.startsWith('fairmt') || 'failed' in timing || isWrong(id, timing)) return [];
        return timing.median < ours ? [`${name} (${times(ours / timing.median)})`] : [];
      });
      const { name } = workloads[id];
      return faster.length > 0 ? [`- ${name}, ours on ${backend}: behind ${faster.join(', ')}`] : [];
    }),
  );
}

/** Said where it holds: on machines without a GPU. */
function advice(measurements: readonly Measurement[]): string[] {
  const both = measurements.flatMap(({ timings }) => {
    const [webgpu, wasm] = [medianOf(timings, 'fairmt webgpu'), medianOf(timings, 'fairmt wasm')];
    return webgpu !== undefined && wasm !== undefined ? [wasm < webgpu] : [];
  });
  if (both.length === 0 || !both.every((wins) => wins)) return [];
  return ['', 'On this adapter WebAssembly beats WebGPU in every workload: `--device auto` takes it here.'];
}

/** What a training step asks of WebGPU, and of the host. */
function census(measurements: readonly Measurement[]): string[] {
  const step = measurements.find(({ id }) => id === 'step');
  const rows = Object.entries(step?.timings ?? {}).flatMap(([name, timing]) => {
    if (!name.endsWith('webgpu') || 'failed' in timing) return [];
    const counts = censusOf.map((what) => timing.census[what]);
    return [`| ${name} | ${counts.join(' | ')} | ${figures(timing.host)} |`];
  });
  if (rows.length === 0) return [];
  return [
    'What a training step asks of WebGPU, and how long the host takes to hand it over (milliseconds):',
    '',
    ...header(['', ...censusOf, 'host']),
    ...rows,
    '',
  ];
}

function medianOf(timings: Measurement['timings'], name: string): number | undefined {
  const timing = timings[name];
  return timing && 'median' in timing ? timing.median : undefined;
}

function header(columns: readonly string[]): string[] {
  const numbers = columns.slice(1).map(() => '---:|');
  return [`| ${columns.join(' | ')} |`, `|---|${numbers.join('')}`];
}

function row(id: WorkloadId, cells: readonly string[]): string {
  return `| ${workloads[id].name} | ${cells.join(' | ')} |`;
}

const times = (ratio: number): string => `${ratio.toFixed(ratio < 10 ? 2 : 0)}×`;
