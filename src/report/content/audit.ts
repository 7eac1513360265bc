// Levelling down: whether gaps were closed by taking from those who were served best.
import type { Measured } from '../../fairness/index.ts';
import { type Digest, type Loss, lossOf } from '../digest.ts';
import {
  type Block,
  type Cell,
  name,
  paragraph,
  type Section,
  section,
  type Table,
  type Text,
} from '../document.ts';
import { conditionText } from '../notions.ts';
import { count, decimal, signed } from '../numbers.ts';
import type { CellChange } from '../summary.ts';
import { gain, taskCell } from './lifted.ts';

export function auditSection(digest: Digest): Section[] {
  const { comparison } = digest.summary;
  if (!comparison) return [];
  const best = comparison.changes
    .filter(({ gapBefore }) => gapBefore === 0)
    .sort((a, b) => gain(a) - gain(b));
  const blocks: Block[] =
    best.length === 0
      ? [paragraph('No best-served group could be judged before and after.')]
      : [
          paragraph(
            'Gaps can be closed by harming those who are well off. So every group that was best served before is looked at again after. ',
            verdict(digest, best),
          ),
          auditTable(digest, best),
        ];
  return [section('Levelling down: did the best served pay?', [...blocks, ...uncomparedLosses(digest)])];
}

function verdict(digest: Digest, best: readonly CellChange[]): string {
  const losses = best.map((change) => lossOf(digest, change));
  const number = (loss: Loss): number => losses.filter((one) => one === loss).length;
  const [sure, unsure] = [number('lost'), number('unsure')];
  const all = `of the ${count(best.length)} best-served groups`;
  if (sure + unsure === 0)
    return `None ${all} lost more than its task’s tolerance: no gap was closed by taking away.`;
  const chance =
    unsure === 0 ? '' : sure === 0 ? ', perhaps by chance' : ` (${count(unsure)} perhaps by chance)`;
  return `${count(sure + unsure)} ${all} lost more than the tolerance${chance}: where they did, a gap was closed, at least in part, by taking away.`;
}

function auditTable(digest: Digest, best: readonly CellChange[]): Table {
  return {
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
      taskCell(digest, change),
      { text: `${decimal(change.before)} → ${decimal(change.after)}` },
      { text: signed(gain(change)) },
      { text: utilities(change, digest.tasks) },
      { text: LOSS_WORDS[lossOf(digest, change)] },
    ]),
  };
}

const LOSS_WORDS: Readonly<Record<Loss, string>> = {
  kept: 'kept',
  within: 'lost, within tolerance',
  unsure: 'lost, perhaps by chance',
  lost: 'lost',
};

function utilities({ task, partition, cell }: CellChange, tasks: Digest['tasks']): string {
  const judged = tasks.find(({ name: own }) => own === task);
  const of = (model: Digest['tasks'][number]['after'] | undefined): Measured | undefined =>
    model?.partitions
      .find((other) => other.partition === partition)
      ?.cells.find((other) => other.cell === cell)?.utility.value;
  return `${decimal(of(judged?.before))} → ${decimal(of(judged?.after))}`;
}

/** Groups that no other could be compared with have no gap, so that no audit of gaps sees what they lose. */
function uncomparedLosses({ tasks }: Digest): Block[] {
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
