// COMPAS (ProPublica), two years; rows filtered as ProPublica did. The favourable answer is "does not come back".
import { type BenchSet, categorical, numeric, tolerance } from './set.ts';

export const compas: BenchSet = {
  name: 'compas',
  file: 'compas-two-years.csv.gz',
  data: {
    rows:
      'days_b_screening_arrest >= -30 and days_b_screening_arrest <= 30 and is_recid != -1' +
      " and c_charge_degree != 'O' and score_text != 'N/A'",
    derived: [],
    inputs: [
      ...numeric('age', 'juv_fel_count', 'juv_misd_count', 'juv_other_count', 'priors_count'),
      ...categorical('sex', 'race', 'c_charge_degree', 'c_charge_desc'),
    ],
    tasks: [
      {
        name: 'recidivism',
        type: 'detection',
        attributes: [{ name: 'recidivism', column: 'two_year_recid', positive: ['1'] }],
      },
      {
        name: 'violent recidivism',
        type: 'detection',
        attributes: [{ name: 'violent recidivism', column: 'is_violent_recid', positive: ['1'] }],
      },
      { name: 'decile', type: 'regression', columns: ['decile_score'], transform: 'none' },
      {
        name: 'score',
        type: 'classification',
        column: 'score_text',
        classes: ['Low', 'Medium', 'High'],
      },
    ],
    groups: [
      { name: 'race', columns: ['race'] },
      { name: 'sex', columns: ['sex'] },
      { name: 'age', columns: ['age_cat'] },
    ],
    split: { by: 'ratio', validation: 0.2, test: 0.3, stratify: true },
  },
  fairness: {
    recidivism: { notion: 'equalized-odds', favourable: 'negative', tolerance },
    'violent recidivism': { notion: 'equalized-odds', favourable: 'negative', tolerance },
    decile: { notion: 'error-parity', tolerance },
    score: { notion: 'accuracy-parity', tolerance },
  },
  widths: [64, 32],
  batch: 256,
  epochs: 30,
  warmupEpochs: 10,
};
