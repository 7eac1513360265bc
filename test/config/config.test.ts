import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  dataSpec,
  draftConfig,
  type ResolvedConfig,
  resolveConfig,
  schemaText,
  sizeConfig,
} from '../../src/config/index.ts';
import { guessRoles, profileTable } from '../../src/data/index.ts';
import { defaultSettings } from '../../src/train/index.ts';
import { people, read, resolveText } from './support.ts';

/** A config of a line: all else is guessed. */
const shortest = 'data: people.csv';

const full = `
data:
  path: people.csv
  missing: ['?', -1]
  rows: age >= 18
  derived: [{ name: tall, when: height > 180 }]
  split: { column: set, values: { train: [train], validation: [], test: test } }
inputs: [age, { role: ordinal, column: degree, order: [none, bachelor, master] }, tall]
tasks:
  - { name: hired, type: detection, positive: yes, notion: equalized-odds, favourable: negative, positiveWeight: 2 }
  - { name: rich, type: detection, when: salary > 1500, where: age > 20, notion: none }
  - name: both
    type: detection
    attributes: [{ name: woman, column: sex, positive: female }, { name: old, when: age > 50 }]
  - { name: city, type: classification, classes: [Rome, Oslo, Bern], labelSmoothing: 0.1 }
  - { name: numbers, type: regression, columns: [salary, height], loss: mae }
groups: [sex, { name: ages, column: age, bins: [30, 50] }, { name: who, columns: [sex, city] }]
model: { widths: [8], activation: gelu }
method: { name: worst-group, weight: 0.5, compareWith: none }
training: { epochs: 3, batch: 16, learningRate: 0.01, patience: 2, audit: { every: 5 }, settings: { budget: 0.1 } }
seed: 9
device: cpu
`;

describe('a config', () => {
  test('of one line is completed by guesses, each of which is told', async () => {
    const { config, guesses } = await resolveText(shortest);
    expect(config.tasks.map(({ name, type }) => `${name}: ${type}`)).toEqual([
      'hired: detection',
      'salary: regression',
    ]);
    expect(config.groups.map(({ name }) => name)).toEqual(['age_band', 'sex']);
    expect(config.inputs.map(({ column }) => column)).toEqual(['age', 'sex', 'city', 'height', 'degree']);
    expect(config.data.split).toMatchObject({ by: 'column', column: 'set' });
    for (const name of ['hired', 'salary', 'age_band', 'sex', 'id'])
      expect(guesses.join('\n')).toContain(`"${name}"`);
  });

  test('takes fairness notions, tolerance, method and comparison by default', async () => {
    const { config } = await resolveText(shortest);
    expect(config.tasks.map(({ notion, tolerance }) => [notion, tolerance])).toEqual([
      ['equal-opportunity', 0.02],
      ['error-parity', 0.02],
    ]);
    expect(config.method).toEqual({ name: 'fairmt', compareWith: 'erm' });
  });

  test('says more than the defaults where it says so', async () => {
    const { config } = await resolveText(full);
    expect(config).toMatchObject({
      data: { missing: ['?', '-1'], rows: 'age >= 18' },
      inputs: [
        { role: 'numeric', column: 'age' },
        { role: 'ordinal', column: 'degree', order: ['none', 'bachelor', 'master'] },
        { role: 'categorical', column: 'tall' },
      ],
      method: { name: 'worst-group', weight: 0.5, compareWith: 'none' },
      seed: 9,
      device: 'cpu',
    });
    expect(config.data.derived.map(({ name }) => name)).toEqual(['tall', 'age band']);
    expect(config.groups).toEqual([
      { name: 'sex', columns: ['sex'] },
      { name: 'ages', columns: ['age band'] },
      { name: 'who', columns: ['sex', 'city'] },
    ]);
  });

  test('as resolved is a config that resolves to itself', async () => {
    for (const text of [shortest, full]) {
      const { config, source } = read(text);
      const { config: unsized } = await resolveConfig(config, source, people);
      const resolved = sizeConfig(unsized, config.training, 25);
      expect(await again(resolved)).toEqual(resolved);
    }
  });

  test('never takes what makes a label for an input of its own accord', async () => {
    const { config } = await resolveText(
      'data: people.csv\ntasks: [{ name: rich, type: detection, when: salary > 1500 }, { name: hired, type: detection }]',
    );
    const columns = config.inputs.map(({ column }) => column);
    expect(columns).not.toContain('salary');
    expect(columns).not.toContain('hired');
    expect(columns).toContain('degree');
  });

  test('reads cells as they are written', async () => {
    for (const [written, cell] of [
      ['1.0', '1.0'],
      ['yes', 'yes'],
      ['True', 'True'],
      ['007', '007'],
      ['"1"', '1'],
    ] as const) {
      const { config } = await resolveText(
        `data: people.csv\ntasks: [{ name: hired, type: detection, positive: ${written} }]`,
      );
      expect(dataSpec(config).tasks[0]).toMatchObject({ attributes: [{ positive: [cell] }] });
    }
  });

  test('in JSON is read as in YAML', async () => {
    const yaml = await resolveText(full);
    const json = await resolveText(JSON.stringify(read(full).config));
    expect(json.config).toEqual(yaml.config);
  });
});

async function again(resolved: ResolvedConfig): Promise<ResolvedConfig> {
  const { source, config } = read(JSON.stringify(resolved));
  const { config: unsized, guesses } = await resolveConfig(config, source, people);
  expect(guesses).toEqual([]);
  return sizeConfig(unsized, config.training, 25);
}

describe('the numbers of training', () => {
  test('follow from the number of rows: about 3,000 steps, in 20 to 60 epochs', async () => {
    const { config } = await resolveText(shortest);
    const sized = [100, 5000, 50_000, 5_000_000].map((rows) => {
      const { batch, epochs } = sizeConfig(config, undefined, rows).training;
      return [batch, epochs];
    });
    expect(sized).toEqual([
      [32, 60],
      [256, 60],
      [512, 31],
      [512, 20],
    ]);
  });

  test('are taken as they are written', async () => {
    const { config } = await resolveText(full);
    expect(sizeConfig(config, read(full).config.training, 1000).training).toEqual({
      epochs: 3,
      warmupEpochs: 0,
      batch: 16,
      patience: 2,
      audit: { every: 5, threshold: 0.25 },
      settings: { budget: 0.1, 'learning rate': 0.01 },
    });
  });
});

describe('the draft that init writes', () => {
  test('resolves to the roles that were guessed', async () => {
    const guess = guessRoles(await profileTable(people));
    const { config } = await resolveText(draftConfig({ path: 'people.csv' }, guess, 40));
    expect(config).toEqual((await resolveText(shortest)).config);
  });

  test('stays whole whatever the columns are called', async () => {
    const odd = { ...people, columns: people.columns.map((name) => `${name}: "#\n\u2028- ] }`) };
    const guess = guessRoles(await profileTable(odd));
    const { config } = await resolveText(draftConfig({ path: 'people.csv' }, guess, 40), odd);
    expect(config.inputs).toEqual(guess.inputs.map(({ spec }) => spec));
    expect(config.groups).toEqual(guess.groups.map(({ spec }) => spec));
  });
});

describe('the JSON Schema that editors get', () => {
  test('is the one of the code: mend it with npm run schema', () => {
    expect(readFileSync('schema/config.schema.json', 'utf8')).toBe(schemaText());
  });

  test('names every setting of a step', () => {
    for (const name of Object.keys(defaultSettings)) expect(schemaText()).toContain(`"${name}"`);
  });
});
