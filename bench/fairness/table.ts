// The summaries as Markdown tables, which read well in a terminal too.
import { atGap, type Frontier, type FrontierPoint, frontiersOf } from './frontier.ts';
import { byBudget, penalties } from './methods.ts';
import type { BenchSet } from './sets/index.ts';
import type { MethodSummary, SetSummary, Spread } from './summary.ts';

/** `0.123 ± 0.004`. */
export const told = ({ mean, deviation }: Spread): string => `${mean.toFixed(3)} ± ${deviation.toFixed(3)}`;

export const percent = (share: number): string => `${share > 0 ? '+' : ''}${(100 * share).toFixed(1)} %`;

/** Of ERM's gap. */
export const wholePercent = (share: number): string => `${Math.round(100 * share)} %`;

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
  const { methods } = summary;
  const named = (names: readonly string[]): MethodSummary[] =>
    names.map((name) => methods.find(({ method }) => method === name)!);
  const swept = new Set([...penalties, ...byBudget]);
  const shown = methods.filter(({ method }) => !swept.has(method) || method === 'fairmt');
  const size =
    `trunk ${set.widths.join('–')}, linear heads, ${set.epochs} epochs (${set.warmupEpochs} of warm-up), ` +
    `batches of ${set.batch}, ${summary.seeds} seeds`;
  return [
    `### ${set.name}`,
    '',
    `${size}. ${verdict(summary)}`,
    '',
    table(columns, shown.map(methodRow)),
    '',
    'Utility (gap) by task:',
    '',
    table(['method', ...Object.keys(shown[0]!.utilities)], shown.map(taskRow)),
    '',
    'The frontiers: FairMT over the utility budget, with what it came to in training loss, and the symmetric penalty over its weight.',
    '',
    table(
      [...columns, 'loss allowed'],
      [
        ...named(byBudget).map((row) => [...methodRow(row), wholePercent(row.allowance ?? 0)]),
        ...named(penalties).map((row) => [...methodRow(row), '–']),
      ],
    ),
    '',
    'At an equal mean gap, read off the straight lines between those points (– where the frontier ends above it):',
    '',
    equalGaps(summary),
    '',
  ].join('\n');
}

export function verdict({ methods, penalty, aim }: SetSummary): string {
  const fairmt = methods.find(({ method }) => method === 'fairmt')!;
  const met = aim.halved && aim.affordable && aim.gentler;
  const rival = penalty
    ? `against ${penalty.loss.toFixed(3)} of the symmetric penalty at the same gap (utility ${percent(penalty.utilityChange)}).`
    : 'where no weight of the symmetric penalty reaches this gap.';
  return [
    met ? '**The aim is met.**' : '**The aim is missed.**',
    `FairMT leaves ${wholePercent(fairmt.gapRatio)} of ERM’s mean gap at ${percent(fairmt.utilityChange)}`,
    `mean utility; levelling down ${fairmt.meanLoss.mean.toFixed(3)} on average`,
    rival,
  ].join(' ');
}

/** Where the frontiers are set against each other, whatever came out: shares of ERM's gap. */
const comparedAt = [0.75, 0.6, 0.5];

function equalGaps({ methods }: SetSummary): string {
  const { symmetric, fairmt } = frontiersOf(methods);
  const cells = (of: (point: FrontierPoint) => string, at: number): string[] =>
    [fairmt, symmetric].map((frontier: Frontier) => {
      const point = atGap(frontier, at);
      return point ? of(point) : '–';
    });
  return table(
    ['gap, of ERM’s', 'utility: FairMT', 'symmetric penalty', 'levelling down: FairMT', 'symmetric penalty'],
    comparedAt.map((at) => [
      wholePercent(at),
      ...cells(({ utilityChange }) => percent(utilityChange), at),
      ...cells(({ loss }) => loss.toFixed(3), at),
    ]),
  );
}

function methodRow(row: MethodSummary): string[] {
  return [
    row.method,
    told(row.utility),
    percent(row.utilityChange),
    told(row.meanGap),
    wholePercent(row.gapRatio),
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
