// The report in a minute: what was done, the three numbers that people ask for, and every task in a line.
import { isMeasured, type Measured } from '../../fairness/index.ts';
import { type Digest, type JudgedTask, lossOf, methodTitle, methodWords, type Place } from '../digest.ts';
import {
  type Block,
  type Card,
  type Cell,
  type Figure,
  joined,
  name,
  paragraph,
  plain,
  type Section,
  section,
  strong,
  type Table,
  type Text,
} from '../document.ts';
import { notionWords } from '../notions.ts';
import { count, counted, decimal, percent, signed } from '../numbers.ts';
import { label } from '../plots/labels.ts';
import { drawLevels } from '../plots/levels.ts';
import { pointLegend } from './legend.ts';
import { taskId } from './tasks.ts';

export function glance(digest: Digest): Section {
  return section('At a glance', [
    paragraph(...whatWasDone(digest)),
    { kind: 'cards', cards: cards(digest) },
    ...overview(digest),
  ]);
}

function whatWasDone({ summary, before, after, tasks }: Digest): Text[] {
  const { data, tasks: trained } = summary;
  const title = strong(methodTitle(after.method));
  const training: Text = before
    ? [
        `twice: with `,
        strong(methodTitle(before.method)),
        ` (${methodWords(before.method)}; “before” below) and with `,
        title,
        ` (${methodWords(after.method)}; “after”)`,
      ]
    : ['with ', title, ` (${methodWords(after.method)})`];
  const rows = `${counted(data.rows[data.evaluatedOn], `${data.evaluatedOn} row`)}`;
  const fresh = data.evaluatedOn === 'test' ? ', which no model had seen' : '';
  return [
    `One network was trained on ${counted(data.rows.train, 'row')} of `,
    name(data.file),
    ` for ${counted(trained.length, 'task')} (`,
    joined(trained.slice(0, 8).map((task) => name(task.name))),
    trained.length > 8 ? ', …' : '',
    '), ',
    training,
    `. All numbers below were measured on ${rows}${fresh}.`,
    tasks.length > trained.length
      ? ` Every column of a task is judged by itself: ${count(tasks.length)} in all.`
      : '',
  ];
}

function cards(digest: Digest): Card[] {
  return [utilityCard(digest), gapCard(digest), ...(digest.before ? [levellingCard(digest)] : [])];
}

/** Smaller changes than this are called none. */
const NOTABLE = 0.005;

function utilityCard({ before, after }: Digest): Card {
  const [was, is] = [before?.evaluation.meanUtility, after.evaluation.meanUtility];
  const card = {
    title: 'Mean utility',
    figures: movement(was, is),
    note: 'Over the tasks: balanced accuracy, or 1 − mean error / deviation. 1 is perfect; higher is better.',
  };
  const change = difference(was, is);
  if (change === undefined) return { ...card, verdict: 'without a comparison', tone: 'even' };
  if (Math.abs(change) < NOTABLE) return { ...card, verdict: `kept (${signed(change)})`, tone: 'good' };
  return change > 0
    ? { ...card, verdict: `gained ${signed(change)}`, tone: 'good' }
    : { ...card, verdict: `lost ${decimal(-change)}${shareOf(-change, was)}`, tone: 'bad' };
}

function gapCard({ before, after }: Digest): Card {
  const [was, is] = [before?.evaluation.meanGap, after.evaluation.meanGap];
  const card = {
    title: 'Mean gap',
    figures: movement(was, is),
    note: 'How far the worst-served group stays behind the best-served one, mean over tasks and groupings. 0 is equal; lower is better.',
  };
  const change = difference(was, is);
  if (change === undefined) return { ...card, verdict: 'without a comparison', tone: 'even' };
  if (Math.abs(change) < NOTABLE)
    return { ...card, verdict: `hardly changed (${signed(change)})`, tone: 'even' };
  return change < 0
    ? { ...card, verdict: `narrowed by ${decimal(-change)}${shareOf(-change, was)}`, tone: 'good' }
    : { ...card, verdict: `widened by ${decimal(change)}${shareOf(change, was)}`, tone: 'bad' };
}

function levellingCard(digest: Digest): Card {
  const loss = digest.summary.comparison?.levellingDown.served ?? 'insufficient';
  const card = {
    title: 'Levelling down',
    note: 'The largest loss of any group that was best served before. Fairness should lift, not take away.',
  };
  if (loss === 'insufficient')
    return { ...card, figures: '–', verdict: 'no group could be judged', tone: 'even' };
  const figures = decimal(Math.max(0, loss.loss));
  const tolerance = decimal(toleranceOf(digest, loss));
  switch (lossOf(digest, loss)) {
    case 'kept':
      return { ...card, figures, verdict: 'no best-served group lost', tone: 'good' };
    case 'within':
      return {
        ...card,
        figures,
        verdict: [...place(loss), ` lost most, within the tolerance of ${tolerance}`],
        tone: 'good',
      };
    case 'unsure':
      return {
        ...card,
        figures,
        verdict: [...place(loss), ` lost more than the tolerance of ${tolerance}, perhaps by chance`],
        tone: 'bad',
      };
    case 'lost':
      return {
        ...card,
        figures,
        verdict: [...place(loss), ` lost more than the tolerance of ${tolerance}`],
        tone: 'bad',
      };
  }
}

function place({ task, partition, cell }: Place): Text[] {
  return [name(cell), ' (', name(partition), ') in ', name(task)];
}

function toleranceOf({ tasks }: Digest, { task }: Place): number {
  return tasks.find(({ name: own }) => own === task)?.facts.tolerance ?? 0;
}

function movement(was: Measured | undefined, is: Measured | undefined): string {
  return was === undefined ? decimal(is) : `${decimal(was)} → ${decimal(is)}`;
}

function difference(was: Measured | undefined, is: Measured): number | undefined {
  return was !== undefined && isMeasured(was) && isMeasured(is) ? is - was : undefined;
}

function shareOf(change: number, was: Measured | undefined): string {
  return typeof was === 'number' && was > 0 ? ` (${percent(change / was)})` : '';
}

function overview(digest: Digest): Block[] {
  const { before, tasks } = digest;
  const table = overviewTable(before !== undefined, tasks);
  const figure = overviewFigure(tasks);
  return figure ? [pointLegend(digest, 'within tolerance'), { kind: 'pair', figure, table }] : [table];
}

function overviewTable(compared: boolean, tasks: readonly JudgedTask[]): Table {
  return {
    kind: 'table',
    caption: compared ? 'Every task, before → after' : 'Every task',
    columns: [
      { title: 'Task' },
      { title: 'Utility', align: 'right' },
      { title: 'Worst gap', align: 'right' },
      { title: compared ? 'Worst served after' : 'Worst served' },
    ],
    rows: tasks.map((task, at): Cell[] => {
      const { worstGap } = task.after;
      return [
        { text: { link: name(task.name), to: taskId(at) }, detail: notionWords(task.facts).title },
        { text: movement(task.before?.overall.utility.value, task.after.overall.utility.value) },
        { text: task.facts.notion === 'none' ? '–' : movement(worst(task.before), worst(task.after)) },
        worstGap === 'insufficient'
          ? { text: '–' }
          : { text: name(worstGap.cell), detail: name(worstGap.partition) },
      ];
    }),
  };
}

function worst(task: JudgedTask['after'] | undefined): Measured | undefined {
  if (!task) return undefined;
  return task.worstGap === 'insufficient' ? 'insufficient' : task.worstGap.gap;
}

function overviewFigure(tasks: readonly JudgedTask[]): Figure | undefined {
  const judged = tasks.filter(({ after }) => after.worstGap !== 'insufficient');
  if (judged.length === 0) return undefined;
  const tolerances = new Set(judged.map(({ facts }) => facts.tolerance));
  const [tolerance] = tolerances;
  const point = (value: Measured | undefined) => (typeof value === 'number' ? { value } : undefined);
  const rows = judged.map((task) => {
    const [before, after] = [point(worst(task.before)), point(worst(task.after))];
    return {
      label: label(task.name),
      figures: movement(worst(task.before), worst(task.after)),
      ...(before && { before }),
      ...(after && { after }),
    };
  });
  return {
    kind: 'figure',
    caption: 'The worst gap of every task',
    description: rows
      .map(({ figures }, at) => `${plain(name(judged[at]!.name))}: worst gap ${figures}.`)
      .join(' '),
    drawing: drawLevels({
      rows,
      axis: '← lower is better   worst gap',
      limits: [0, Number.POSITIVE_INFINITY],
      band: [0, tolerances.size === 1 ? tolerance! : 0],
    }),
  };
}
