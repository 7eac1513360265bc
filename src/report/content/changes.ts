// Who was lifted, who was not, and whether the best served paid for it.
import type { Measured } from '../../fairness/index.ts';
import type { Digest, GroupLevels } from '../digest.ts';
import {
  type Block,
  type Cell,
  type Figure,
  name,
  paragraph,
  type Section,
  section,
  type Table,
  type Text,
} from '../document.ts';
import { conditionText } from '../notions.ts';
import { count, decimal, signed } from '../numbers.ts';
import { label } from '../plots/labels.ts';
import { drawLevels } from '../plots/levels.ts';
import type { CellChange, TaskFacts } from '../summary.ts';
import { pointLegend } from './legend.ts';

/** Groups at either end of the list that are shown. */
const SHOWN = 8;

export function changeSections(digest: Digest): Section[] {
  const { summary, tasks } = digest;
  const { comparison } = summary;
  if (!comparison) return [];
  const factsOf = new Map(tasks.map((task) => [task.name, task.facts]));
  const facts = (change: CellChange): TaskFacts => factsOf.get(change.task)!;
  return [
    section('Who was lifted, and by how much', [pointLegend(digest), ...lifted(comparison.changes, facts)]),
    section('Levelling down: did the best served pay?', audit(comparison.changes, tasks, facts)),
  ];
}

function lifted(changes: readonly CellChange[], facts: (change: CellChange) => TaskFacts): Block[] {
  if (changes.length === 0) return [paragraph('No group could be judged before and after.')];
  const up = changes.filter((change) => gain(change) > 0);
  const down = changes.filter((change) => gain(change) < 0);
  const same = changes.length - up.length - down.length;
  const shown = ends(changes);
  const part =
    shown.length < changes.length
      ? ` Those that changed most are shown; the others stand with their tasks.`
      : '';
  const figure: Figure = {
    kind: 'figure',
    caption: 'Levels of the groups that changed most, the most lifted first',
    description: shown.map((change) => `${groupName(change)}: ${signed(gain(change))}.`).join(' '),
    drawing: drawLevels({
      rows: shown.map((change) => ({
        label: `${label(change.task)} · ${label(change.partition)}: ${label(change.cell)}`,
        figures: signed(gain(change)),
        before: { value: change.before },
        after: { value: change.after },
      })),
      axis: 'level →',
    }),
  };
  return [
    paragraph(
      `Of ${count(changes.length)} levels (a group in a task, under each condition of its notion), `,
      `${count(up.length)} rose, ${count(down.length)} fell and ${count(same)} stayed.${part}`,
    ),
    { kind: 'pair', figure, table: changeTable(shown, facts) },
  ];
}

const gain = ({ before, after }: CellChange): number => after - before;

const groupName = ({ task, partition, cell }: CellChange): string => `${task}, ${partition} ${cell}`;

function ends(changes: readonly CellChange[]): readonly CellChange[] {
  return changes.length <= 2 * SHOWN ? changes : [...changes.slice(0, SHOWN), ...changes.slice(-SHOWN)];
}

function changeTable(changes: readonly CellChange[], facts: (change: CellChange) => TaskFacts): Table {
  return {
    kind: 'table',
    caption: 'The groups that changed most',
    columns: [
      { title: 'Group' },
      { title: 'Task' },
      { title: 'Level', align: 'right' },
      { title: 'Change', align: 'right' },
    ],
    rows: changes.map((change): Cell[] => [
      { text: name(change.cell), detail: name(change.partition) },
      taskCell(change, facts(change)),
      { text: `${decimal(change.before)} → ${decimal(change.after)}` },
      { text: signed(gain(change)) },
    ]),
  };
}

function taskCell(change: CellChange, facts: TaskFacts): Cell {
  const among = change.condition === 'all' ? undefined : conditionText(facts, change.condition);
  return { text: name(change.task), ...(among !== undefined && { detail: among }) };
}

function audit(
  changes: readonly CellChange[],
  tasks: Digest['tasks'],
  facts: (change: CellChange) => TaskFacts,
): Block[] {
  const best = changes.filter(({ gapBefore }) => gapBefore === 0).sort((a, b) => gain(a) - gain(b));
  if (best.length === 0)
    return [paragraph('No best-served group could be judged before and after.'), ...uncomparedLosses(tasks)];
  const lost = best.filter((change) => -gain(change) > facts(change).tolerance);
  const verdict: Text =
    lost.length === 0
      ? `None of the ${count(best.length)} best-served groups lost more than its task’s tolerance: the gaps were not closed by taking away.`
      : `${count(lost.length)} of the ${count(best.length)} best-served groups lost more than the tolerance: there the gap was closed, in part, by taking away.`;
  return [
    paragraph(
      'Gaps can be closed by harming those who are well off. So every group that was best served before is looked at again after. ',
      verdict,
    ),
    {
      kind: 'table',
      caption: 'The groups that were best served before, the greatest loss first',
      columns: [
        { title: 'Group' },
        { title: 'Task' },
        { title: 'Level', align: 'right' },
        { title: 'Change', align: 'right' },
        { title: 'Utility', align: 'right' },
        { title: 'Verdict' },
      ],
      rows: best.map((change): Cell[] => [
        { text: name(change.cell), detail: name(change.partition) },
        taskCell(change, facts(change)),
        { text: `${decimal(change.before)} → ${decimal(change.after)}` },
        { text: signed(gain(change)) },
        { text: utilities(change, tasks) },
        { text: verdictOf(change, facts(change).tolerance, levelsOf(change, tasks)) },
      ]),
    },
    ...uncomparedLosses(tasks),
  ];
}

/** A loss is called chance where the interval of the level after reaches to within the tolerance of the one before. */
function verdictOf(change: CellChange, tolerance: number, levels: GroupLevels | undefined): string {
  const loss = -gain(change);
  if (loss <= 0) return 'kept';
  if (loss <= tolerance) return 'lost, within tolerance';
  const interval = levels?.after.level.interval;
  return interval && interval[1] >= change.before - tolerance ? 'lost, perhaps by chance' : 'lost';
}

function levelsOf(
  { task, partition, condition, cell }: CellChange,
  tasks: Digest['tasks'],
): GroupLevels | undefined {
  return tasks
    .find((other) => other.name === task)
    ?.comparisons.find((other) => other.partition === partition && other.condition === condition)
    ?.groups.find((other) => other.cell === cell);
}

function utilities({ task, partition, cell }: CellChange, tasks: Digest['tasks']): string {
  const judged = tasks.find(({ name: own }) => own === task);
  const of = (model: Digest['tasks'][number]['after'] | undefined): Measured | undefined =>
    model?.partitions
      .find((other) => other.partition === partition)
      ?.cells.find((other) => other.cell === cell)?.utility.value;
  return `${decimal(of(judged?.before))} → ${decimal(of(judged?.after))}`;
}

/** Groups that no other could be compared with have no gap, so that no audit of gaps sees what they lose. */
function uncomparedLosses(tasks: Digest['tasks']): Block[] {
  const items = tasks.flatMap(({ name: task, facts, comparisons }) =>
    comparisons.flatMap(({ partition, condition, groups }) =>
      groups.flatMap(({ cell, before, after, standing }): Text[] => {
        const [was, is] = [before?.level.value, after.level.value];
        if (standing !== 'alone' || typeof was !== 'number' || typeof is !== 'number') return [];
        if (was - is <= facts.tolerance) return [];
        const among = condition === 'all' ? [] : [', ', conditionText(facts, condition)];
        const levels = `: ${decimal(was)} → ${decimal(is)}`;
        return [[name(cell), ' (', name(partition), ') in ', name(task), ...among, levels]];
      }),
    ),
  );
  if (items.length === 0) return [];
  return [
    paragraph('Worse off, too, though no other group was large enough to compare them with:'),
    { kind: 'list', items },
  ];
}
