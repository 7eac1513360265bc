// A profile in words and pictures: a table by kernel, and a Chrome trace that opens in Perfetto. Shares of the roofline
// are against what the device itself reached on a copy and a matrix product (Williams, Waterman and Patterson 2009).
import type { DispatchTiming, StepProfile } from '../backend/webgpu/index.ts';
import type { Graph } from '../graph/graph.ts';
import type { Value } from '../graph/value.ts';
import { newGraph } from '../ops/index.ts';
import { numel } from '../tensor/shape.ts';
import type { Device } from './device.ts';
import { compile } from './program.ts';

/** What a device was measured to reach. */
export interface Ceilings {
  readonly bytesPerSecond: number;
  readonly flopsPerSecond: number;
}

/** A kernel of a step: all its dispatches together. */
export interface KernelSummary {
  readonly label: string;
  /** Dispatches a step. */
  readonly count: number;
  readonly nanoseconds: number;
  /** Of the time of all dispatches. */
  readonly share: number;
  readonly bytesPerSecond: number;
  readonly flopsPerSecond: number;
  /** The least time that the ceilings allow, over the time taken; absent where they were not measured. */
  readonly roofline?: number;
}

/** Long enough for a dispatch to show what the device can do. */
const telling = 5e6;

/**
 * Bytes a second of a copy and operations a second of a matrix product: the best dispatch of each, over sizes that
 * double until one takes 5 ms. Takes a second or two.
 * @throws DeviceError where the device cannot be profiled
 */
export async function measureCeilings(device: Device): Promise<Ceilings> {
  const best = async (
    sizes: readonly number[],
    build: (graph: Graph, size: number) => Value,
    work: 'bytes' | 'flops',
  ): Promise<number> => {
    let rate = 0;
    for (const size of sizes) {
      using program = await compile({ outputs: { result: build(newGraph(), size) } }, device);
      for (const [name, { shape }] of Object.entries(program.inputs)) {
        program.write(name, new Float32Array(numel(shape)).fill(1));
      }
      const { dispatches } = await program.profile({ repeats: 3 });
      for (const { nanoseconds, ...timing } of dispatches) {
        // Browsers round timestamps, to 0 where the dispatch was short.
        if (nanoseconds > 0) rate = Math.max(rate, (1e9 * timing[work]) / nanoseconds);
      }
      if (dispatches.some(({ nanoseconds }) => nanoseconds > telling)) break;
    }
    return rate;
  };
  const copy = (graph: Graph, size: number): Value =>
    graph.input('a', [size]).concat([graph.input('b', [size])], 0);
  const product = (graph: Graph, size: number): Value =>
    graph.input('a', [size, size]).matmul(graph.input('b', [size, size]));
  return {
    bytesPerSecond: await best([2 ** 18, 2 ** 20, 2 ** 22, 2 ** 24], copy, 'bytes'),
    flopsPerSecond: await best([128, 256, 512, 1024, 2048], product, 'flops'),
  };
}

/** The kernels of a step, the dearest first. */
export function summariseProfile({ dispatches }: StepProfile, ceilings?: Ceilings): KernelSummary[] {
  const groups = new Map<string, DispatchTiming[]>();
  for (const timing of dispatches) groups.set(timing.label, [...(groups.get(timing.label) ?? []), timing]);
  const total = sum(dispatches, 'nanoseconds');
  const kernels = [...groups].map(([label, timings]): KernelSummary => {
    const [nanoseconds, bytes, flops] = [
      sum(timings, 'nanoseconds'),
      sum(timings, 'bytes'),
      sum(timings, 'flops'),
    ];
    const seconds = Math.max(1, nanoseconds) / 1e9;
    const least = ceilings && Math.max(bytes / ceilings.bytesPerSecond, flops / ceilings.flopsPerSecond);
    return {
      ...{ label, count: timings.length, nanoseconds, share: nanoseconds / Math.max(1, total) },
      ...{ bytesPerSecond: bytes / seconds, flopsPerSecond: flops / seconds },
      ...(least === undefined ? {} : { roofline: least / seconds }),
    };
  });
  return kernels.sort((a, b) => b.nanoseconds - a.nanoseconds);
}

function sum(timings: readonly DispatchTiming[], field: 'nanoseconds' | 'bytes' | 'flops'): number {
  return timings.reduce((total, timing) => total + timing[field], 0);
}

/** The profile as a table for a terminal, the dearest kernel first. */
export function formatProfile(profile: StepProfile, ceilings?: Ceilings): string {
  const head = ['kernel', 'calls', 'ms', 'share', 'GB/s', 'GFLOP/s', 'roofline'];
  const rows = summariseProfile(profile, ceilings).map((kernel) => [
    kernel.label,
    String(kernel.count),
    (kernel.nanoseconds / 1e6).toFixed(3),
    percent(kernel.share),
    (kernel.bytesPerSecond / 1e9).toFixed(2),
    (kernel.flopsPerSecond / 1e9).toFixed(2),
    kernel.roofline === undefined ? '–' : percent(kernel.roofline),
  ]);
  const milliseconds = (time: number): string => `${(time / 1e6).toFixed(3)} ms`;
  const ceiling = ceilings
    ? `; measured ceilings ${(ceilings.bytesPerSecond / 1e9).toFixed(1)} GB/s, ${(ceilings.flopsPerSecond / 1e9).toFixed(1)} GFLOP/s`
    : '';
  return [
    `${profile.adapter}${ceiling}`,
    `step ${milliseconds(profile.unprofiledStep)}, profiled ${milliseconds(profile.profiledStep)}; ` +
      `${profile.dispatches.length} dispatches, ${(profile.hostPerDispatch / 1e3).toFixed(1)} µs of the host each`,
    '',
    ...alignColumns([head, ...rows]),
  ].join('\n');
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** The first column to the left, the others to the right. */
function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  '),
  );
}

/**
 * One step as Chrome trace JSON (open it at ui.perfetto.dev): dispatches end to end with their median times, and above
 * them the unprofiled step, so that both can be seen to differ.
 */
export function chromeTrace(profile: StepProfile): string {
  const named = (tid: number, name: string) => ({
    ...{ name: 'thread_name', ph: 'M', pid: 1, tid },
    args: { name },
  });
  const slice = (tid: number, name: string, begin: number, nanoseconds: number, args: object) => ({
    ...{ name, ph: 'X', pid: 1, tid, ts: begin / 1e3, dur: nanoseconds / 1e3 },
    args,
  });
  let clock = 0;
  const dispatches = profile.dispatches.map(({ label, nodes, bytes, flops, nanoseconds, calls }) => {
    const begin = clock;
    clock += nanoseconds;
    return slice(2, label, begin, nanoseconds, { nodes: nodes.join(' '), bytes, flops, calls });
  });
  return JSON.stringify({
    displayTimeUnit: 'ns',
    otherData: { adapter: profile.adapter },
    traceEvents: [
      named(1, 'step, not profiled'),
      named(2, 'dispatches'),
      slice(1, 'step', 0, profile.unprofiledStep, { profiled: profile.profiledStep }),
      ...dispatches,
    ],
  });
}
