// FairMT as a library: from a table to a fair model and its predictions, without the command line.
// Run it by `node scripts/run.mjs examples/library.ts`. Outside this repository import from 'fairmt/node',
// 'fairmt/data' and 'fairmt/files'; in a browser from 'fairmt' and 'fairmt/data', with `tableOfRecords(name, rows)`.
import { openTable } from '../src/data/files/index.ts';
import {
  type DataSpec,
  featureArrays,
  featureShape,
  loadDataset,
  modelTasks,
  partitionsOf,
  trainingData,
} from '../src/data/index.ts';
import { fit, methods, openDevice, Predictor } from '../src/node.ts';

const spec: DataSpec = {
  derived: [],
  inputs: [
    { role: 'numeric', column: 'education' },
    { role: 'numeric', column: 'experience' },
    { role: 'categorical', column: 'gender', minCount: 10 },
  ],
  tasks: [{ name: 'wage', type: 'regression', columns: ['wage'], transform: 'log10' }],
  groups: [{ name: 'gender', columns: ['gender'] }],
  split: { by: 'ratio', validation: 0.2, test: 0.2, stratify: true },
};
const { sides, encoding } = await loadDataset(await openTable('examples/data/cps-1985.csv'), spec, 1);
const model = {
  tasks: modelTasks(encoding),
  features: featureShape(encoding),
  trunk: { widths: [32, 16] },
  headWidths: [],
};
const device = await openDevice();
const { parameters, history } = await fit(
  {
    model,
    fairness: { wage: { notion: 'error-parity', tolerance: 0.02 } },
    partitions: partitionsOf(encoding),
    data: trainingData(sides.train),
    validation: trainingData(sides.validation),
    ...{ method: methods.fairmt, epochs: 40, warmupEpochs: 20, batch: 128, seed: 1 },
  },
  device,
);
console.log(
  'validation gap over the epochs:',
  history.map(({ validation }) => validation?.meanGap?.toFixed(3)).join(' '),
);

using predictor = await Predictor.create(model, device);
const predictions = await predictor.predict(parameters, featureArrays(sides.test));
console.log(
  'first predictions, standardised:',
  Array.from(predictions['wage']!.values.slice(0, 5), (z) => z.toFixed(2)).join(' '),
);
