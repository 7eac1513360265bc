import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigError, ConfigSource, readConfigSource, validateConfig } from '../../src/config/index.ts';
import { complaint } from './support.ts';

const hired = 'tasks: [{ name: hired, type: detection, positive: yes }]';

const columns = '"id", "age", "sex", "city", "height", "hired", "degree", "salary" and "set"';
/** Where the groups are guessed, there is a column of ages in bands, too. */
const withBand = `${columns.replace(' and', ',')} and "age_band"`;

/** What is wrong, the config, and the line that says so. */
const cases: readonly (readonly [what: string, text: string, line: string])[] = [
  [
    'a misspelt section',
    'data: people.csv\ntaks: []',
    'people.yaml:2:1: taks: expected a key among $schema, data, inputs, tasks, groups, model, method, training, seed, device, got "taks". Correct or remove it. Did you mean "tasks"?',
  ],
  [
    'a misspelt key within a section',
    'data: { path: people.csv, delimeter: ";" }',
    'people.yaml:1:27: data.delimeter: expected a key among path, delimiter, missing, rows, images, derived, split, got "delimeter". Correct or remove it. Did you mean "delimiter"?',
  ],
  [
    'a misspelt key of a task',
    'data: people.csv\ntasks:\n  - name: salary\n    type: regression\n    tolerence: 0.1',
    'people.yaml:5:5: tasks[0].tolerence: expected a key among type, name, where, tolerance, column, columns, transform, loss, notion, got "tolerence". Correct or remove it. Did you mean "tolerance"?',
  ],
  [
    'a key that another type of task has',
    'data: people.csv\ntasks: [{ name: hired, type: classification, positive: yes }]',
    'people.yaml:2:46: tasks[0].positive: expected a key among type, name, where, tolerance, column, classes, classWeights, labelSmoothing, notion, favourable, got "positive". Correct or remove it.',
  ],
  [
    'an unknown type of task',
    'data: people.csv\ntasks: [{ name: hired, type: detektion }]',
    'people.yaml:2:24: tasks[0].type: expected one of "detection", "classification" and "regression", got "detektion". Correct it. Did you mean "detection"?',
  ],
  [
    'a task without a type',
    'data: people.csv\ntasks: [{ name: hired }]',
    'people.yaml:2:9: tasks[0].type: expected one of "detection", "classification" and "regression", got nothing. Correct it.',
  ],
  [
    'an unknown notion',
    'data: people.csv\ntasks: [{ name: hired, type: detection, notion: equal-oportunity }]',
    'people.yaml:2:41: tasks[0].notion: expected one of "equal-opportunity", "equalized-odds", "demographic-parity", "accuracy-parity", "loss-parity" and "none", got "equal-oportunity". Correct it. Did you mean "equal-opportunity"?',
  ],
  [
    'a notion that the type of task has not',
    'data: people.csv\ntasks: [{ name: salary, type: regression, notion: equalized-odds }]',
    'people.yaml:2:43: tasks[0].notion: expected one of "error-parity", "ccc-parity", "loss-parity" and "none", got "equalized-odds". Correct it.',
  ],
  [
    'a tolerance below zero',
    'data: people.csv\ntasks: [{ name: salary, type: regression, tolerance: -1 }]',
    'people.yaml:2:43: tasks[0].tolerance: expected a number, at least 0, got -1. Correct it.',
  ],
  [
    'two tasks of one name',
    `data: people.csv\ntasks:\n  - { name: hired, type: detection }\n  - { name: hired, type: classification }`,
    'people.yaml:4:7: tasks[1].name: expected a name of its own for every task, got "hired", as for task 1. Rename one of them; several columns may make one task (attributes, columns).',
  ],
  [
    'an empty list of tasks',
    'data: people.csv\ntasks: []',
    'people.yaml:2:1: tasks: expected a list of at least 1, got an empty list. Correct it.',
  ],
  [
    'a label given twice over',
    'data: people.csv\ntasks: [{ name: rich, type: detection, column: hired, when: salary > 1500 }]',
    'people.yaml:2:55: tasks[0].when: expected one of column or positive, when, attributes, list, got column or positive and when. Remove all but one.',
  ],
  [
    'a label column that is not there',
    'data: people.csv\ntasks: [{ name: pay, type: regression, column: salery }]',
    `people.yaml:2:9: tasks[0]: expected a column of people.csv: ${withBand}, got "salery". Correct the name. Did you mean "salary"?`,
  ],
  [
    'a detection whose yes cannot be guessed',
    'data: people.csv\ntasks: [{ name: city, type: detection }]',
    'people.yaml:2:9: tasks[0]: expected positive: the value of "city" that means yes, got nothing, and a column with other than two values (Rome, Bern, Oslo …). Add positive: VALUE, or when: CONDITION.',
  ],
  [
    'demographic parity of classes without the good ones',
    'data: people.csv\ntasks: [{ name: degree, type: classification, notion: demographic-parity }]',
    'people.yaml:2:47: tasks[0].notion: expected favourable: the good classes, for demographic-parity, got none. Add favourable: [CLASS, …], or take another notion.',
  ],
  [
    'weights of classes that are not listed',
    'data: people.csv\ntasks: [{ name: degree, type: classification, classWeights: [1, 2] }]',
    'people.yaml:2:47: tasks[0].classWeights: expected classes, and a weight for each of them, got 2 weights for no list of classes. List the classes in the order of their weights.',
  ],
  [
    'a group column that is not there',
    `data: people.csv\n${hired}\ngroups: [sex, race]`,
    `people.yaml:3:15: groups[1]: expected a column of people.csv: ${columns}, got "race". Correct the name.`,
  ],
  [
    'groups that are no list',
    `data: people.csv\n${hired}\ngroups: sex`,
    'people.yaml:3:1: groups: expected a list, got "sex". Correct it.',
  ],
  [
    'a group with column and columns',
    `data: people.csv\n${hired}\ngroups: [{ name: who, column: sex, columns: [sex, city] }]`,
    'people.yaml:3:36: groups[0].columns: expected column or columns, got both. Remove one of them.',
  ],
  [
    'an input that is not there',
    `data: people.csv\n${hired}\ninputs: [age, hieght]`,
    `people.yaml:3:15: inputs[1]: expected a column of people.csv: ${columns}, got "hieght". Correct the name. Did you mean "height"?`,
  ],
  [
    'an input that is the label',
    `data: people.csv\n${hired}\ninputs: [age, hired]`,
    'people.yaml:3:15: inputs[1]: expected a column that can be an input, got "hired": it is a label. Remove it, or give its role: {role: categorical, column: …}.',
  ],
  [
    'an input that names the rows',
    `data: people.csv\n${hired}\ninputs: [age, id]`,
    'people.yaml:3:15: inputs[1]: expected a column that can be an input, got "id": its values name the rows. Remove it, or give its role: {role: categorical, column: …}.',
  ],
  [
    'an unknown role',
    `data: people.csv\n${hired}\ninputs: [{ role: number, column: age }]`,
    'people.yaml:3:12: inputs[0].role: expected one of "numeric", "ordinal", "categorical" and "text", got "number". Correct it.',
  ],
  [
    'all but a column that is not there',
    `data: people.csv\n${hired}\ninputs: { except: [heigth] }`,
    `people.yaml:3:20: inputs.except[0]: expected a column of people.csv: ${columns}, got "heigth". Correct the name. Did you mean "height"?`,
  ],
  [
    'no input left',
    `data: people.csv\n${hired}\ninputs: { except: [age, sex, city, height, degree, salary, set] }`,
    'people.yaml:3:1: inputs: expected columns that the model can see, got none besides labels, identifiers and constants. Name them: inputs: [COLUMN, …].',
  ],
  [
    'shares of the split that leave nothing',
    `data: { path: people.csv, split: { test: 0.6, validation: 0.5 } }\n${hired}`,
    'people.yaml:1:27: data.split: expected shares of test and validation below 1 together, got 1.1. Leave some rows for training.',
  ],
  [
    'a share of one and a half',
    `data: { path: people.csv, split: { test: 1.5 } }\n${hired}`,
    'people.yaml:1:36: data.split.test: expected a number, less than 1, got 1.5. Correct it.',
  ],
  [
    'a split by a column and by a share',
    `data: { path: people.csv, split: { column: set, test: 0.2 } }\n${hired}`,
    'people.yaml:1:27: data.split: expected either a column, or a share for the test, got both. Remove one of them.',
  ],
  [
    'a split column that is not there',
    `data: { path: people.csv, split: { column: fold } }\n${hired}`,
    `people.yaml:1:36: data.split.column: expected a column of people.csv: ${withBand}, got "fold". Correct the name.`,
  ],
  [
    'a subject column that is not there',
    `data: { path: people.csv, split: { subject: person } }\n${hired}`,
    `people.yaml:1:36: data.split.subject: expected a column of people.csv: ${withBand}, got "person". Correct the name.`,
  ],
  [
    'a derived column of neither kind',
    `data: { path: people.csv, derived: [{ name: old, column: age }] }\n${hired}`,
    'people.yaml:1:37: data.derived[0]: expected either column and bins, or when, got neither. Example: {name: age band, column: age, bins: [30, 50]}.',
  ],
  [
    'an unknown method',
    `data: people.csv\n${hired}\nmethod: fairmtt`,
    'people.yaml:3:1: method: expected one of "erm", "mgda", "mgda-ub", "fairmt-without-qp", "fairmt-no-harm" and "fairmt", got "fairmtt". Correct it. Did you mean "fairmt"?',
  ],
  [
    'a penalty without its weight',
    `data: people.csv\n${hired}\nmethod: { name: symmetric }`,
    'people.yaml:3:1: method.weight: expected a number, got nothing. Add it.',
  ],
  [
    'half an epoch',
    `data: people.csv\n${hired}\ntraining: { epochs: 2.5 }`,
    'people.yaml:3:13: training.epochs: expected a whole number, got 2.5. Correct it.',
  ],
  [
    'no epochs at all',
    `data: people.csv\n${hired}\ntraining: { epochs: 0 }`,
    'people.yaml:3:13: training.epochs: expected a number, at least 1, got 0. Correct it.',
  ],
  [
    'a misspelt setting',
    `data: people.csv\n${hired}\ntraining: { settings: { half-live: 3 } }`,
    'people.yaml:3:25: training.settings.half-live: expected',
  ],
  [
    'text where a number is due',
    `data: people.csv\n${hired}\ntraining: { learningRate: fast }`,
    'people.yaml:3:13: training.learningRate: expected a number, got "fast". Correct it.',
  ],
  [
    'a layer without width',
    `data: people.csv\n${hired}\nmodel: { widths: [64, 0] }`,
    'people.yaml:3:23: model.widths[1]: expected a number, at least 1, got 0. Correct it.',
  ],
  [
    'an unknown activation',
    `data: people.csv\n${hired}\nmodel: { activation: rellu }`,
    'people.yaml:3:10: model.activation: expected one of "relu", "tanh", "sigmoid", "silu" and "gelu", got "rellu". Correct it. Did you mean "relu"?',
  ],
  [
    'an unknown device',
    `data: people.csv\n${hired}\ndevice: webgpux`,
    'people.yaml:3:1: device: expected one of "auto", "cpu", "wasm" and "webgpu", got "webgpux". Correct it. Did you mean "webgpu"?',
  ],
  [
    'a seed below zero',
    `data: people.csv\n${hired}\nseed: -1`,
    'people.yaml:3:1: seed: expected a number, at least 0, got -1. Correct it.',
  ],
  ['no data', hired, 'people.yaml:1:1: data: expected text or a map of keys, got nothing. Correct it.'],
  [
    'an empty path',
    'data: ""',
    'people.yaml:1:1: data: expected text of at least 1 character(s), got "". Correct it.',
  ],
  ['an empty file', '', 'people.yaml: expected a map of keys, got null. Correct it.'],
  [
    'a list instead of sections',
    '- data',
    'people.yaml:1:1: expected a map of keys, got a list. Correct it.',
  ],
  [
    'text instead of sections',
    'people.csv',
    'people.yaml:1:1: expected a map of keys, got "people.csv". Correct it.',
  ],
  [
    'a bracket that is not closed',
    'data: [people.csv',
    'people.yaml:1:18: expected YAML or JSON, got Flow sequence in block collection must be sufficiently indented and end with a ]. Mend the syntax there.',
  ],
  [
    'a section given twice',
    'data: a.csv\ndata: b.csv',
    'people.yaml:2:1: expected YAML or JSON, got Map keys must be unique. Mend the syntax there.',
  ],
  [
    'an alias of nothing',
    'data: *table',
    'people.yaml:1:1: expected plain YAML, got Unresolved alias (the anchor must be set before the alias): table. Write the values out instead of using aliases.',
  ],
  ['broken JSON', '{"data": "people.csv",, "seed": 1}', 'people.yaml:1:23: expected YAML or JSON, got'],
];

describe('a bad config is answered in one line', () => {
  test.each(cases)('%s', async (_, text, line) => {
    const said = await complaint(text);
    expect(said.slice(0, line.length)).toBe(line);
    if (line.endsWith('.')) expect(said).toBe(line);
  });
});

describe('a config file that cannot be read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairmt-config-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  test('a file that is not there', async () => {
    await expect(readConfigSource(join(folder, 'none.yaml'))).rejects.toThrow(
      'expected a config in YAML or JSON, got no such file. Make one with: fairmt init DATA',
    );
  });

  test('a folder', async () => {
    await expect(readConfigSource(folder)).rejects.toThrow('got a folder. Give a file.');
  });

  test('a model instead of a config', async () => {
    await expect(readConfigSource(file('model.safetensors', Uint8Array.of(8, 0, 0, 0)))).rejects.toThrow(
      'got a binary file. Give the config, not the data or the model.',
    );
  });

  test('a table instead of a config', async () => {
    await expect(readConfigSource(file('big.csv', 'a,b\n'.repeat(400_000)))).rejects.toThrow(
      'got 1600000 bytes. Give the config, not the data.',
    );
  });

  test('a byte-order mark does no harm', async () => {
    const source = await readConfigSource(file('bom.yaml', '\ufeffdata: people.csv'));
    expect(source.value).toEqual({ data: 'people.csv' });
  });
});

describe('the reader of configs', () => {
  const reads = (text: string): void => {
    try {
      validateConfig(new ConfigSource('fuzz.yaml', text));
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as Error).message).not.toMatch(/[\n\r]/);
    }
  };

  test('answers any text with a config or a ConfigError', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), reads), { numRuns: 500 });
  });

  test('answers any JSON with a config or a ConfigError', () => {
    fc.assert(fc.property(fc.json(), reads), { numRuns: 500 });
  });

  test('answers a config with any value in any place with a config or a ConfigError', () => {
    const whole = {
      data: { path: 'people.csv', split: { test: 0.2 }, derived: [{ name: 'old', when: 'age > 50' }] },
      inputs: [{ role: 'text', column: 'note' }],
      tasks: [
        { name: 'hired', type: 'detection', attributes: [{ name: 'a', column: 'b', positive: ['c'] }] },
      ],
      groups: ['sex', { name: 'age', bins: [30] }],
      model: { widths: [8] },
      method: { name: 'symmetric', weight: 1 },
      training: { settings: { budget: 0.1 } },
    };
    const places = paths(whole);
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue(), (place, value) => {
        reads(JSON.stringify(replaced(whole, place, value)));
      }),
      { numRuns: 500 },
    );
  });
});

type Path = readonly (string | number)[];

/** Paths to every value within. */
function paths(value: unknown): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]): Path[] => [
    [key],
    ...paths(item).map((rest) => [key, ...rest]),
  ]);
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}
