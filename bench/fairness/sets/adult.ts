// UCI Adult: income, occupation and weekly hours; the file's own test rows.
import { type BenchSet, categorical, numeric, tolerance } from './set.ts';

export const adult: BenchSet = {
  name: 'adult',
  file: 'adult.csv.gz',
  data: {
    derived: [{ name: 'age band', column: 'age', bins: [30, 50] }],
    inputs: [
      ...numeric('age', 'education-num', 'capital-gain', 'capital-loss'),
      ...categorical('workclass', 'marital-status', 'relationship', 'race', 'sex', 'native-country'),
    ],
    tasks: [
      {
        name: 'income',
        type: 'detection',
        attributes: [{ name: 'income', column: 'income', positive: ['>50K'] }],
      },
      { name: 'hours', type: 'regression', columns: ['hours-per-week'], transform: 'none' },
      { name: 'occupation', type: 'classification', column: 'occupation' },
    ],
    groups: [
      { name: 'sex × race', columns: ['sex', 'race'] },
      { name: 'age', columns: ['age band'] },
    ],
    split: {
      by: 'column',
      column: 'split',
      values: { train: ['train'], validation: [], test: ['test'] },
      validation: 0.2,
      stratify: true,
    },
  },
  fairness: {
    income: { notion: 'equal-opportunity', tolerance },
    hours: { notion: 'error-parity', tolerance },
    occupation: { notion: 'accuracy-parity', tolerance },
  },
  widths: [64, 32],
  batch: 1024,
  epochs: 24,
  warmupEpochs: 8,
};
