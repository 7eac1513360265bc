// Who was lifted, who was not, and by how much.
import type { Digest } from '../digest.ts';
import {
  type Block,
  type Cell,
  type Figure,
  name,
  paragraph,
  type Section,
  section,
  type Table,
} from '../document.ts';
import { conditionText } from '../notions.ts';
import { count, decimal, signed } from '../numbers.ts';
import { label } from '../plots/labels.ts';
import { drawLevels } from '../plots/levels.ts';
import type { CellChange } from '../summary.ts';
import { pointLegend } from './legend.ts';

/** Groups at either end of the list that are shown. */
const SHOWN = 8;

export function liftedSection(digest: Digest): Section[] {
  const { comparison } = digest.summary;
  if (!comparison) return [];
  return [
    section('Who was lifted, and by how much', [pointLegend(digest), ...lifted(digest, comparison.changes)]),
  ];
}

function lifted(digest: Digest, changes: readonly CellChange[]): Block[] {
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
    { kind: 'pair', figure, table: changeTable(digest, shown) },
  ];
}

export const gain = ({ before, after }: CellChange): number => after - before;

const groupName = ({ task, partition, cell }: CellChange): string => `${task}, ${partition} ${cell}`;

function ends(changes: readonly CellChange[]): readonly CellChange[] {
  return changes.length <= 2 * SHOWN ? changes : [...changes.slice(0, SHOWN), ...changes.slice(-SHOWN)];
}

function changeTable(digest: Digest, changes: readonly CellChange[]): Table {
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
      taskCell(digest, change),
      { text: `${decimal(change.before)} → ${decimal(change.after)}` },
      { text: signed(gain(change)) },
    ]),
  };
}

/** The task, and whom the level speaks of. */
export function taskCell({ tasks }: Digest, { task, condition }: CellChange): Cell {
  const facts = tasks.find(({ name: own }) => own === task)?.facts;
  if (!facts || condition === 'all') return { text: name(task) };
  return { text: name(task), detail: conditionText(facts, condition) };
}
