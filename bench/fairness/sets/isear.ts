// ISEAR: emotions and reactions from appraisals and background, without the text; nobody is on two sides of the split.
import { type BenchSet, categorical, numeric, tolerance } from './set.ts';

const reaction = (name: string, column: string) =>
  ({ name, type: 'detection', attributes: [{ name, column, positive: ['1'] }] }) as const;

const rating = (name: string, column: string) =>
  ({ name, type: 'regression', columns: [column], transform: 'none' }) as const;

export const isear: BenchSet = {
  name: 'isear',
  file: 'isear.csv.gz',
  data: {
    derived: [],
    inputs: [
      ...numeric('age', 'EXPC', 'PLEA', 'PLAN', 'FAIR', 'MORL', 'SELF', 'RELA'),
      ...categorical('WHEN', 'CAUS', 'FIEL', 'sex', 'religion', 'country'),
    ],
    tasks: [
      reaction('crying', 'EXP2'),
      reaction('laughing', 'EXP1'),
      reaction('moving against', 'EXP10'),
      rating('intensity', 'INTS'),
      rating('duration', 'LONG'),
      rating('arousal', 'ERGO'),
      { name: 'emotion', type: 'classification', column: 'EMOT' },
    ],
    groups: [
      { name: 'sex', columns: ['sex'] },
      { name: 'religion', columns: ['religion'] },
    ],
    split: { by: 'ratio', validation: 0.2, test: 0.3, subject: 'subject', stratify: true },
  },
  fairness: {
    crying: { notion: 'equal-opportunity', tolerance },
    laughing: { notion: 'equal-opportunity', tolerance },
    'moving against': { notion: 'equal-opportunity', tolerance },
    intensity: { notion: 'error-parity', tolerance },
    duration: { notion: 'error-parity', tolerance },
    arousal: { notion: 'error-parity', tolerance },
    emotion: { notion: 'accuracy-parity', tolerance },
  },
  widths: [64, 32],
  batch: 256,
  epochs: 30,
  warmupEpochs: 10,
};
