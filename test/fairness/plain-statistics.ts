// Served-ness of groups by plain loops (METHOD §2.1): a second, independent computation that the graph is held against.
import type { FairnessSpec, Partition } from '../../src/fairness/index.ts';
import type { Task, TaskLayout } from '../../src/mtl/index.ts';

export interface Batch {
  /** `[n, P]`. */
  readonly outputs: Float64Array;
  /** `[n, L]`. */
  readonly labels: ArrayLike<number>;
  readonly known: ArrayLike<number>;
  /** `[n, S]`. */
  readonly groups: ArrayLike<number>;
}

/** What one person adds to one statistic: nothing, or a value from soft and from hard decisions. */
interface Contribution {
  readonly soft: number;
  readonly hard: number;
}
interface Person {
  readonly outputs: readonly number[];
  readonly label: number;
}
interface PlainColumn {
  readonly name: string;
  readonly of: (person: Person) => Contribution | undefined;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softmax = (logits: readonly number[]): number[] => {
  const exps = logits.map((x) => Math.exp(x));
  const total = exps.reduce((a, b) => a + b);
  return exps.map((x) => x / total);
};
const both = (value: number): Contribution => ({ soft: value, hard: value });
const argMax = (values: readonly number[]): number => values.indexOf(Math.max(...values));

/** The columns of one output of a task under its notion. Concordance is not a mean, and is left to `concordances`. */
function columnsOf(task: Task, spec: FairnessSpec, output: number, kappa: number): PlainColumn[] {
  if (task.kind === 'detection') return detection(spec, output, kappa);
  if (task.kind === 'classification') return classification(task.classes, spec, kappa);
  const distance = ({ outputs, label }: Person): number => Math.abs(outputs[output]! - label);
  return spec.notion === 'loss-parity'
    ? [{ name: 'all', of: (p) => both(-(distance(p) ** 2) / spec.priorLoss![output]!) }]
    : [{ name: 'all', of: (p) => both(1 - distance(p)) }];
}

function detection(spec: FairnessSpec, output: number, kappa: number): PlainColumn[] {
  const wanted = spec.favourable === 'negative' ? 0 : 1;
  /** Probability of, and decision for, an answer. */
  const answer = (p: Person, y: number): Contribution => {
    const logit = p.outputs[output]!;
    return { soft: sigmoid((y === 1 ? logit : -logit) / kappa), hard: Number((logit > 0 ? 1 : 0) === y) };
  };
  const among = (y: number): PlainColumn => ({
    name: `y=${y}`,
    of: (p) => (p.label === y ? answer(p, y) : undefined),
  });
  switch (spec.notion) {
    case 'equal-opportunity':
      return [among(wanted)];
    case 'equalized-odds':
      return [among(1), among(0)];
    case 'demographic-parity':
      return [{ name: 'all', of: (p) => answer(p, wanted) }];
    case 'accuracy-parity':
      return [{ name: 'all', of: (p) => answer(p, p.label) }];
    default:
      return [
        {
          name: 'all',
          of: (p) => {
            const probability = sigmoid((2 * p.label - 1) * p.outputs[output]!);
            return both(Math.log(probability) / spec.priorLoss![output]!);
          },
        },
      ];
  }
}

function classification(classes: number, spec: FairnessSpec, kappa: number): PlainColumn[] {
  const answer = ({ outputs }: Person, k: number): Contribution => ({
    soft: softmax(outputs.map((x) => x / kappa))[k]!,
    hard: Number(argMax(outputs) === k),
  });
  switch (spec.notion) {
    case 'equal-opportunity':
      return Array.from({ length: classes }, (_, k) => ({
        name: `y=${k}`,
        of: (p: Person) => (p.label === k ? answer(p, k) : undefined),
      }));
    case 'demographic-parity':
      return (spec.favourable as readonly number[]).map((k) => ({
        name: `favourable=${k}`,
        of: (p: Person) => answer(p, k),
      }));
    case 'accuracy-parity':
      return [{ name: 'all', of: (p) => answer(p, p.label) }];
    default:
      return [
        {
          name: 'all',
          of: (p) => both(Math.log(softmax(p.outputs)[p.label]!) / spec.priorLoss![0]!),
        },
      ];
  }
}

/** One group's statistic under one condition, decayed over the batches it has seen. */
export interface PlainCell {
  readonly task: string;
  readonly output: number;
  readonly condition: string;
  readonly partition: number;
  readonly cell: number;
  count: number;
  served: number;
  error: number;
  hard: number;
  hardError: number;
}

/** Decayed sums of each power that a statistic needs, over a history of batches. */
export function plainStatistics(
  layout: TaskLayout,
  fairness: Readonly<Record<string, FairnessSpec>>,
  partitions: readonly Partition[],
  batches: readonly Batch[],
  settings: { readonly temperature: number; readonly decay: number },
): PlainCell[] {
  const cells: PlainCell[] = [];
  for (const { task, outputs, labels } of layout.slots) {
    const spec = fairness[task.name];
    if (!spec) continue;
    for (let output = 0; output < labels.end - labels.start; output++) {
      const people = (batch: Batch, partition: number, cell: number): Person[] => {
        const n = batch.groups.length / partitions.length;
        return Array.from({ length: n }, (_, i) => i)
          .filter((i) => batch.groups[i * partitions.length + partition] === cell)
          .filter((i) => batch.known[i * layout.labels + labels.start + output] === 1)
          .map((i) => ({
            outputs: Array.from(
              batch.outputs.subarray(i * layout.outputs + outputs.start, i * layout.outputs + outputs.end),
            ),
            label: batch.labels[i * layout.labels + labels.start + output]!,
          }));
      };
      partitions.forEach((part, partition) => {
        part.cells.forEach((_, cell) => {
          const history = batches.map((batch) => people(batch, partition, cell));
          const at = { task: task.name, output, partition, cell };
          if (spec.notion === 'ccc-parity') {
            cells.push({ ...at, condition: 'all', ...concordance(history, output, settings.decay) });
            return;
          }
          for (const column of columnsOf(task, spec, output, settings.temperature)) {
            const seen = history.map((group) => group.flatMap((person) => column.of(person) ?? []));
            const soft = decayedMean(
              seen.map((batch) => batch.map((one) => one.soft)),
              settings.decay,
            );
            const hard = decayedMean(
              seen.map((batch) => batch.map((one) => one.hard)),
              settings.decay,
            );
            cells.push({
              ...at,
              condition: column.name,
              count: soft.count,
              served: soft.mean,
              error: soft.error,
              hard: hard.mean,
              hardError: hard.error,
            });
          }
        });
      });
    }
  }
  return cells;
}

/** Sums that fade by `decay` a batch; 0 where nothing was ever seen. */
function decayedSum(batches: readonly (readonly number[])[], decay: number): number {
  return batches.reduce((sum, batch) => decay * sum + batch.reduce((a, b) => a + b, 0), 0);
}

function decayedMean(batches: readonly (readonly number[])[], decay: number) {
  const count = decayedSum(
    batches.map((batch) => batch.map(() => 1)),
    decay,
  );
  if (count === 0) return { count, mean: 0, error: 0 };
  const mean = decayedSum(batches, decay) / count;
  const square =
    decayedSum(
      batches.map((batch) => batch.map((x) => x * x)),
      decay,
    ) / count;
  return { count, mean, error: Math.sqrt(Math.max(0, square - mean * mean) / Math.max(1, count)) };
}

/** Lin's concordance 2 cov(x, y) / (var x + var y + (x̄ − ȳ)²). */
function concordance(history: readonly (readonly Person[])[], output: number, decay: number) {
  const mean = (of: (x: number, y: number) => number) =>
    decayedMean(
      history.map((batch) => batch.map(({ outputs, label }) => of(outputs[output]!, label))),
      decay,
    );
  const { count } = mean(() => 1);
  const x = mean((a) => a).mean;
  const y = mean((_, b) => b).mean;
  const varianceX = mean((a) => a * a).mean - x * x;
  const varianceY = mean((_, b) => b * b).mean - y * y;
  const covariance = mean((a, b) => a * b).mean - x * y;
  const served = (2 * covariance) / (varianceX + varianceY + (x - y) ** 2 + 1e-6);
  const error = (1 - served ** 2) / Math.sqrt(Math.max(1, count));
  return { count, served, error, hard: served, hardError: error };
}
