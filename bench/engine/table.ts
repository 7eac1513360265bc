// The comparison as Markdown: medians, ratios to the peers, and plainly where we lose.
import { isWrong, type Measurement, type Timing } from './measure.ts';
import { type Workload, type WorkloadId, workloads } from './workloads.ts';

export interface Results {
  readonly machine: string;
  readonly contenders: readonly { readonly name: string; readonly about: string }[];
  readonly measurements: readonly Measurement[];
}

export function render({ machine, contenders, measurements }: Results): string {
  const names = contenders.map(({ name }) => name);
  const header = (columns: readonly string[]): string[] => [
    `| ${columns.join(' | ')} |`,
    `|---|${columns
      .slice(1)
      .map(() => '---:|')
      .join('')}`,
  ];
  const row = (id: WorkloadId, cells: readonly string[]): string =>
    `| ${workloads[id].name} | ${cells.join(' | ')} |`;
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
    ...verdicts(measurements),
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

/** Ratios of each backend to the same backend of the peers, and to the fastest of all. */
function verdicts(measurements: readonly Measurement[]): string[] {
  const lines = measurements.flatMap(({ id, timings }) => {
    const timed = Object.entries(timings).filter((entry): entry is [string, Timing] => 'median' in entry[1]);
    const of = (name: string): Timing | undefined => timed.find(([other]) => other === name)?.[1];
    return ['webgpu', 'wasm'].flatMap((backend) => {
      const ours = of(`fairmt ${backend}`);
      if (!ours) return [];
      const against = timed.filter(([name]) => name !== `fairmt ${backend}` && !name.startsWith('fairmt'));
      const ratios = against.map(([name, { median }]) => [name, median / ours.median] as const);
      const faster = ratios.filter(([, ratio]) => ratio < 1);
      const told = ratios.filter(([name]) => name.endsWith(backend) || name === 'WGSL by hand');
      const text = told.map(([name, ratio]) => `${times(ratio)} ${name}`).join(', ');
      const lost = faster.filter(([name]) => !told.some(([other]) => other === name));
      const loss = lost.map(([name, ratio]) => `${times(1 / ratio)} slower than ${name}`).join(', ');
      return [`| ${workloads[id].name} | ${backend} | ${text || '–'} | ${loss || '–'} |`];
    });
  });
  return [
    'Our speed as a multiple of each peer’s on the same kind of backend (below 1: we lose), and which peers’ other',
    'backend beats us:',
    '',
    '| workload | ours on | × the speed of | beaten by |',
    '|---|---|---|---|',
    ...lines,
  ];
}

const times = (ratio: number): string => `${ratio.toFixed(ratio < 10 ? 2 : 0)}×`;
