/** What the report says is what the summary says: every group, every number, and what is not known. */
import { describe, expect, test } from 'vitest';
import type { Estimate, Evaluation, TaskEvaluation } from '../../src/fairness/index.ts';
import { type CellChange, renderReport, type Summary } from '../../src/report/index.ts';
import { decimal, duration, signed } from '../../src/report/numbers.ts';
import { defaultSettings } from '../../src/train/index.ts';
import { makeSummary, plainNames } from './fixture.ts';
import { all, attribute, bodyRows, type Element, parsePage, tableOf, text, within } from './page.ts';

const summary = makeSummary();
const [before, after] = [summary.models[0]!.evaluation, summary.models[1]!.evaluation];
const { html, markdown } = renderReport(summary);
const page = parsePage(html);

/** The section under a heading of the third level. */
function taskSection(task: string): Element {
  return all(page, 'section').find((section) =>
    within(section, 'h3').some((heading) => text(heading) === task && section.childNodes.includes(heading)),
  )!;
}

/** The evaluation with another level of one group. */
function withLevel(evaluation: Evaluation, at: CellChange, level: Estimate): Evaluation {
  const tasks = evaluation.tasks.map((task) => {
    const partitions = task.partitions.map((partition) => {
      const cells = partition.cells.map((cell) => {
        const isMeant =
          task.task === at.task && partition.partition === at.partition && cell.cell === at.cell;
        const levels = cell.levels.map((one) =>
          isMeant && one.condition === at.condition ? { ...one, level } : one,
        );
        return { ...cell, levels };
      });
      return { ...partition, cells };
    });
    return { ...task, partitions };
  });
  return { ...evaluation, tasks };
}

describe('groups', () => {
  test('every group of every task stands in a table and in the words of a picture', () => {
    for (const { task, partitions } of after.tasks) {
      const section = taskSection(task);
      const descriptions = within(section, 'desc').map(text).join('\n');
      for (const { cell, levels } of partitions.flatMap(({ cells }) => cells)) {
        const rows = within(section, 'table')
          .flatMap(bodyRows)
          .filter(([head]) => head!.startsWith(cell));
        expect(rows.length, `${task}: ${cell}`).toBe(levels.length);
        expect(descriptions.split(new RegExp(`(?<!\\w)${cell}: `)).length - 1).toBe(levels.length);
      }
    }
  });

  test('a group of too few is named as such, with its number, and given no level', () => {
    const small = plainNames.origins[2];
    const rows = after.tasks.flatMap(({ task }) =>
      within(taskSection(task), 'table')
        .flatMap(bodyRows)
        .filter(([head]) => head!.startsWith(small)),
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      expect(row[0]).toMatch(/\d+ labelled/);
      expect(row.slice(1)).toEqual(['too few', 'too few', '–', '?too few to judge']);
    }
    expect(all(page, 'desc').map(text).join()).toMatch(/elsewhere: too few to judge, \d+\./);
    expect(markdown).toContain('| too few | too few | – | too few to judge |');
  });

  test('a picture has a circle and a diamond for every group that is known, and an interval for each', () => {
    for (const { task, partitions } of after.tasks) {
      const pictures = within(taskSection(task), 'svg');
      const known = partitions
        .flatMap(({ cells }) => cells.flatMap(({ levels }) => levels))
        .filter(({ level }) => level.value !== 'insufficient').length;
      const marks = (tag: string, colour: string): number =>
        pictures
          .flatMap((svg) =>
            within(svg, 'g').filter((g) => [attribute(g, 'stroke'), attribute(g, 'fill')].includes(colour)),
          )
          .flatMap((g) => within(g, tag)).length;
      expect(marks('circle', 'var(--before)') + marks('path', 'var(--before)')).toBe(known);
      expect(marks('path', 'var(--after)')).toBe(known);
    }
  });
});

describe('numbers', () => {
  test('the three figures at a glance are those of the summary', () => {
    const figures = all(page, 'p')
      .filter((p) => attribute(p, 'class') === 'figures')
      .map(text);
    const { served } = summary.comparison!.levellingDown;
    expect(figures).toEqual([
      `${decimal(before.meanUtility)} → ${decimal(after.meanUtility)}`,
      `${decimal(before.meanGap)} → ${decimal(after.meanGap)}`,
      decimal(served === 'insufficient' ? served : Math.max(0, served.loss)),
    ]);
  });

  test('levels, intervals and gaps of the tables are those of the evaluations', () => {
    for (const [t, { task, partitions }] of after.tasks.entries()) {
      const told = within(taskSection(task), 'table')
        .flatMap(bodyRows)
        .map((row) => row.join(' '));
      for (const [p, { cells }] of partitions.entries()) {
        for (const [c, { levels }] of cells.entries()) {
          for (const [k, { level, gap }] of levels.entries()) {
            const was = before.tasks[t]!.partitions[p]!.cells[c]!.levels[k]!;
            const numbers = [
              decimal(was.level.value),
              ...(was.level.interval?.map((bound) => decimal(bound)) ?? []),
              decimal(level.value),
              ...(level.interval?.map((bound) => decimal(bound)) ?? []),
              ...(gap.value === 'insufficient' ? [] : [`${decimal(was.gap.value)} → ${decimal(gap.value)}`]),
            ];
            const row = told.filter((line) => numbers.every((number) => line.includes(number)));
            expect(row.length, numbers.join(' ')).toBeGreaterThan(0);
          }
        }
      }
    }
  });

  test('who was lifted: the changes of the summary, the most lifted first', () => {
    const rows = bodyRows(tableOf(page, 'The groups that changed most'));
    const { changes } = summary.comparison!;
    const gains = changes.map(({ before: was, after: is }) => is - was);
    expect(rows[0]![3]).toBe(signed(Math.max(...gains)));
    expect(rows.at(-1)![3]).toBe(signed(Math.min(...gains)));
    expect(rows.length).toBe(16);
  });

  test('the audit opens with the loss that the summary calls levelling down', () => {
    const rows = bodyRows(tableOf(page, 'The groups that were best served before'));
    const { served } = summary.comparison!.levellingDown;
    expect(served).not.toBe('insufficient');
    expect(rows[0]![3]).toBe(signed(-(served as { loss: number }).loss));
    expect(rows.length).toBe(summary.comparison!.changes.filter(({ gapBefore }) => gapBefore === 0).length);
  });

  test('the audit calls a loss what its size and its interval say', () => {
    const { changes } = summary.comparison!;
    const group = { ...changes.find(({ task }) => task === 'hired')!, condition: 'y=1' };
    const verdictAfter = (level: number, interval: readonly [number, number]): string => {
      const models = summary.models.map((model, at) => {
        const known = at === 0 ? { value: 0.8 } : { value: level, interval };
        return { ...model, evaluation: withLevel(model.evaluation, group, known) };
      });
      const change = { ...group, before: 0.8, after: level, gapBefore: 0 };
      const changed = { ...summary, models, comparison: { ...summary.comparison!, changes: [change] } };
      return bodyRows(tableOf(parsePage(renderReport(changed).html), 'The groups that were best'))[0]![5]!;
    };
    expect(verdictAfter(0.81, [0.7, 0.9])).toBe('kept');
    expect(verdictAfter(0.785, [0.7, 0.9])).toBe('lost, within tolerance');
    expect(verdictAfter(0.7, [0.6, 0.79])).toBe('lost, perhaps by chance');
    expect(verdictAfter(0.7, [0.6, 0.77])).toBe('lost');
  });

  test('a group that lost and that no other can be compared with is not passed over', () => {
    const lonely = (level: number): TaskEvaluation => {
      const task = after.tasks[0]!;
      const [partition] = task.partitions;
      const [cell, ...others] = partition!.cells;
      const alone = { ...cell!.levels[0]!, level: { value: level }, gap: { value: 'insufficient' } } as const;
      const cells = [cell!, ...others].map((one, at) => ({ ...one, levels: at === 0 ? [alone] : [] }));
      return { ...task, partitions: [{ ...partition!, cells }] };
    };
    const models = summary.models.map((model, at) => ({
      ...model,
      evaluation: {
        ...model.evaluation,
        tasks: [lonely(at === 0 ? 0.75 : 0.25), ...model.evaluation.tasks.slice(1)],
      },
    }));
    expect(renderReport({ ...summary, models }).markdown).toContain(
      'female (sex) in hired, labelled yes: 0.750 → 0.250',
    );
  });

  test('Markdown has every table of the page, with the same numbers', () => {
    const numbers = (value: string): string[] => value.match(/\d+\.\d+/g) ?? [];
    const ofTables = all(page, 'table').flatMap((table) => [
      ...within(table, 'caption').flatMap((caption) => numbers(text(caption))),
      ...bodyRows(table).flatMap((row) => row.flatMap(numbers)),
    ]);
    const ofLines = numbers(
      markdown
        .split('\n')
        .filter((line) => /^\||^\*\*/.test(line))
        .join('\n'),
    );
    expect(ofTables.length).toBeGreaterThan(200);
    expect(ofLines.sort()).toEqual(ofTables.sort());
  });

  test('numbers are written with a true minus, and a zero without one', () => {
    expect([decimal(-0.1234), decimal(-0.0001), decimal(0), signed(0.1), signed(-0.0001)]).toEqual([
      '−0.123',
      '0.000',
      '0.000',
      '+0.100',
      '±0.000',
    ]);
    expect([0.84, 9.97, 59.7, 200, 3900].map(duration)).toEqual([
      '0.8 s',
      '10 s',
      '1 min 0 s',
      '3 min 20 s',
      '1 h 5 min',
    ]);
  });
});

describe('warnings', () => {
  const warned = (changed: Summary): string => {
    const notice = all(parsePage(renderReport(changed).html), 'aside');
    return notice.map(text).join();
  };
  const method = summary.models[1]!;
  const withMethod = (changes: Partial<typeof method>): Summary => ({
    ...summary,
    models: [summary.models[0]!, { ...method, ...changes }],
  });

  test('a model that gives everyone the same answer is said to', () => {
    expect(warned(summary)).not.toContain('the same answer');
    const tasks = method.evaluation.tasks.map((task) =>
      task.kind !== 'detection' ||
      task.overall.metrics === 'insufficient' ||
      task.overall.metrics.kind !== 'detection'
        ? task
        : {
            ...task,
            overall: {
              ...task.overall,
              metrics: { ...task.overall.metrics, confusion: { classes: 2, counts: [120, 0, 120, 0] } },
            },
          },
    );
    expect(warned(withMethod({ evaluation: { ...method.evaluation, tasks } }))).toMatch(
      /hired: .*the same answer/,
    );
  });

  test('multipliers at their cap and budgets that are spent are said to be', () => {
    expect(warned(summary)).not.toMatch(/cap|budget/);
    const last = method.curves.map((epoch) => ({
      ...epoch,
      multipliers: { pay: 0.99 * defaultSettings['dual cap'] },
      slack: { hired: -0.1 },
    }));
    expect(warned(withMethod({ curves: last }))).toMatch(/pay: .*cap of \d/);
    expect(warned(withMethod({ curves: last }))).toMatch(/hired: .*utility budget .*of the training loss/);
    const steered = last.map((epoch) => ({ ...epoch, allowance: 0.042 }));
    expect(warned(withMethod({ curves: steered }))).toMatch(
      /of the mean validation utility, at last 4\.2 % of the training loss/,
    );
  });

  test('an audit says how many steps raised an objective, and when the exact Gram matrix took over', () => {
    const [first] = method.curves;
    const audits = (['head-aware', 'head-aware', 'exact'] as const).map((gram, at) => ({
      ...first!,
      epoch: at + 1,
      audit: { steps: 10, rising: 3 - at, byObjective: {}, gram },
    }));
    const { html: told } = renderReport(withMethod({ curves: audits }));
    expect(told).toContain(
      'Of 30 audited steps 20 % raised an objective; from epoch 3 on the exact Gram matrix',
    );
    expect(html).not.toContain('audited steps');
  });

  test('what the run warned of is repeated', () => {
    expect(warned(summary)).toContain(plainNames.note);
  });
});

test('the report says what it is not: the paper, a proof for other data, every notion at once', () => {
  const words = text(all(page, 'main')[0]!);
  expect(words).toMatch(/own reading of .*arXiv 2512\.00469/);
  expect(words).toContain('Not asked for');
  for (const limit of [
    'One meaning of fairness',
    'Labels',
    'Intervals',
    'Small groups',
    'Choices',
    'One run',
    'Sensitive inputs',
  ]) {
    expect(words).toContain(limit);
  }
});
