// A profile for the terminal: a table by kernel and shape, and a picture of where the time goes.
import type { StepProfile } from '../backend/webgpu/index.ts';
import { digits, short } from '../passes/amounts.ts';
import { type Ceilings, type KernelSummary, summariseProfile } from './profile.ts';

const mostRows = 24;
const longestCell = 36;
const barLength = 40;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const milliseconds = (nanoseconds: number): string => `${(nanoseconds / 1e6).toFixed(3)} ms`;
const shorten = (text: string): string =>
  text.length > longestCell ? `${text.slice(0, longestCell - 1)}…` : text;

/** Step times, and a table of kernels by shape, the dearest first; the rest, if many, in one row. */
export function formatProfile(profile: StepProfile, ceilings?: Ceilings): string {
  const head = ['kernel', 'shapes', 'node', 'calls', 'ms', 'share', 'bytes', 'FLOP', 'GB/s', 'GFLOP/s'];
  const kernels = summariseProfile(profile, ceilings);
  const rows = kernels.slice(0, mostRows).map((kernel) => [...cells(kernel), ...roofCells(kernel)]);
  const rest = kernels.slice(mostRows);
  const count = rest.reduce((total, kernel) => total + kernel.count, 0);
  const share = rest.reduce((total, kernel) => total + kernel.share, 0);
  const time = rest.reduce((total, kernel) => total + kernel.nanoseconds, 0);
  const more = [`${rest.length} more`, '', '', String(count), (time / 1e6).toFixed(3), percent(share)];
  return [
    ...heading(profile, ceilings),
    '',
    ...alignColumns([
      [...head, ...(ceilings ? ['roofline', 'bound'] : [])],
      ...rows,
      ...(rest.length > 0 ? [more] : []),
    ]),
  ].join('\n');
}

function heading(profile: StepProfile, ceilings?: Ceilings): string[] {
  const { adapter, dispatches, profiledStep, unprofiledStep, hostPerDispatch } = profile;
  // On the CPU there is no host beside the device.
  const host = hostPerDispatch > 0 ? `, ${(hostPerDispatch / 1e3).toFixed(1)} µs of the host each` : '';
  const lines = [
    adapter,
    `step ${milliseconds(unprofiledStep)}, profiled ${milliseconds(profiledStep)}; ${dispatches.length} dispatches${host}`,
  ];
  if (!ceilings) return lines;
  const { bytesPerSecond, flopsPerSecond, dispatchNanoseconds } = ceilings;
  lines.push(
    `measured ceilings: ${(bytesPerSecond / 1e9).toFixed(1)} GB/s (copy), ` +
      `${(flopsPerSecond / 1e9).toFixed(1)} GFLOP/s (matmul), ${(dispatchNanoseconds / 1e3).toFixed(1)} µs a dispatch`,
  );
  return lines;
}

function cells({ label, shapes, nodes, count, ...kernel }: KernelSummary): string[] {
  const node = nodes.at(-1) ?? '';
  return [
    shorten(label),
    shorten(shapes),
    shorten(nodes.length > 1 ? `${node} +${nodes.length - 1}` : node),
    String(count),
    (kernel.nanoseconds / 1e6).toFixed(3),
    percent(kernel.share),
    short(kernel.bytes),
    short(kernel.flops),
    digits(kernel.bytesPerSecond / 1e9),
    digits(kernel.flopsPerSecond / 1e9),
  ];
}

const roofCells = ({ roof }: KernelSummary): string[] => (roof ? [percent(roof.share), roof.bound] : []);

/** The first three columns to the left, the others to the right. */
function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    widths
      .map((width, column) => {
        const cell = row[column] ?? '';
        return column < 3 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

/**
 * A bar a kernel, as long as its time: the dark part is the least time that the ceilings allow, the light part is what
 * a better kernel could win. Without ceilings all is dark.
 */
export function drawProfile(profile: StepProfile, ceilings?: Ceilings): string {
  const all = summariseProfile(profile, ceilings, 'label');
  const kernels = all.slice(0, mostRows);
  const rest = all.slice(mostRows);
  const longest = kernels[0]?.nanoseconds ?? 0;
  const width = Math.max(0, ...kernels.map(({ label }) => shorten(label).length));
  const lines = kernels.map(({ label, nanoseconds, share, roof }) => {
    const length = Math.max(1, Math.round((barLength * nanoseconds) / Math.max(1, longest)));
    const dark = Math.round(length * Math.min(1, roof?.share ?? 1));
    const bar = `${'█'.repeat(dark)}${'░'.repeat(length - dark)}`.padEnd(barLength);
    return `${shorten(label).padEnd(width)}  ${bar}  ${percent(share).padStart(6)}  ${roof?.bound ?? ''}`.trimEnd();
  });
  const left = rest.reduce((total, { share }) => total + share, 0);
  if (rest.length > 0) {
    lines.push(
      `${`${rest.length} more`.padEnd(width)}  ${' '.repeat(barLength)}  ${percent(left).padStart(6)}`,
    );
  }
  const legend = ceilings ? ['█ the least time that the ceilings allow   ░ over it'] : [];
  return [...lines, ...legend].join('\n');
}
