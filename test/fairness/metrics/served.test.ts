import { describe, expect, it } from 'vitest';
import {
  ccc,
  evaluateGroups,
  logLoss,
  mae,
  type RowPartition,
  rocAuc,
  type TaskOutcome,
} from '../../../src/fairness/metrics/index.ts';
import { Random } from '../../../src/tensor/random.ts';
import {
  levels,
  plain,
  randomClassification,
  randomDetection,
  randomPartition,
  randomRegression,
} from './cases.ts';

/** Rows of a cell that are labelled and fulfil a condition. */
function rowsWhere(
  { index }: RowPartition,
  cell: number,
  { known }: TaskOutcome,
  holds = (_row: number) => true,
) {
  return [...index.keys()].filter((row) => index[row] === cell && known?.[row] !== 0 && holds(row));
}

const share = (rows: number[], holds: (row: number) => boolean) => rows.filter(holds).length / rows.length;

describe('served-ness of groups on hard decisions', () => {
  const random = new Random(1);
  const partition = randomPartition(random, 400);
  const detection = randomDetection(random, 400);
  const classification = randomClassification(random, 400);
  const regression = randomRegression(random, 400);
  const decided = (row: number) => detection.probabilities[row]! > 0.5;
  const arg = (row: number) => {
    const row3 = [0, 1, 2].map((k) => classification.probabilities[row * 3 + k]!);
    return row3.indexOf(Math.max(...row3));
  };

  /** Expects [condition, count, level] in every cell. */
  function expectLevels(
    outcome: TaskOutcome,
    expected: (cell: number) => readonly (readonly [string, number, number])[],
  ) {
    levels(outcome, partition).forEach((conditions, cell) => {
      expect(conditions.map(({ condition, count }) => [condition, count])).toEqual(
        expected(cell).map(([condition, count]) => [condition, count]),
      );
      expected(cell).forEach(([, , level], k) => {
        expect(conditions[k]!.level.value).toBeCloseTo(level, 10);
      });
    });
  }

  it('detection, equal opportunity: the share of positives found; of negatives, if those are favourable', () => {
    expectLevels({ ...detection, notion: 'equal-opportunity' }, (cell) => {
      const rows = rowsWhere(partition, cell, detection, (row) => detection.labels[row] === 1);
      return [['y=1', rows.length, share(rows, decided)]];
    });
    expectLevels({ ...detection, notion: 'equal-opportunity', favourable: 'negative' }, (cell) => {
      const rows = rowsWhere(partition, cell, detection, (row) => detection.labels[row] === 0);
      return [['y=0', rows.length, share(rows, (row) => !decided(row))]];
    });
  });

  it('detection, equalised odds: positives found, and negatives left alone', () => {
    expectLevels({ ...detection, notion: 'equalized-odds' }, (cell) => {
      const ones = rowsWhere(partition, cell, detection, (row) => detection.labels[row] === 1);
      const zeros = rowsWhere(partition, cell, detection, (row) => detection.labels[row] === 0);
      return [
        ['y=1', ones.length, share(ones, decided)],
        ['y=0', zeros.length, share(zeros, (row) => !decided(row))],
      ];
    });
  });

  it('detection, demographic and accuracy parity: favourable and right decisions of all', () => {
    for (const favourable of ['positive', 'negative'] as const) {
      expectLevels({ ...detection, notion: 'demographic-parity', favourable }, (cell) => {
        const rows = rowsWhere(partition, cell, detection);
        return [['all', rows.length, share(rows, (row) => decided(row) === (favourable === 'positive'))]];
      });
    }
    expectLevels({ ...detection, notion: 'accuracy-parity' }, (cell) => {
      const rows = rowsWhere(partition, cell, detection);
      return [['all', rows.length, share(rows, (row) => decided(row) === (detection.labels[row] === 1))]];
    });
  });

  it('classification: recall of each class, right decisions, decisions for each favourable class', () => {
    expectLevels({ ...classification, notion: 'equal-opportunity' }, (cell) =>
      [0, 1, 2].map((k) => {
        const rows = rowsWhere(partition, cell, classification, (row) => classification.labels[row] === k);
        return [`y=${k}`, rows.length, share(rows, (row) => arg(row) === k)] as const;
      }),
    );
    expectLevels({ ...classification, notion: 'accuracy-parity' }, (cell) => {
      const rows = rowsWhere(partition, cell, classification);
      return [['all', rows.length, share(rows, (row) => arg(row) === classification.labels[row])]];
    });
    expectLevels({ ...classification, notion: 'demographic-parity', favourable: [2, 0] }, (cell) => {
      const rows = rowsWhere(partition, cell, classification);
      return [2, 0].map(
        (k) => [`favourable=${k}`, rows.length, share(rows, (row) => arg(row) === k)] as const,
      );
    });
  });

  it('regression: closeness in deviations, and concordance', () => {
    const on = (rows: number[]) => [
      rows.map((r) => regression.values[r]!),
      rows.map((r) => regression.labels[r]!),
    ];
    expectLevels({ ...regression, notion: 'error-parity' }, (cell) => {
      const rows = rowsWhere(partition, cell, regression);
      const [values, labels] = on(rows);
      return [['all', rows.length, 1 - (mae(values!, labels!) as number) / 12]];
    });
    expectLevels({ ...regression, notion: 'ccc-parity' }, (cell) => {
      const rows = rowsWhere(partition, cell, regression);
      const [values, labels] = on(rows);
      return [['all', rows.length, ccc(values!, labels!) as number]];
    });
  });

  it('every kind, loss parity: minus the loss over that of the prior', () => {
    expectLevels({ ...detection, notion: 'loss-parity' }, (cell) => {
      const rows = rowsWhere(partition, cell, detection);
      const ofLabel = rows.map((r) =>
        detection.labels[r] ? detection.probabilities[r]! : 1 - detection.probabilities[r]!,
      );
      return [['all', rows.length, -(logLoss(ofLabel) as number) / 0.69]];
    });
    expectLevels({ ...regression, notion: 'loss-parity' }, (cell) => {
      const rows = rowsWhere(partition, cell, regression);
      const square = rows.reduce((sum, r) => sum + (regression.values[r]! - regression.labels[r]!) ** 2, 0);
      return [['all', rows.length, -square / rows.length / 144]];
    });
  });

  it('metrics of a cell are those of its labelled rows', () => {
    const [task] = evaluateGroups([detection], [partition], plain).tasks;
    task!.partitions[0]!.cells.forEach(({ count, metrics }, cell) => {
      const rows = rowsWhere(partition, cell, detection);
      expect(count).toBe(rows.length);
      if (metrics === 'insufficient' || metrics.kind !== 'detection')
        throw new Error('expected metrics of detection');
      const scores = rows.map((row) => detection.probabilities[row]!);
      const labels = rows.map((row) => detection.labels[row]!);
      expect(metrics.auc).toBe(rocAuc(scores, labels));
    });
  });

  it('utility is balanced accuracy, or closeness for regression, of the same rows', () => {
    const { tasks } = evaluateGroups([detection, classification, regression], [partition], plain);
    for (const { overall, partitions } of tasks) {
      for (const { utility, metrics } of [overall, ...partitions[0]!.cells]) {
        if (metrics === 'insufficient') throw new Error('expected metrics');
        const expected =
          metrics.kind === 'regression'
            ? 1 - (metrics.mae as number) / 12
            : (metrics.balancedAccuracy as number);
        expect(utility.value).toBeCloseTo(expected, 12);
      }
    }
  });
});
