// LSAC bar passage: bar passed (most are; both sides are watched), two grade averages, the cluster of law schools.
import { type BenchSet, categorical, numeric, tolerance } from './set.ts';

export const lawSchool: BenchSet = {
  name: 'law-school',
  file: 'law-school.csv.gz',
  data: {
    derived: [],
    inputs: [...numeric('lsat', 'ugpa'), ...categorical('fulltime', 'fam_inc', 'race', 'gender')],
    tasks: [
      {
        name: 'bar passed',
        type: 'detection',
        attributes: [{ name: 'bar passed', column: 'bar1', positive: ['P'] }],
      },
      { name: 'first-year grades', type: 'regression', columns: ['zfygpa'], transform: 'none' },
      { name: 'grades', type: 'regression', columns: ['zgpa'], transform: 'none' },
      { name: 'cluster', type: 'classification', column: 'cluster' },
    ],
    groups: [
      { name: 'race', columns: ['race'] },
      { name: 'gender', columns: ['gender'] },
    ],
    split: { by: 'ratio', validation: 0.15, test: 0.25, stratify: true },
  },
  fairness: {
    'bar passed': { notion: 'equalized-odds', tolerance },
    'first-year grades': { notion: 'error-parity', tolerance },
    grades: { notion: 'error-parity', tolerance },
    cluster: { notion: 'accuracy-parity', tolerance },
  },
  widths: [64, 32],
  batch: 512,
  epochs: 24,
  warmupEpochs: 8,
};
