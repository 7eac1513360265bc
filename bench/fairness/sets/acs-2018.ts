// American Community Survey 2018, people of 16 and more in four states; tasks as folktables defines them where it does.
import { type BenchSet, categorical, numeric, tolerance } from './set.ts';

const labelled = (name: string, when: string, where?: string) =>
  ({ name, type: 'detection', attributes: [{ name, when }], ...(where && { where }) }) as const;

export const acs2018: BenchSet = {
  name: 'acs-2018',
  file: 'acs-2018-de-hi-nm-ri.csv.gz',
  data: {
    rows: 'AGEP >= 16',
    derived: [
      {
        name: 'occupation group',
        column: 'OCCP',
        bins: [960, 2000, 3000, 3700, 4700, 6000, 7700, 9800],
        names: [
          'management',
          'computer and science',
          'community, legal, education, arts',
          'health',
          'service',
          'sales and office',
          'farming, construction, maintenance',
          'production and transport',
          'military',
        ],
      },
    ],
    inputs: [
      ...numeric('AGEP', 'SCHL'),
      ...categorical('SEX', 'RAC1P', 'MAR', 'CIT', 'NATIVITY', 'DIS', 'DEAR', 'DEYE', 'DREM', 'DPHY', 'MIL'),
      ...categorical('ANC', 'RELP', 'ST', 'PUMA', 'HISP'),
    ],
    tasks: [
      labelled('employed', 'ESR in [1, 2]'),
      labelled('income', 'PINCP > 50000', 'AGEP > 16 and PINCP > 100 and WKHP > 0'),
      labelled('public coverage', 'PUBCOV = 1', 'AGEP < 65 and PINCP <= 30000'),
      {
        name: 'commute',
        type: 'regression',
        columns: ['JWMNP'],
        transform: 'none',
        where: 'ESR = 1',
      },
      {
        name: 'log wage',
        type: 'regression',
        columns: ['WAGP'],
        transform: 'log10',
        where: 'WAGP > 0',
      },
      {
        name: 'occupation',
        type: 'classification',
        column: 'occupation group',
        where: 'ESR in [1, 2, 4, 5]',
      },
    ],
    groups: [
      { name: 'sex', columns: ['SEX'] },
      { name: 'race', columns: ['RAC1P'] },
      { name: 'disability', columns: ['DIS'] },
    ],
    split: { by: 'ratio', validation: 0.15, test: 0.25, stratify: true },
  },
  fairness: {
    employed: { notion: 'equal-opportunity', tolerance },
    income: { notion: 'equal-opportunity', tolerance },
    'public coverage': { notion: 'equal-opportunity', tolerance },
    commute: { notion: 'error-parity', tolerance },
    'log wage': { notion: 'error-parity', tolerance },
    occupation: { notion: 'accuracy-parity', tolerance },
  },
  widths: [64, 32],
  batch: 1024,
  epochs: 24,
  warmupEpochs: 8,
};
