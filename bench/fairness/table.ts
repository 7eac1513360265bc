// The summaries as Markdown tables, which read well in a terminal too.
import { penalties } from './methods.ts';
import type { BenchSet } from './sets/index.ts';
import type { MethodSummary, SetSummary, Spread } from './summary.ts';

/** `0.123 ± 0.004`. */
export const told = ({ mean, deviation }: Spread): string => `${mean.toFixed(3)} ± ${deviation.toFixed(3)}`;

export const percent = (share: number): string => `${share > 0 ? '+' : ''}${(100 * share).toFixed(1)} %`;

const columns = [
  'method',
  'mean utility',
  'to ERM',
  'mean gap',
  'of ERM’s',
  'worst gap',
  'levelling down: mean',
  'largest',
];

export function setTable(set: BenchSet, summary: SetSummary): string {
  const shown = summary.methods.filter(
    ({ method }) => !penalties.includes(method) || method === summary.penalty,
  );
  const size =
    `trunk ${set.widths.join('–')}, linear heads, ${set.epochs} epochs (${set.warmupEpochs} of warm-up), ` +
    `batches of ${set.batch}, ${summary.seeds} seeds`;
  return [
    `## ${set.name}`,
    '',
    `${size}. ${verdict(summary)}`,
    '',
    table(columns, shown.map(methodRow)),
    '',
    'Utility (gap) by task:',
    '',
    table(['method', ...Object.keys(shown[0]!.utilities)], shown.map(taskRow)),
    '',
    'The frontier of the symmetric penalty:',
    '',
    table(columns, summary.methods.filter(({ method }) => penalties.includes(method)).map(methodRow)),
    '',
  ].join('\n');
}

function verdict({ methods, penalty, aim }: SetSummary): string {
  const of = (name: string): MethodSummary => methods.find(({ method }) => method === name)!;
  const fairmt = of('fairmt');
  const rival = of(penalty);
  const met = aim.halved && aim.affordable && aim.gentler;
  return [
    met ? '**The aim is met.**' : '**The aim is missed.**',
    `FairMT leaves ${Math.round(100 * fairmt.gapRatio)} % of ERM’s mean gap at ${percent(fairmt.utilityChange)}`,
    `mean utility; levelling down ${fairmt.meanLoss.mean.toFixed(3)} on average against`,
    `${rival.meanLoss.mean.toFixed(3)} of \`${penalty}\`, the penalty at the nearest validation gap.`,
  ].join(' ');
}

function methodRow(row: MethodSummary): string[] {
  return [
    row.method,
    told(row.utility),
    percent(row.utilityChange),
    told(row.meanGap),
    `${Math.round(100 * row.gapRatio)} %`,
    told(row.worstGap),
    told(row.meanLoss),
    told(row.largestLoss),
  ];
}

function taskRow({ method, utilities, gaps }: MethodSummary): string[] {
  const cells = Object.entries(utilities).map(([task, utility]) => {
    const gap = gaps[task];
    return `${told(utility)} (${gap ? gap.mean.toFixed(3) : 'insufficient'})`;
  });
  return [method, ...cells];
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
