// What a model without inputs would lose: the loss of predicting the training prior, by which `loss-parity` divides.
import { checkFairness, type FairnessSpec } from '../fairness/index.ts';
import type { Task, TaskLayout } from '../mtl/index.ts';
import { misuse, ProgramError } from '../tensor/errors.ts';
import type { TaskLabels, TrainingData } from './data.ts';

/** The specs in the order of the layout, checked, with prior losses filled in from the training labels. */
export function fairnessOf(
  layout: TaskLayout,
  fairness: Readonly<Record<string, FairnessSpec>>,
  data: TrainingData,
): (FairnessSpec | undefined)[] {
  const known = new Set(layout.slots.map(({ task }) => task.name));
  for (const name of Object.keys(fairness)) {
    if (!known.has(name))
      throw new ProgramError(misuse('fairness', `a task among ${[...known].join(', ')}`, `'${name}'`));
  }
  return layout.slots.map(({ task }) => {
    const spec = fairness[task.name];
    if (!spec) return undefined;
    const priorLoss =
      spec.notion === 'loss-parity'
        ? (spec.priorLoss ?? priorLosses(task, data.labels[task.name]!))
        : undefined;
    const full = priorLoss ? { ...spec, priorLoss } : spec;
    checkFairness(task, full);
    return full;
  });
}

/** One loss an output; a classification has one. Never 0, so that a constant label divides nothing by 0. */
function priorLosses(task: Task, { values, known }: TaskLabels): number[] {
  if (task.kind === 'classification')
    return [Math.max(entropy(countClasses(values, known, task.classes)), 1e-3)];
  const width = (task.kind === 'detection' ? task.attributes : task.outputs) ?? 1;
  return Array.from({ length: width }, (_, column) => {
    let count = 0;
    let sum = 0;
    let squares = 0;
    for (let at = column; at < values.length; at += width) {
      if (known[at] === 0) continue;
      count++;
      sum += values[at]!;
      squares += values[at]! ** 2;
    }
    const mean = count === 0 ? 0 : sum / count;
    const loss =
      task.kind === 'detection' ? entropy([count - sum, sum]) : squares / Math.max(1, count) - mean ** 2;
    return Math.max(loss, 1e-3);
  });
}

function countClasses(values: ArrayLike<number>, known: ArrayLike<number>, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (let at = 0; at < values.length; at++) if (known[at] !== 0) counts[values[at]!]!++;
  return counts;
}

/** Of the frequencies, in nats: the cross-entropy of always predicting them. */
function entropy(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce(
    (sum, count) => (count === 0 ? sum : sum - (count / total) * Math.log(count / total)),
    0,
  );
}
