// What a reader must know before believing a number: what the run warned of, and what its numbers give away.
import type { TaskMetrics } from '../../fairness/index.ts';
import { budgetWords, type Digest, type JudgedTask, methodTitle } from '../digest.ts';
import { type Block, joined, name, type Text } from '../document.ts';
import { decimal } from '../numbers.ts';
import type { ModelSummary } from '../summary.ts';

export function warnings(digest: Digest): Block[] {
  const items = [
    ...constantAnswers(digest),
    ...atTheCap(digest.after),
    ...atTheBudget(digest.after),
    ...digest.summary.warnings.map(name),
  ];
  return items.length === 0 ? [] : [{ kind: 'notice', title: 'Before you believe a number', items }];
}

/** One answer for all is fair to no one in particular: it is equal, and useless. */
function constantAnswers({ tasks, after }: Digest): Text[] {
  const constant = tasks.filter((task) => answersAlike(task.after));
  if (constant.length === 0) return [];
  return [
    [
      joined(constant.map((task) => name(task.name))),
      `: ${methodTitle(after.method)} gives everyone the same answer. Its groups are treated alike, but nothing was learnt.`,
    ],
  ];
}

function answersAlike({ overall: { metrics } }: JudgedTask['after']): boolean {
  return metrics !== 'insufficient' && metrics.kind !== 'regression' && decidedClasses(metrics) === 1;
}

function decidedClasses({ confusion }: Extract<TaskMetrics, { confusion: unknown }>): number {
  const { classes, counts } = confusion;
  const decided = counts.map((count, at) => (count > 0 ? at % classes : -1));
  return new Set(decided.filter((column) => column >= 0)).size;
}

/** From this share of its part of Λ on, a constraint could not press much harder. */
const AT_CAP = 0.9;

function atTheCap({ curves, settings }: ModelSummary): Text[] {
  const late = curves.slice(-Math.max(1, Math.floor(curves.length / 10)));
  const multipliers = Object.entries(curves.at(-1)?.multipliers ?? {});
  const constrained = multipliers.filter(([, multiplier]) => multiplier > 0).map(([task]) => task);
  const cap = settings['dual cap'] / constrained.length;
  const tasks = constrained.filter((task) =>
    late.every((epoch) => (epoch.multipliers?.[task] ?? 0) > AT_CAP * cap),
  );
  if (tasks.length === 0) return [];
  return [
    [
      joined(tasks.map(name)),
      `: the constraint pressed as hard as it may (λ at its cap of ${decimal(cap, 1)}) and decisions were still not within the tolerance: it may be out of reach for this model and these inputs.`,
    ],
  ];
}

/** Spent in most epochs after the warm-up; a single epoch's loss is too noisy to say. */
function atTheBudget({ curves, settings }: ModelSummary): Text[] {
  const pressed = curves.filter(({ warmup, slack }) => !warmup && slack !== undefined);
  const spent = (task: string): number => pressed.filter(({ slack }) => (slack?.[task] ?? 0) < 0).length;
  const tasks = Object.keys(pressed.at(-1)?.slack ?? {}).filter((task) => 2 * spent(task) > pressed.length);
  if (tasks.length === 0) return [];
  return [
    [
      joined(tasks.map(name)),
      `: what the utility budget allows (${budgetWords({ curves, settings })}) was spent for most of the training: fairness was then not pressed further, whatever the gap.`,
    ],
  ];
}
