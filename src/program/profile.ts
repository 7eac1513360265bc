// What a profile says: kernels added up, and a Chrome trace that opens in Perfetto. Shares of the roofline are against what the device itself reached on a copy and a matrix product (Williams, Waterman and Patterson 2009).
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
  /** Of a dispatch that does next to nothing: no dispatch takes less. */
  readonly dispatchNanoseconds: number;
}

/** Which ceiling a kernel is nearest to. */
export type Bound = 'memory' | 'arithmetic' | 'dispatch';

/** Equal dispatches of a step together. */
export interface KernelSummary {
  readonly label: string;
  /** Of operands and result; the same for all of `count`, unless kernels were added up by label alone. */
  readonly shapes: string;
  /** Names of the graph nodes that they compute. */
  readonly nodes: readonly string[];
  /** Dispatches a step. */
  readonly count: number;
  readonly nanoseconds: number;
  /** Of the time of all dispatches. */
  readonly share: number;
  /** Least bytes moved and operations done, a step. */
  readonly bytes: number;
  readonly flops: number;
  readonly bytesPerSecond: number;
  readonly flopsPerSecond: number;
  /** Where ceilings were measured: the least time that they allow over the time taken, and which of them says so. */
  readonly roof?: { readonly share: number; readonly bound: Bound };
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
    dispatchNanoseconds: await leastDispatch(device),
    bytesPerSecond: await best([2 ** 18, 2 ** 20, 2 ** 22, 2 ** 24], copy, 'bytes'),
    flopsPerSecond: await best([128, 256, 512, 1024, 2048], product, 'flops'),
  };
}

/** Of dispatches that do next to nothing, many in a row: the first of a step waits for the device to wake. */
async function leastDispatch(device: Device): Promise<number> {
  let result = newGraph().scalar('one', 1).reshape([1, 1]);
  for (let i = 0; i < 16; i++) result = result.softmax();
  using program = await compile({ outputs: { result } }, device);
  const { dispatches } = await program.profile({ repeats: 20 });
  return Math.min(...dispatches.map(({ nanoseconds }) => nanoseconds));
}

/** The kernels of a step, the dearest first: those of one label and equal shapes together, or all of one label. */
export function summariseProfile(
  { dispatches }: StepProfile,
  ceilings?: Ceilings,
  by: 'shapes' | 'label' = 'shapes',
): KernelSummary[] {
  const groups = new Map<string, DispatchTiming[]>();
  for (const timing of dispatches) {
    const key = by === 'label' ? timing.label : `${timing.label} ${timing.shapes}`;
    groups.set(key, [...(groups.get(key) ?? []), timing]);
  }
  const total = sum(dispatches, 'nanoseconds');
  const kernels = [...groups.values()].map((timings): KernelSummary => {
    const { label, shapes } = timings[0]!;
    const work = {
      count: timings.length,
      nanoseconds: sum(timings, 'nanoseconds'),
      bytes: sum(timings, 'bytes'),
      flops: sum(timings, 'flops'),
    };
    const seconds = Math.max(1, work.nanoseconds) / 1e9;
    return {
      ...{ label, shapes, nodes: timings.flatMap(({ nodes }) => nodes), ...work },
      share: work.nanoseconds / Math.max(1, total),
      bytesPerSecond: work.bytes / seconds,
      flopsPerSecond: work.flops / seconds,
      ...(ceilings && { roof: roofOf(work, ceilings) }),
    };
  });
  return kernels.sort((a, b) => b.nanoseconds - a.nanoseconds);
}

type Work = Pick<KernelSummary, 'count' | 'nanoseconds' | 'bytes' | 'flops'>;

function roofOf(
  { count, nanoseconds, bytes, flops }: Work,
  ceilings: Ceilings,
): KernelSummary['roof'] & object {
  const least: readonly (readonly [Bound, number])[] = [
    ['memory', (1e9 * bytes) / ceilings.bytesPerSecond],
    ['arithmetic', (1e9 * flops) / ceilings.flopsPerSecond],
    ['dispatch', count * ceilings.dispatchNanoseconds],
  ];
  const [bound, time] = least.reduce((most, each) => (each[1] > most[1] ? each : most));
  return { share: time / Math.max(1, nanoseconds), bound };
}

function sum(timings: readonly DispatchTiming[], field: 'nanoseconds' | 'bytes' | 'flops'): number {
  return timings.reduce((total, timing) => total + timing[field], 0);
}

/**
 * One step as Chrome trace JSON (open it at ui.perfetto.dev): dispatches end to end with their median times, and above
 * them the unprofiled step and the host's part of it, so that all can be seen to differ.
 */
export function chromeTrace(profile: StepProfile): string {
  // Metadata takes no part in time, but some readers want `ts` of every event.
  const named = (tid: number, name: string) => ({
    ...{ name: 'thread_name', ph: 'M', ts: 0, pid: 1, tid },
    args: { name },
  });
  const process = { name: 'process_name', ph: 'M', ts: 0, pid: 1, tid: 0, args: { name: profile.adapter } };
  const slice = (tid: number, name: string, begin: number, nanoseconds: number, args: object) => ({
    ...{ name, ph: 'X', pid: 1, tid, ts: begin / 1e3, dur: nanoseconds / 1e3 },
    args,
  });
  let clock = 0;
  const dispatches = profile.dispatches.map(({ label, nanoseconds, nodes, ...rest }) => {
    const begin = clock;
    clock += nanoseconds;
    return slice(3, label, begin, nanoseconds, { nodes: nodes.join(' '), ...rest });
  });
  return JSON.stringify({
    displayTimeUnit: 'ns',
    traceEvents: [
      process,
      named(1, 'step, not profiled'),
      named(2, 'host: encode and submit'),
      named(3, 'dispatches'),
      slice(1, 'step', 0, profile.unprofiledStep, { 'profiled, ms': profile.profiledStep / 1e6 }),
      slice(2, 'encode', 0, profile.hostPerDispatch * profile.dispatches.length, {}),
      ...dispatches,
    ],
  });
}
