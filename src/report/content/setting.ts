// What was trained on what.
import { budgetWords, type Digest, methodTitle, methodWords } from '../digest.ts';
import {
  type Block,
  type Cell,
  joined,
  name,
  paragraph,
  type Section,
  section,
  type Table,
  type Text,
} from '../document.ts';
import { notionWords, outputNames } from '../notions.ts';
import { count, counted, decimal, duration, moment, percent } from '../numbers.ts';
import type {
  EpochMetrics,
  ModelSummary,
  PartitionFacts,
  SideCounts,
  Summary,
  TaskFacts,
} from '../summary.ts';

export function setting(digest: Digest): Section {
  const { summary } = digest;
  return section('What was trained on what', [
    section('The data', [
      { kind: 'facts', facts: dataFacts(summary) },
      taskTable(summary.tasks),
      ...(summary.partitions.length > 0
        ? [groupTable(summary)]
        : [paragraph('No groups were named: nothing was constrained, and no groups are compared.')]),
      ...lines('Mended on the way', summary.notices),
      ...lines('Guessed, because the config left it open', summary.guesses),
    ]),
    section('The models', [{ kind: 'facts', facts: modelFacts(digest) }]),
  ]);
}

function dataFacts({ data }: Summary): [Text, Text][] {
  const { rows } = data;
  const sensitive = data.inputs.filter((input) => input.sensitive).map(({ column }) => name(column));
  return [
    ['File', name(data.file)],
    [
      'Rows',
      `${count(rows.train)} for training, ${count(rows.validation)} for validation, ${count(rows.test)} for the test`,
    ],
    ['Split', name(data.split)],
    ['Inputs', data.inputs.length === 0 ? 'none' : inputText(data.inputs)],
    [
      'Sensitive inputs',
      sensitive.length === 0
        ? 'none: the model is not told the groups (other inputs may still give them away)'
        : [joined(sensitive), ': the model sees whom it is to be fair to'],
    ],
  ];
}

function inputText(inputs: Summary['data']['inputs']): Text {
  const roles = [...new Set(inputs.map(({ role }) => role))];
  const texts = roles.map((role): Text => {
    const columns = inputs.filter((input) => input.role === role).map(({ column }) => name(column));
    const rest = columns.length - 24;
    return [`${role}: `, joined(columns.slice(0, 24)), rest > 0 ? ` and ${count(rest)} more` : ''];
  });
  return joined(texts, '; ');
}

function taskTable(tasks: readonly TaskFacts[]): Table {
  return {
    kind: 'table',
    caption: 'The tasks',
    columns: [
      { title: 'Task' },
      { title: 'Label' },
      { title: 'In training' },
      { title: 'Labelled rows', align: 'right' },
      { title: 'Fairness notion' },
    ],
    rows: tasks.map((task): Cell[] => [
      { text: name(task.name), detail: task.type },
      { text: name(task.label), ...(task.outputs.length > 1 && { detail: outputNames(task, 6) }) },
      { text: priorText(task) },
      sides(task.labelled),
      {
        text: notionWords(task).title,
        ...(task.notion !== 'none' && { detail: `tolerance ${decimal(task.tolerance)}` }),
      },
    ]),
  };
}

function priorText({ type, outputs, prior, deviations, transform }: TaskFacts): Text {
  const shown = prior.slice(0, 3);
  const rest = prior.length > shown.length ? ', …' : '';
  switch (type) {
    case 'detection':
      return outputs.length === 1
        ? `${percent(prior[0] ?? 0)} yes`
        : [joined(shown.map((share, at): Text => [name(outputs[at] ?? ''), ` ${percent(share)} yes`])), rest];
    case 'classification':
      return [joined(shown.map((share, at): Text => [name(outputs[at] ?? ''), ` ${percent(share)}`])), rest];
    case 'regression': {
      const unit = transform === undefined || transform === 'none' ? '' : ` (${transform})`;
      return `${shown.map((mean, at) => `${decimal(mean, 2)} ± ${decimal(deviations?.[at], 2)}`).join(', ')}${rest}${unit}`;
    }
  }
}

function groupTable({ partitions, judging }: Summary): Table {
  return {
    kind: 'table',
    caption: `The groups. A group is judged in a task from ${count(judging.minCount)} labelled rows on`,
    columns: [
      { title: 'Group' },
      { title: 'Grouping' },
      { title: 'Training rows', align: 'right' },
      { title: 'Validation rows', align: 'right' },
      { title: 'Test rows', align: 'right' },
    ],
    rows: partitions.flatMap((partition) => [
      ...partition.cells.map((cell, at) => groupRow(name(cell), partition, partition.counts[at]!)),
      ...(total(partition.unknown) > 0 ? [groupRow('in no group', partition, partition.unknown)] : []),
    ]),
  };
}

function groupRow(title: Text, partition: PartitionFacts, rows: SideCounts): Cell[] {
  const numbers = [rows.train, rows.validation, rows.test].map((value) => ({ text: count(value) }));
  return [{ text: title }, { text: name(partition.name) }, ...numbers];
}

const total = ({ train, validation, test }: SideCounts): number => train + validation + test;

function sides(rows: SideCounts): Cell {
  return {
    text: count(rows.train),
    detail: `${count(rows.validation)} validation, ${count(rows.test)} test`,
  };
}

function modelFacts({ summary, before, after }: Digest): [Text, Text][] {
  const { model, training, software, device, seed, clock, judging } = summary;
  const { loading, training: trained, evaluation } = clock.seconds;
  const layers = model.widths.length === 0 ? 'none' : model.widths.map(count).join(' → ');
  const heads =
    model.headWidths.length === 0
      ? 'one linear head a task'
      : `a head a task, hidden ${model.headWidths.join(' → ')}`;
  return [
    ['Network', `shared layers ${layers}, ${heads}; ${counted(model.parameters, 'learnt number')}`],
    ...(before ? [['Before', methodFact(before)] as [Text, Text]] : []),
    [before ? 'After' : 'Method', methodFact(after)],
    [
      'Training',
      `up to ${counted(training.epochs, 'epoch')}, the first ${training.warmupEpochs} without constraint, in batches of ${count(training.batch)}`,
    ],
    [
      'Intervals',
      judging.resamples > 0
        ? `${percent(judging.confidence)}, from ${count(judging.resamples)} bootstrap resamples of the rows judged`
        : 'none were asked for',
    ],
    ['Seed', `${seed}`],
    ['Device', [`${device.kind}: `, name(device.name)]],
    [
      'Time',
      `${duration(loading + trained + evaluation)}: loading ${duration(loading)}, training ${duration(trained)}, evaluation ${duration(evaluation)}`,
    ],
    ['Software', [`FairMT ${software.fairmt}, Node ${software.node}, `, name(software.platform)]],
    ['Ended', moment(clock.ended)],
  ];
}

function methodFact({ method, epoch, ended, settings, curves }: ModelSummary): string {
  const why = {
    epochs: 'ran to its last epoch',
    patience: 'ended early, since nothing improved',
    aborted: 'was stopped',
  }[ended];
  const budget = method.startsWith('fairmt')
    ? ` Fairness may cost up to ${budgetWords({ curves, settings })}.`
    : '';
  return `${methodTitle(method)}: ${methodWords(method)}. It ${why}; epoch ${epoch} was kept.${budget}${auditWords(curves)}`;
}

/** How many audited steps raised an objective, and whether the exact Gram matrix took over. */
function auditWords(curves: readonly EpochMetrics[]): string {
  const audited = curves.flatMap(({ epoch, audit }) => (audit ? [{ epoch, ...audit }] : []));
  if (audited.length === 0) return '';
  const total = (of: 'steps' | 'rising'): number => audited.reduce((sum, epoch) => sum + epoch[of], 0);
  const rate = percent(total('rising') / Math.max(1, total('steps')));
  const took = audited.find(({ gram }, at) => gram !== audited[Math.max(0, at - 1)]!.gram);
  const over = took ? `; from epoch ${took.epoch} on the exact Gram matrix took the proxy’s place` : '';
  return ` Of ${total('steps')} audited steps ${rate} raised an objective${over}.`;
}

function lines(title: string, items: readonly string[]): Block[] {
  return items.length === 0 ? [] : [paragraph(`${title}:`), { kind: 'list', items: items.map(name) }];
}
