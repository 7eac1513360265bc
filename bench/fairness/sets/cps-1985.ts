// CPS 1985: 534 people. Only cells with enough people on test count: that is the sexes, and little more.
import { type BenchSet, categorical, numeric, tolerance } from './set.ts';

export const cps1985: BenchSet = {
  name: 'cps-1985',
  file: 'cps-1985.csv',
  data: {
    derived: [],
    inputs: [
      ...numeric('education', 'experience', 'age'),
      ...categorical('south', 'gender', 'race', 'sector', 'married'),
    ],
    tasks: [
      // 0 is a member: the package's documentation has it the wrong way round (see the README of the data).
      {
        name: 'union',
        type: 'detection',
        attributes: [{ name: 'union', column: 'union', positive: ['0'] }],
      },
      { name: 'log wage', type: 'regression', columns: ['wage'], transform: 'log10' },
      { name: 'occupation', type: 'classification', column: 'occupation' },
    ],
    groups: [
      { name: 'gender', columns: ['gender'] },
      { name: 'race', columns: ['race'] },
    ],
    split: { by: 'ratio', validation: 0.2, test: 0.4, stratify: true },
  },
  fairness: {
    union: { notion: 'accuracy-parity', tolerance },
    'log wage': { notion: 'error-parity', tolerance },
    occupation: { notion: 'accuracy-parity', tolerance },
  },
  widths: [32, 16],
  batch: 64,
  epochs: 60,
  warmupEpochs: 15,
};
