// A summary made ready to be told: every task with its groups before and after, in the order in which they are shown.
import {
  type CellEvaluation,
  isMeasured,
  type LevelEvaluation,
  type Measured,
  type TaskEvaluation,
} from '../fairness/index.ts';
import type { Standing } from './document.ts';
import { percent } from './numbers.ts';
import type { ModelSummary, Summary, TaskFacts } from './summary.ts';

export interface Digest {
  readonly summary: Summary;
  /** The unconstrained model, where one was trained to compare with. */
  readonly before?: ModelSummary;
  /** The model that was asked for. */
  readonly after: ModelSummary;
  readonly tasks: readonly JudgedTask[];
}

/** A task, or one column of a task of several. */
export interface JudgedTask {
  /** As in the evaluations: `task`, or `task/column`. */
  readonly name: string;
  readonly facts: TaskFacts;
  readonly before?: TaskEvaluation;
  readonly after: TaskEvaluation;
  readonly comparisons: readonly GroupComparison[];
}

/** The groups of one partition under one condition of the task's notion. */
export interface GroupComparison {
  readonly partition: string;
  readonly condition: string;
  /** The best served before come first, those that cannot be judged last. */
  readonly groups: readonly GroupLevels[];
  readonly bestBefore?: number;
  readonly bestAfter?: number;
}

export interface GroupLevels {
  readonly cell: string;
  readonly before?: LevelEvaluation;
  readonly after: LevelEvaluation;
  readonly standing: Standing;
}

/** @throws Error for a summary without any model, which no run writes */
export function digest(summary: Summary): Digest {
  const after = summary.models.at(-1);
  if (!after) throw new Error('report: expected a summary with a trained model, got none');
  const before = summary.models.length > 1 ? summary.models[0] : undefined;
  const tasks = after.evaluation.tasks.map((task): JudgedTask => {
    const earlier = before?.evaluation.tasks.find((other) => other.task === task.task);
    const facts = factsOf(summary, task.task);
    return {
      name: task.task,
      facts,
      after: task,
      ...(earlier && { before: earlier }),
      comparisons: comparisonsOf(facts, task, earlier),
    };
  });
  return { summary, after, tasks, ...(before && { before }) };
}

function factsOf({ tasks }: Summary, evaluated: string): TaskFacts {
  const facts =
    tasks.find(({ name }) => name === evaluated) ??
    tasks.find(({ name, outputs }) => outputs.some((output) => `${name}/${output}` === evaluated));
  if (!facts) throw new Error(`report: expected a task of the summary, got an evaluation of '${evaluated}'`);
  return facts;
}

function comparisonsOf(
  facts: TaskFacts,
  after: TaskEvaluation,
  before: TaskEvaluation | undefined,
): GroupComparison[] {
  return after.partitions.flatMap(({ partition, cells }) => {
    const earlier = before?.partitions.find((other) => other.partition === partition)?.cells ?? [];
    const conditions = cells[0]?.levels.map(({ condition }) => condition) ?? [];
    return conditions.map((condition) => compareGroups(facts, partition, condition, cells, earlier));
  });
}

function compareGroups(
  facts: TaskFacts,
  partition: string,
  condition: string,
  cells: readonly CellEvaluation[],
  earlier: readonly CellEvaluation[],
): GroupComparison {
  const gaps = cells.map(({ levels }) => levelOf(levels, condition)?.gap.value);
  const alike = gaps.every((gap) => gap === undefined || gap === 0 || gap === 'insufficient');
  const groups = cells.flatMap(({ cell, levels }): GroupLevels[] => {
    const after = levelOf(levels, condition);
    const before = levelOf(earlier.find((other) => other.cell === cell)?.levels ?? [], condition);
    if (!after) return [];
    const standing = standingOf(after, facts.tolerance);
    return [
      { cell, after, standing: standing === 'best' && alike ? 'alike' : standing, ...(before && { before }) },
    ];
  });
  const first = ({ before, after }: GroupLevels): number => rank(before?.level.value ?? after.level.value);
  return {
    partition,
    condition,
    groups: groups.sort((a, b) => first(b) - first(a)),
    ...best(
      'bestBefore',
      groups.map(({ before }) => before?.level.value),
    ),
    ...best(
      'bestAfter',
      groups.map(({ after }) => after.level.value),
    ),
  };
}

function levelOf(levels: readonly LevelEvaluation[], condition: string): LevelEvaluation | undefined {
  return levels.find((level) => level.condition === condition);
}

function rank(value: Measured): number {
  return isMeasured(value) ? value : Number.MIN_SAFE_INTEGER;
}

function best<K extends string>(
  key: K,
  values: readonly (Measured | undefined)[],
): { readonly [P in K]?: number } {
  const known = values.filter((value): value is number => typeof value === 'number');
  const entry: { [P in K]?: number } = {};
  if (known.length > 1) entry[key] = Math.max(...known);
  return entry;
}

/** A gap is called chance where its interval reaches into the tolerance. */
function standingOf({ level, gap }: LevelEvaluation, tolerance: number): Standing {
  if (!isMeasured(level.value)) return 'few';
  if (!isMeasured(gap.value)) return 'alone';
  if (gap.value === 0) return 'best';
  if (gap.value <= tolerance) return 'within';
  return gap.interval && gap.interval[0] > tolerance ? 'behind' : 'unsure';
}

export const standingWords: Readonly<Record<Standing, string>> = {
  best: 'best served',
  alike: 'served alike',
  within: 'within tolerance',
  unsure: 'behind, perhaps by chance',
  behind: 'behind',
  few: 'too few to judge',
  alone: 'no other group to compare with',
};

export interface Place {
  readonly task: string;
  readonly partition: string;
  readonly condition: string;
  readonly cell: string;
}

/** What became of a group that was best served. */
export type Loss = 'kept' | 'within' | 'unsure' | 'lost';

/** A loss is called chance where the interval of the level after reaches to within the tolerance of the one before. */
export function lossOf({ tasks }: Digest, place: Place): Loss {
  const task = tasks.find(({ name }) => name === place.task);
  const group = task?.comparisons
    .find(({ partition, condition }) => partition === place.partition && condition === place.condition)
    ?.groups.find(({ cell }) => cell === place.cell);
  const [was, is] = [group?.before?.level.value, group?.after.level];
  if (!task || !is || typeof was !== 'number' || !isMeasured(is.value) || is.value >= was) return 'kept';
  const { tolerance } = task.facts;
  if (was - is.value <= tolerance) return 'within';
  return is.interval && is.interval[1] >= was - tolerance ? 'unsure' : 'lost';
}

/** What methods are called. */
export function methodTitle(method: string): string {
  return METHODS[method]?.title ?? method;
}

/** What a method is, to follow its name. */
export function methodWords(method: string): string {
  return METHODS[method]?.words ?? 'a method of this project';
}

const METHODS: Readonly<Record<string, { readonly title: string; readonly words: string }>> = {
  erm: { title: 'ERM', words: 'trained for utility alone, with no fairness constraint' },
  mgda: { title: 'MGDA', words: 'trained for utility alone, tasks weighted by the min-norm rule' },
  'mgda-ub': {
    title: 'MGDA-UB',
    words: 'trained for utility alone, tasks weighted by the min-norm rule on the representation',
  },
  symmetric: { title: 'symmetric penalty', words: 'a penalty of fixed weight on gaps, from both sides' },
  'worst-group': {
    title: 'worst-group penalty',
    words: 'a penalty of fixed weight on the worst group’s loss',
  },
  'fairmt-without-qp': {
    title: 'FairMT without QP',
    words: 'trained to lift groups that are served worse, with tasks weighted equally',
  },
  fairmt: {
    title: 'FairMT',
    words: 'trained to lift groups that are served worse, at a limited price in utility',
  },
};

/** What the constraint may cost; with validation rows also what that came to in training loss. */
export function budgetWords({ curves, settings }: Pick<ModelSummary, 'curves' | 'settings'>): string {
  const allowance = curves.at(-1)?.allowance;
  const budget = percent(settings.budget, 1);
  if (allowance === undefined) return `${budget} of the training loss`;
  return `${budget} of the mean validation utility, at last ${percent(allowance, 1)} of the training loss`;
}
