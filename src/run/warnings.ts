// What a reader must know before believing a number.
import { isMeasured } from '../fairness/index.ts';
import type { Summary } from '../report/summary.ts';

type Facts = Omit<Summary, 'warnings' | 'clock'>;

/** Below this, an interval is so wide that little can be said. */
const FIRM_FROM = 100;
const NOTABLE_LOSS = 0.02;

export function warningsOf(facts: Facts): string[] {
  return [...dataWarnings(facts), ...groupWarnings(facts), ...taskWarnings(facts), ...priceWarnings(facts)];
}

function dataWarnings({ data, partitions }: Facts): string[] {
  const { evaluatedOn, rows } = data;
  return [
    ...(evaluatedOn === 'test'
      ? []
      : [`There are no test rows: the numbers are of the ${evaluatedOn} rows, and too good.`]),
    ...(rows[evaluatedOn] < 500
      ? [`Only ${rows[evaluatedOn]} rows were evaluated: the intervals are wide.`]
      : []),
    ...(partitions.length === 0
      ? ['No groups were given: nothing was constrained, and nothing is compared.']
      : []),
  ];
}

function groupWarnings({ partitions, data: { evaluatedOn }, judging: { minCount } }: Facts): string[] {
  return partitions.flatMap(({ name, cells, counts, unknown }) => {
    const rows = counts.map((count) => count[evaluatedOn]);
    const total = rows.reduce((sum, count) => sum + count, unknown[evaluatedOn]);
    const named = (from: number, to: number): string =>
      cells
        .flatMap((cell, at) => (rows[at]! >= from && rows[at]! < to ? [`${cell} (${rows[at]})`] : []))
        .join(', ');
    const tiny = named(0, minCount);
    const small = named(minCount, FIRM_FROM);
    return [
      ...(tiny ? [`${name}: too few rows to judge: ${tiny}.`] : []),
      ...(small ? [`${name}: small groups, whose numbers are uncertain: ${small}.`] : []),
      ...(unknown[evaluatedOn] > total / 5
        ? [`${name}: ${unknown[evaluatedOn]} of ${total} rows are in no group, and are not compared.`]
        : []),
    ];
  });
}

function taskWarnings({ tasks, models }: Facts): string[] {
  const evaluated = models.at(-1)?.evaluation.tasks ?? [];
  return [
    ...tasks
      .filter(({ notion }) => notion === 'none')
      .map(({ name }) => `${name}: no fairness notion was chosen.`),
    ...evaluated.flatMap(({ task, overall }) =>
      isMeasured(overall.utility.value) ? [] : [`${task}: too few labels to judge the task.`],
    ),
  ];
}

function priceWarnings({ comparison }: Facts): string[] {
  const { utility = 'insufficient', served = 'insufficient' } = comparison?.levellingDown ?? {};
  const loss = [served, utility].find((one) => one !== 'insufficient' && one.loss > NOTABLE_LOSS);
  if (!loss || loss === 'insufficient') return [];
  const { task, partition, cell } = loss;
  const what = loss === served ? 'served-ness' : 'utility';
  return [
    `Levelling down: the best-served group ${cell} (${partition}) lost ${loss.loss.toFixed(3)} of ${what} in ${task}.`,
  ];
}
