// Results as tables for the terminal.
import type { Evaluation, TaskEvaluation } from '../fairness/index.ts';
import type { CellChange, Summary } from '../report/summary.ts';
import type { Io } from './io.ts';
import { say } from './io.ts';
import { coloursOf, count, decimal, duration, safe, shorten, table } from './show.ts';

/** Before and after, task by task, and who was lifted. */
export function showSummary(io: Io, summary: Summary): void {
  const { bold, dim } = coloursOf(io);
  const { data, device, models, comparison, warnings, clock } = summary;
  const { train, validation, test } = data.rows;
  say(io, bold(safe(summary.name)));
  say(
    io,
    `rows      ${count(train)} for training, ${count(validation)} for validation, ${count(test)} for the test`,
  );
  say(io, `device    ${device.kind} (${safe(device.name)})`);
  const { loading, training, evaluation } = clock.seconds;
  say(io, `time      ${duration(loading + training + evaluation)}, of which training ${duration(training)}`);
  say(io);
  say(
    io,
    `On the ${data.evaluatedOn} rows. Utility: balanced accuracy, or 1 − error / deviation; higher is better.`,
  );
  say(io, 'Gap: how far the worst-served group stays behind the best-served one; lower is better.');
  say(io);
  say(
    io,
    comparisonTable(models.map(({ method, evaluation: judged }) => ({ name: method, evaluation: judged }))),
  );
  if (comparison) {
    say(io);
    say(io, groupTable(comparison.changes));
  }
  for (const warning of warnings) say(io, `${dim('note')}  ${safe(warning)}`);
}

interface Judged {
  readonly name: string;
  readonly evaluation: Evaluation;
}

/** Utility and worst gap of every task, by each model. */
export function comparisonTable(models: readonly Judged[]): string {
  const names = models.map(({ name }) => name);
  const header = [
    'task',
    'notion',
    ...names.map((name) => `utility ${name}`),
    ...names.map((name) => `gap ${name}`),
    'worst served',
  ];
  const tasks = models.at(-1)!.evaluation.tasks;
  const rows = tasks.map((task) => {
    const judged = models.map(({ evaluation }) => evaluation.tasks.find((other) => other.task === task.task));
    return [
      shorten(task.task, 32),
      task.notion,
      ...judged.map((one) => decimal(one?.overall.utility.value)),
      ...judged.map((one) => gapOf(one)),
      task.worstGap === 'insufficient'
        ? ''
        : shorten(`${task.worstGap.partition}: ${task.worstGap.cell}`, 32),
    ];
  });
  const total = [
    'mean',
    '',
    ...models.map(({ evaluation }) => decimal(evaluation.meanUtility)),
    ...models.map(({ evaluation }) => decimal(evaluation.meanGap)),
    '',
  ];
  const numbers = new Array(2 * models.length).fill('right') as 'right'[];
  return table(header, [...rows, total], ['left', 'left', ...numbers, 'left']);
}

function gapOf(task: TaskEvaluation | undefined): string {
  return task === undefined || task.worstGap === 'insufficient' ? '–' : decimal(task.worstGap.gap);
}

const SHOWN = 16;

/** Who is served how well, before and after: the groups that changed most. */
function groupTable(changes: readonly CellChange[]): string {
  const most = [...changes].sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before));
  const rows = most
    .slice(0, SHOWN)
    .sort((a, b) => b.after - b.before - (a.after - a.before))
    .map(({ task, partition, cell, condition, count: labels, before, after }) => [
      shorten(task, 24),
      shorten(`${partition}: ${cell}`, 32),
      condition,
      count(labels),
      decimal(before),
      decimal(after),
      change(after - before),
    ]);
  const header = ['task', 'group', 'among', 'labels', 'served before', 'after', 'change'];
  return table(header, rows, ['left', 'left', 'left', 'right', 'right', 'right', 'right']);
}

function change(value: number): string {
  const size = decimal(Math.abs(value));
  if (Number(size) === 0) return size;
  return `${value > 0 ? '+' : '−'}${size}`;
}

/** Every group of every task, with intervals. */
export function evaluationTable({ tasks }: Evaluation): string {
  const rows = tasks.flatMap((task) => [
    [
      shorten(task.task, 24),
      'everyone',
      '',
      count(task.overall.count),
      estimate(task.overall.utility),
      '',
      '',
    ],
    ...task.partitions.flatMap(({ partition, cells }) =>
      cells.flatMap((cell) => {
        const place = shorten(`${partition}: ${cell.cell}`, 32);
        const utility = estimate(cell.utility);
        if (cell.levels.length === 0) return [['', place, '', count(cell.count), utility, '', '']];
        return cell.levels.map(({ condition, count: labels, level, gap }) => [
          '',
          place,
          condition,
          count(labels),
          utility,
          estimate(level),
          decimal(gap.value),
        ]);
      }),
    ),
  ]);
  const header = ['task', 'group', 'among', 'labels', 'utility', 'served', 'gap'];
  return table(header, rows, ['left', 'left', 'left', 'right', 'left', 'left', 'right']);
}

function estimate({ value, interval }: Evaluation['tasks'][number]['overall']['utility']): string {
  return interval ? `${decimal(value)} (${decimal(interval[0])} to ${decimal(interval[1])})` : decimal(value);
}
