// Every task: what it predicts, what was asked for, how well it does, and how every group is served.
import type { Measured, TaskMetrics } from '../../fairness/index.ts';
import {
  type Digest,
  type GroupComparison,
  type GroupLevels,
  type JudgedTask,
  standingWords,
} from '../digest.ts';
import {
  type Block,
  type Cell,
  type Figure,
  name,
  paragraph,
  plain,
  type Section,
  section,
  strong,
  type Table,
  type Text,
} from '../document.ts';
import { conditionText, notionWords } from '../notions.ts';
import { count, decimal, interval } from '../numbers.ts';
import { label } from '../plots/labels.ts';
import { drawLevels, type LevelRow } from '../plots/levels.ts';
import { legend } from './legend.ts';

export function taskSections(digest: Digest): Section {
  return section('Every task and every group', [
    paragraph(
      'A level says how well a group is served: what it is depends on the task’s fairness notion, and higher is always better. ',
      'The gap is how far a group stays behind the best-served group of the same model.',
    ),
    legend(digest),
    ...digest.tasks.map((task, at) => ({ ...taskSection(task, digest), id: taskId(at) })),
  ]);
}

/** Of the section of the task at this place. */
export function taskId(at: number): string {
  return `task-${at + 1}`;
}

function taskSection(task: JudgedTask, digest: Digest): Section {
  const { facts } = task;
  const words = notionWords(facts);
  const asked: Block =
    facts.notion === 'none'
      ? paragraph(words.asks)
      : {
          kind: 'facts',
          facts: [
            [`Asked for: ${words.title}`, words.asks],
            ['Tolerance', `A group may stay ${decimal(facts.tolerance)} behind before that counts.`],
            ['Not asked for', words.leavesOpen],
          ],
        };
  return section(name(task.name), [
    paragraph(strong(facts.type), ': ', name(facts.label), unitText(facts)),
    asked,
    overallTable(task),
    ...task.comparisons.map((comparison) => pair(task, comparison, digest)),
    ...(facts.notion === 'none' ? utilityTables(task) : []),
  ]);
}

function unitText({ transform }: JudgedTask['facts']): string {
  return transform === undefined || transform === 'none' ? '.' : `, learnt and measured as its ${transform}.`;
}

function pair(task: JudgedTask, comparison: GroupComparison, digest: Digest): Block {
  return { kind: 'pair', figure: groupFigure(task, comparison), table: groupTable(task, comparison, digest) };
}

function groupFigure({ facts }: JudgedTask, comparison: GroupComparison): Figure {
  const { partition, condition, groups, bestBefore, bestAfter } = comparison;
  const { level } = notionWords(facts);
  const isShare = facts.type !== 'regression' && facts.notion !== 'loss-parity';
  return {
    kind: 'figure',
    caption: [name(partition), ': ', level, ...among(facts, condition)],
    description: groups.map(describe).join(' '),
    drawing: drawLevels({
      rows: groups.map(levelRow),
      axis: `${level} →`,
      limits: isShare ? [0, 1] : [Number.NEGATIVE_INFINITY, facts.notion === 'loss-parity' ? 0 : 1],
      ...(bestAfter !== undefined && { band: [bestAfter - facts.tolerance, bestAfter] as const }),
      ...(bestBefore !== undefined && { reference: bestBefore }),
    }),
  };
}

function among(facts: JudgedTask['facts'], condition: string): Text[] {
  if (condition === 'all') return [];
  return [condition.startsWith('y=') ? ' of those ' : ', ', conditionText(facts, condition)];
}

function levelRow({ cell, before, after }: GroupLevels): LevelRow {
  const [was, is] = [pointOf(before), pointOf(after)];
  return {
    label: label(cell),
    figures: is || was ? movement(before, after) : `too few to judge (${count(after.count)})`,
    ...(was && { before: was }),
    ...(is && { after: is }),
  };
}

function pointOf(level: GroupLevels['before']): LevelRow['after'] {
  if (!level || level.level.value === 'insufficient') return undefined;
  const { value, interval: bounds } = level.level;
  return { value, ...(bounds && { interval: bounds }) };
}

function movement(before: GroupLevels['before'], after: GroupLevels['after']): string {
  const is = decimal(after.level.value);
  return before ? `${decimal(before.level.value)} → ${is}` : is;
}

/** A group in words. */
function describe({ cell, before, after, standing }: GroupLevels): string {
  const own = plain(name(cell));
  if (standing === 'few') return `${own}: too few to judge, ${count(after.count)}.`;
  const told = (level: GroupLevels['after']): string => {
    const bounds = interval(level.level);
    return `${decimal(level.level.value)}${bounds ? ` (${bounds})` : ''}`;
  };
  const was = before ? `from ${told(before)} ` : '';
  return `${own}: ${was}${before ? 'to ' : ''}${told(after)}, ${standingWords[standing]}.`;
}

function groupTable({ facts }: JudgedTask, comparison: GroupComparison, { before }: Digest): Table {
  const { partition, condition, groups } = comparison;
  const compared = before !== undefined;
  return {
    kind: 'table',
    caption: ['By ', name(partition), ...among(facts, condition), compared ? '; gap before → after' : ''],
    columns: [
      { title: 'Group' },
      ...(compared ? [{ title: 'Before', align: 'right' } as const] : []),
      { title: compared ? 'After' : 'Level', align: 'right' },
      { title: 'Gap', align: 'right' },
      { title: compared ? 'After, it is' : 'It is' },
    ],
    rows: groups.map(({ cell, before: was, after, standing }): Cell[] => [
      { text: name(cell), detail: `${count(after.count)} labelled` },
      ...(compared ? [levelCell(was)] : []),
      levelCell(after),
      gapCell(was, after),
      { standing },
    ]),
  };
}

function levelCell(level: GroupLevels['before']): Cell {
  if (!level) return { text: '–' };
  const bounds = interval(level.level);
  return { text: decimal(level.level.value), ...(bounds && { detail: bounds }) };
}

function gapCell(before: GroupLevels['before'], { gap }: GroupLevels['after']): Cell {
  if (gap.value === 'insufficient') return { text: '–' };
  const bounds = gap.value === 0 ? undefined : interval(gap);
  const text = before ? `${decimal(before.gap.value)} → ${decimal(gap.value)}` : decimal(gap.value);
  return { text, ...(bounds && { detail: bounds }) };
}

/** The groups of a task without a notion: their utility only. */
function utilityTables({ before, after }: JudgedTask): Table[] {
  return after.partitions.map(({ partition, cells }) => {
    const earlier = before?.partitions.find((other) => other.partition === partition)?.cells;
    return {
      kind: 'table',
      caption: ['Utility by ', name(partition)],
      columns: [
        { title: 'Group' },
        ...(before ? [{ title: 'Before', align: 'right' } as const] : []),
        { title: before ? 'After' : 'Utility', align: 'right' },
      ],
      rows: cells.map((cell): Cell[] => {
        const was = earlier?.find((other) => other.cell === cell.cell);
        const told = ({ utility }: typeof cell): Cell => {
          const bounds = interval(utility);
          return { text: decimal(utility.value), ...(bounds && { detail: bounds }) };
        };
        return [
          { text: name(cell.cell), detail: `${count(cell.count)} labelled` },
          ...(before ? [was ? told(was) : { text: '–' }] : []),
          told(cell),
        ];
      }),
    };
  });
}

function overallTable({ before, after }: JudgedTask): Table {
  const rows = overallRows(after).map(([title, value]): Cell[] => {
    const earlier = before && overallRows(before).find(([other]) => other === title)?.[1];
    return [{ text: title }, ...(before ? [{ text: metric(earlier) }] : []), { text: metric(value) }];
  });
  return {
    kind: 'table',
    caption: `Everyone together, ${count(after.overall.count)} labelled rows`,
    columns: [
      { title: 'Metric' },
      ...(before ? [{ title: 'Before', align: 'right' } as const] : []),
      { title: before ? 'After' : 'Value', align: 'right' },
    ],
    rows,
  };
}

/** A metric of enough rows may still be undefined: precision where nobody is told yes. */
function metric(value: Measured | undefined): string {
  return value === 'insufficient' ? 'not defined' : decimal(value);
}

function overallRows({ overall: { utility, metrics } }: JudgedTask['after']): [string, Measured][] {
  return metrics === 'insufficient' ? [['utility', utility.value]] : metricRows(metrics, utility.value);
}

function metricRows(metrics: TaskMetrics, utility: Measured): [string, Measured][] {
  switch (metrics.kind) {
    case 'detection':
      return [
        ['balanced accuracy (utility)', utility],
        ['accuracy', metrics.accuracy],
        ['F1', metrics.f1],
        ['precision', metrics.precision],
        ['recall', metrics.recall],
        ['AUC', metrics.auc],
      ];
    case 'classification':
      return [
        ['balanced accuracy (utility)', utility],
        ['accuracy', metrics.accuracy],
        ['macro F1', metrics.macroF1],
        ['log loss', metrics.logLoss],
      ];
    case 'regression':
      return [
        ['1 − mean error / deviation (utility)', utility],
        ['mean absolute error', metrics.mae],
        ['root mean squared error', metrics.rmse],
        ['R²', metrics.r2],
        ['concordance (CCC)', metrics.ccc],
      ];
  }
}
