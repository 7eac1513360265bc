import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Papa from 'papaparse';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Summary } from '../../src/report/index.ts';
import { version } from '../../src/run/index.ts';
import { readSafetensors } from '../../src/run/safetensors.ts';
import { at, fairmt, file, peopleFile, quickConfig } from './support.ts';

const commands = ['init', 'train', 'evaluate', 'predict', 'compare', 'report', 'devices'];

describe('help', () => {
  test.each([[], ...commands.map((command) => [command])])(
    'has examples: fairmt %s --help',
    async (...command) => {
      const { code, out } = await fairmt([...command, '--help']);
      expect(code).toBe(0);
      expect(out).toContain('Examples:');
      expect(out).toContain(`fairmt ${command[0] ?? 'init'}`);
    },
  );

  test('of the whole names every command and the exit codes', async () => {
    const { out } = await fairmt(['--help']);
    for (const command of commands) expect(out).toContain(`\n  ${command} `);
    expect(out).toContain(
      'Exit codes: 0 all is well, 1 something failed or was ended, 2 the input cannot be used.',
    );
  });

  test('the version is the one of the package', async () => {
    const { version: packaged } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(version).toBe(packaged);
    expect((await fairmt(['--version'])).out).toBe(`${packaged}\n`);
  });
});

describe('from a table to predictions', () => {
  const run = at('run');
  let summary: Summary;

  beforeAll(async () => {
    peopleFile();
    const { code, out, err } = await fairmt([
      'train',
      quickConfig('quick.yaml'),
      '--out',
      run,
      '--device',
      'wasm',
    ]);
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toContain('The report is run/report.html.');
    summary = JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')) as Summary;
  });

  test('init says so where no column looks like a label', async () => {
    const faces = file(
      'faces.csv',
      `sex,age\n${Array.from({ length: 40 }, (_, i) => `${'MF'[i % 2]},${i}`).join('\n')}\n`,
    );
    const { code, out } = await fairmt(['init', faces, '--out', at('faces.yaml')]);
    expect(code).toBe(0);
    expect(out).toContain('tasks    none\n');
    expect(out).toContain(
      'These are guesses: name a task in the file, for none was found, then run: fairmt train',
    );
  });

  test('init writes a config that train takes', async () => {
    const config = at('drafted.yaml');
    const { code, out } = await fairmt(['init', at('people.csv'), '--out', config]);
    expect(code).toBe(0);
    expect(out).toContain('tasks    hired (detection), salary (regression)');
    expect(readFileSync(config, 'utf8')).toContain('positive: [ yes ]');
    const trained = await fairmt([
      'compare',
      config,
      '--methods',
      'erm',
      '--seeds',
      '1',
      '--device',
      'wasm',
      '--out',
      at('drafted-comparison'),
      '--json',
    ]);
    expect(trained.code).toBe(0);
    expect(JSON.parse(trained.out)).toMatchObject([{ method: 'erm', seed: 1 }]);
  });

  test('a run folder holds all that the issue asks for', () => {
    expect(readdirSync(run).sort()).toEqual([
      'checkpoint',
      'config.json',
      'metrics.jsonl',
      'model.json',
      'model.safetensors',
      'report.html',
      'report.md',
      'summary.json',
    ]);
  });

  test('the summary sets the method against the unconstrained model', () => {
    expect(summary.models.map(({ method }) => method)).toEqual(['erm', 'fairmt']);
    expect(summary.comparison?.changes.length).toBeGreaterThan(0);
    expect(summary.data.rows.train + summary.data.rows.validation + summary.data.rows.test).toBe(300);
    expect(summary.device).toEqual({ kind: 'wasm', name: 'CPU, WebAssembly with SIMD' });
    for (const { curves } of summary.models) expect(curves.map(({ epoch }) => epoch)).toEqual([1, 2]);
  });

  test('metrics.jsonl has a line an epoch, of both models', () => {
    const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trim().split('\n');
    const epochs = lines.map((line) => JSON.parse(line) as { method: string; epoch: number; losses: object });
    expect(epochs.map(({ method, epoch }) => `${method} ${epoch}`)).toEqual([
      'erm 1',
      'erm 2',
      'fairmt 1',
      'fairmt 2',
    ]);
    expect(Object.keys(epochs[0]!.losses).sort()).toEqual(['city', 'hired', 'salary']);
  });

  test('the parameters are saved by name', async () => {
    const { tensors } = await readSafetensors(join(run, 'model.safetensors'), 'a model');
    const parameters = [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
    expect(parameters).toBe(summary.model.parameters);
    expect([...tensors.keys()].some((name) => name.startsWith('trunk/'))).toBe(true);
  });

  test('config.json trains the same model again', async () => {
    const { code } = await fairmt([
      'train',
      join(run, 'config.json'),
      '--out',
      at('again'),
      '--device',
      'wasm',
    ]);
    expect(code).toBe(0);
    for (const name of ['config.json', 'metrics.jsonl', 'model.json', 'model.safetensors'])
      expect(readFileSync(at(`again/${name}`))).toEqual(readFileSync(join(run, name)));
  });

  test('evaluate on the test rows says what training said of them', async () => {
    const { code, out } = await fairmt(['evaluate', run, at('people.csv'), '--device', 'wasm', '--json']);
    expect(code).toBe(0);
    const { rows, evaluation } = JSON.parse(out) as {
      rows: number;
      evaluation: { tasks: { task: string }[] };
    };
    expect(rows).toBe(300);
    expect(evaluation.tasks.map(({ task }) => task)).toEqual(
      summary.models[1]!.evaluation.tasks.map(({ task }) => task),
    );
  });

  test('evaluate takes only the rows that it is told', async () => {
    const { out } = await fairmt([
      'evaluate',
      run,
      at('people.csv'),
      '--rows',
      "sex = 'male'",
      '--device',
      'wasm',
    ]);
    expect(out).toContain('fairmt on 150 rows of people.csv');
  });

  test('predict gives a line a row, in the words of the data', async () => {
    const { code, out } = await fairmt(['predict', run, at('people.csv'), '--device', 'wasm']);
    expect(code).toBe(0);
    const { data, errors } = Papa.parse<Record<string, string>>(out.trim(), { header: true });
    expect(errors).toEqual([]);
    expect(data).toHaveLength(300);
    for (const row of data) {
      const probability = Number(row['hired.probability']);
      expect(row['hired']).toBe(probability > 0.5 ? '1' : '0');
      const classes = ['Rome', 'Oslo', 'Bern'].map((city) => Number(row[`city.probability.${city}`]));
      expect(classes.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 4);
      expect(Number(row[`city.probability.${row['city']}`])).toBe(Math.max(...classes));
      expect(Number(row['salary'])).toBeGreaterThan(500);
      expect(Number(row['salary'])).toBeLessThan(2500);
    }
  });

  test('predict needs neither labels nor groups, and writes the same to a file', async () => {
    const [, ...lines] = readFileSync(at('people.csv'), 'utf8').trim().split('\n');
    const bare = file(
      'bare.csv',
      ['age,sex', ...lines.map((line) => line.split(',').slice(0, 2).join(','))].join('\n'),
    );
    const whole = await fairmt(['predict', run, at('people.csv'), '--device', 'wasm']);
    const { code, out } = await fairmt([
      'predict',
      run,
      bare,
      '--out',
      at('predictions.csv'),
      '--device',
      'wasm',
    ]);
    expect([code, out]).toEqual([0, '']);
    expect(readFileSync(at('predictions.csv'), 'utf8')).toBe(whole.out);
    expect(existsSync(at('predictions.csv.partial'))).toBe(false);
  });

  test('predict tells of values that training never saw', async () => {
    const { code, err } = await fairmt([
      'predict',
      run,
      file('odd.csv', 'age,sex\n30,other\n'),
      '--device',
      'wasm',
    ]);
    expect(code).toBe(0);
    expect(err).toContain('"sex": 1 row');
  });

  test('predict of a table without rows gives the header alone', async () => {
    const { code, out } = await fairmt([
      'predict',
      run,
      at('people.csv'),
      '--rows',
      'age > 200',
      '--device',
      'wasm',
    ]);
    expect(code).toBe(0);
    expect(out.trim().split('\n')).toHaveLength(1);
  });

  test('report writes the report anew', async () => {
    const before = readFileSync(join(run, 'report.html'), 'utf8');
    const { code, out } = await fairmt(['report', run]);
    expect(code).toBe(0);
    expect(out).toContain('utility fairmt');
    expect(readFileSync(join(run, 'report.html'), 'utf8')).toBe(before);
  });

  test('a finished run that is resumed is left as it is', async () => {
    const before = readFileSync(join(run, 'summary.json'), 'utf8');
    const { code } = await fairmt(['train', at('quick.yaml'), '--out', run, '--device', 'wasm', '--resume']);
    expect(code).toBe(0);
    expect(readFileSync(join(run, 'summary.json'), 'utf8')).toBe(before);
  });

  test('Ctrl-C saves, says how to go on, and ends with 1; then the run ends in the same bits', async () => {
    const args = ['train', at('quick.yaml'), '--out', at('stopped'), '--device', 'wasm'];
    const stopped = await fairmt(args, { interruptedWhen: () => existsSync(at('stopped/metrics.jsonl')) });
    expect(stopped.code).toBe(1);
    expect(stopped.err).toMatch(
      /Go on with: fairmt train .*quick\.yaml --resume --out .*stopped --device wasm/,
    );
    expect(existsSync(at('stopped/summary.json'))).toBe(false);
    expect((await fairmt([...args, '--resume'])).code).toBe(0);
    expect(readFileSync(at('stopped/model.safetensors'))).toEqual(
      readFileSync(join(run, 'model.safetensors')),
    );
  });

  test('Ctrl-C while the table is read ends at once, and writes nothing', async () => {
    const args = ['train', at('quick.yaml'), '--out', at('unread'), '--device', 'wasm'];
    const stopped = await fairmt(args, { interruptedWhen: () => true });
    expect(stopped.code).toBe(1);
    expect(stopped.err).toContain('Ended while the data were read; nothing was changed.\n');
    expect(existsSync(at('unread'))).toBe(false);
  });

  test('another seed gives another model', async () => {
    await fairmt(['train', at('quick.yaml'), '--out', at('seed2'), '--device', 'wasm', '--seed', '2']);
    expect(readFileSync(at('seed2/model.safetensors'))).not.toEqual(
      readFileSync(join(run, 'model.safetensors')),
    );
  });

  test('without a comparison only the method is trained', async () => {
    const config = quickConfig('alone.yaml', 'method: { name: mgda, compareWith: none }\n');
    const { code, out } = await fairmt(['train', config, '--out', at('alone'), '--device', 'wasm', '--json']);
    expect(code).toBe(0);
    const alone = JSON.parse(out) as Summary;
    expect(alone.models.map(({ method }) => method)).toEqual(['mgda']);
    expect(alone.comparison).toBeUndefined();
  });
});

describe('devices', () => {
  test('are listed, with the one that auto takes', async () => {
    const { code, out } = await fairmt(['devices', '--json']);
    expect(code).toBe(0);
    const found = JSON.parse(out) as { kind: string; auto: boolean; name?: string }[];
    expect(found.map(({ kind }) => kind)).toEqual(['webgpu', 'wasm', 'cpu']);
    expect(found.filter(({ auto }) => auto)).toHaveLength(1);
    expect(found[1]).toMatchObject({ name: 'CPU, WebAssembly with SIMD' });
  });
});

describe('the terminal', () => {
  test('is never steered by names from the data', async () => {
    const evil = '\u001b[2J\u202e<b>';
    file(
      'evil.csv',
      readFileSync(peopleFile('plain.csv'), 'utf8').replaceAll('female', evil).replaceAll('male', 'm'),
    );
    const config = file(
      'evil.yaml',
      'data: evil.csv\ntasks: [{ name: hired, type: detection, positive: yes }]\ngroups: [sex]\ntraining: { epochs: 1 }\n',
    );
    const { code, out, err } = await fairmt(['train', config, '--out', at('evil'), '--device', 'wasm']);
    expect(code).toBe(0);
    for (const harmful of ['\u001b', '\u202e']) expect(out + err).not.toContain(harmful);
    expect(out).toContain('\\u{1b}[2J\\u{202e}<b>');
  });
});
