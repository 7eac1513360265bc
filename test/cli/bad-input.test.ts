import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleCli, runProcess } from '../support/cli-process.ts';
import { at, fairmt, file, folder, peopleFile, quickConfig } from './support.ts';

beforeAll(async () => {
  peopleFile();
  const { code } = await fairmt(['train', quickConfig('quick.yaml'), '--out', at('run'), '--device', 'wasm']);
  expect(code).toBe(0);
});

/** Ends with exit code 2 and one line, which is returned, and leaves no file behind. */
async function refused(...args: string[]): Promise<string> {
  const before = readdirSync(folder, { recursive: true });
  const { code, out, err } = await fairmt(args);
  expect(err).toMatch(/^fairmt: [^\n]+\n$/);
  expect([code, out]).toEqual([2, '']);
  expect(readdirSync(folder, { recursive: true })).toEqual(before);
  return err.trim();
}

const train = (config: string, ...more: string[]) =>
  refused('train', config, '--out', at('new'), '--device', 'wasm', ...more);

/** Trains on a table of this content. */
function trainOn(
  name: string,
  content: string | Uint8Array,
  config = 'tasks: [{ name: hired, type: detection, positive: yes }]\ngroups: [sex]',
): Promise<string> {
  file(name, content);
  return train(file(`${name}.yaml`, `data: ${name}\n${config}\n`));
}

const people = (): string => readFileSync(at('people.csv'), 'utf8');

describe('fairmt train refuses', () => {
  test('a config that is not there', async () => {
    expect(await train(at('none.yaml'))).toBe(
      'fairmt: none.yaml: expected a config in YAML or JSON, got no such file. Make one with: fairmt init DATA',
    );
  });

  test('a config with a typo, at its line and column', async () => {
    expect(await train(file('typo.yaml', 'data: people.csv\ntaks: []\n'))).toMatch(
      /^fairmt: typo\.yaml:2:1: taks: expected a key among .*Did you mean "tasks"\?$/,
    );
  });

  test('a table that is not there', async () => {
    expect(await train(file('nowhere.yaml', 'data: nowhere.csv\n'))).toContain('nowhere.csv: expected');
  });

  test('an empty table', async () => {
    expect(await trainOn('empty.csv', '')).toContain('empty.csv: expected');
  });

  test('a table of a header alone', async () => {
    expect(await trainOn('header.csv', 'age,sex,hired\n')).toContain('expected');
  });

  test('a ragged row, by row and line', async () => {
    expect(await trainOn('ragged.csv', `${people()}30,male\n`)).toContain(
      'ragged.csv, row 301 (line 302): expected 5 cells',
    );
  });

  test('two columns of one name', async () => {
    expect(await trainOn('twice.csv', people().replace('city', 'age'))).toContain(
      'the same name for columns 1 and 3',
    );
  });

  test('the wrong delimiter', async () => {
    expect(await trainOn('semicolon.csv', people().replaceAll(',', ';'))).toContain('semicolon.csv');
  });

  test('a truncated gzip file', async () => {
    const whole = gzipSync(people());
    expect(await trainOn('cut.csv.gz', whole.subarray(0, whole.length >> 1))).toContain(
      'cut.csv.gz: expected',
    );
  });

  test('text where numbers are due, by row and column', async () => {
    const config = 'tasks: [{ name: city, type: regression }]\ngroups: [sex]\ninputs: [age]';
    expect(await trainOn('text.csv', people(), config)).toMatch(
      /text\.csv, row 1 \(line 2\), column "city": expected a number/,
    );
  });

  test('1e400, which no number can hold', async () => {
    const config = 'tasks: [{ name: salary, type: regression }]\ngroups: [sex]\ninputs: [age]';
    expect(await trainOn('huge.csv', people().replace('1000', '1e400'), config)).toMatch(
      /row 1 .*column "salary": expected/,
    );
  });

  test('a task that nobody has a label for', async () => {
    const rows = people().replaceAll(/,(yes|no),/g, ',,');
    expect(await trainOn('unlabelled.csv', rows)).toMatch(/hired/);
  });

  test('groups of which there is only one', async () => {
    expect(await trainOn('men.csv', people().replaceAll('female', 'male'))).toContain(
      'expected two groups or more in the partition "sex"',
    );
  });

  test('a yes that no cell says', async () => {
    const config = 'tasks: [{ name: hired, type: detection, positive: maybe }]\ngroups: [sex]';
    expect(await trainOn('maybe.csv', people(), config)).toMatch(/hired/);
  });

  test('favourable classes that are none', async () => {
    const config =
      'tasks: [{ name: city, type: classification, notion: demographic-parity, favourable: [Paris] }]\ngroups: [sex]';
    expect(await trainOn('cities.csv', people(), config)).toContain(
      'expected favourable classes of the task "city": "Bern", "Oslo" and "Rome", got "Paris".',
    );
  });

  test('a condition that cannot be read', async () => {
    const config = 'tasks: [{ name: old, type: detection, when: age > }]\ngroups: [sex]';
    expect(await trainOn('condition.csv', people(), config)).toMatch(/expected/);
  });

  test('a folder that holds a run', async () => {
    expect(await refused('train', at('quick.yaml'), '--out', at('run'), '--device', 'wasm')).toBe(
      'fairmt: run: expected a new folder for the run, got a run that is finished. Go on with --resume, replace it with --force, or choose another folder with --out.',
    );
  });

  test('a folder that holds other files, even by force', async () => {
    mkdirSync(at('thesis'));
    file('thesis/chapter.tex', 'x');
    expect(
      await refused('train', at('quick.yaml'), '--out', at('thesis'), '--device', 'wasm', '--force'),
    ).toContain('got a folder with other files (chapter.tex)');
  });

  test('a folder below a file', async () => {
    expect(
      await refused('train', at('quick.yaml'), '--out', at('people.csv/run'), '--device', 'wasm'),
    ).toContain('got a file where a folder is due');
  });

  test('to resume with another config', async () => {
    await fairmt(['train', at('quick.yaml'), '--out', at('begun'), '--device', 'wasm'], {
      interruptedWhen: () => existsSync(at('begun/metrics.jsonl')),
    });
    await fairmt(['train', at('quick.yaml'), '--out', at('begun'), '--device', 'wasm', '--resume']);
    rmSync(at('begun/summary.json'));
    const other = quickConfig('other.yaml', 'seed: 5\n');
    expect(await refused('train', other, '--out', at('begun'), '--device', 'wasm', '--resume')).toContain(
      'begun/checkpoint/erm.safetensors: expected a checkpoint of this very run, got one of another config',
    );
  });

  test('to resume from a damaged checkpoint', async () => {
    cpSync(at('run'), at('damaged'), { recursive: true });
    rmSync(at('damaged/summary.json'));
    writeFileSync(at('damaged/checkpoint/erm.safetensors'), 'not a checkpoint at all');
    expect(
      await refused('train', at('quick.yaml'), '--out', at('damaged'), '--device', 'wasm', '--resume'),
    ).toContain(
      'damaged/checkpoint/erm.safetensors: expected a checkpoint of fairmt, got a file of another kind',
    );
  });

  test('a seed that is no number', async () => {
    expect(await train(at('quick.yaml'), '--seed', 'lucky')).toContain(
      'expected a whole number from 0 on, got "lucky"',
    );
  });
});

describe('fairmt init refuses', () => {
  test('a table that is not there', async () => {
    expect(await refused('init', at('none.csv'), '--out', at('none.yaml'))).toContain('none.csv: expected');
  });

  test('a file of another format', async () => {
    expect(await refused('init', file('book.xlsx', 'PK'), '--out', at('book.yaml'))).toContain(
      'expected a name that ends in .csv',
    );
  });

  test('to overwrite a config', async () => {
    expect(await refused('init', at('people.csv'), '--out', at('quick.yaml'))).toBe(
      'fairmt: quick.yaml: expected a new file for the config, got one that is there. Replace it with --force, or name another one with --out.',
    );
  });
});

describe.each(['evaluate', 'predict'])('fairmt %s refuses', (command) => {
  const asked = (run: string, data = at('people.csv'), ...more: string[]) =>
    refused(command, run, data, '--device', 'wasm', ...more);
  /** A copy of the run with one file changed. */
  const spoiled = (name: string, path: string, change: (bytes: Buffer) => string | Uint8Array): string => {
    const copy = at(`${command}-${name}`);
    cpSync(at('run'), copy, { recursive: true });
    writeFileSync(join(copy, path), change(readFileSync(join(copy, path))));
    return copy;
  };

  test('a run that is not there', async () => {
    expect(await asked(at('nothing'))).toBe(
      'fairmt: nothing/model.json: expected a model of fairmt, got no such file or folder. Check the path.',
    );
  });

  test('a model.json that is cut off', async () => {
    const run = spoiled('cut', 'model.json', (bytes) => bytes.subarray(0, 100));
    expect(await asked(run)).toContain(
      'model.json: expected a model of fairmt, got other text, or a part of it. Train again.',
    );
  });

  test('a model.json of another kind', async () => {
    expect(await asked(spoiled('foreign', 'model.json', () => '{"format": "onnx"}'))).toContain(
      'got JSON of another kind',
    );
  });

  test('a model of a later version', async () => {
    const run = spoiled('later', 'model.json', (bytes) =>
      bytes.toString().replace('"version": 1', '"version": 7'),
    );
    expect(await asked(run)).toContain('expected a model of fairmt in version 1, got version 7');
  });

  test('parameters that are cut off', async () => {
    const run = spoiled('short', 'model.safetensors', (bytes) => bytes.subarray(0, -4));
    expect(await asked(run)).toContain('got a file that breaks off in its tensors');
  });

  test('parameters with a flipped bit', async () => {
    const run = spoiled('flipped', 'model.safetensors', (bytes) => {
      bytes[bytes.length - 1]! ^= 1;
      return bytes;
    });
    expect(await asked(run)).toContain(
      'expected the parameters that model.json speaks of, got others, or damaged ones',
    );
  });

  test('a table without one of the inputs', async () => {
    expect(
      await asked(at('run'), file(`${command}-lacking.csv`, 'sex,city,hired,salary\nmale,Rome,yes,1\n')),
    ).toContain('column "age"');
  });

  test('a table that is not there', async () => {
    expect(await asked(at('run'), at('none.csv'))).toContain('none.csv: expected');
  });

  test('a condition on a column that is not there', async () => {
    expect(await asked(at('run'), at('people.csv'), '--rows', 'agee > 3')).toContain('Did you mean "age"?');
  });
});

describe('fairmt evaluate also refuses', () => {
  test('a table without labels', async () => {
    expect(
      await refused('evaluate', at('run'), file('bare.csv', 'age,sex\n30,male\n'), '--device', 'wasm'),
    ).toMatch(/column "hired"/);
  });

  test('a condition that no row meets', async () => {
    expect(
      await refused('evaluate', at('run'), at('people.csv'), '--rows', 'age > 200', '--device', 'wasm'),
    ).toBe(
      'fairmt: people.csv: expected rows to judge the model by, got none for which age > 200. Check the table, or the condition.',
    );
  });
});

describe('fairmt predict also refuses', () => {
  test('a bad cell far down, and then leaves no file', async () => {
    const rows = `age,sex\n${'30,male\n'.repeat(20_000)}old,male\n`;
    const said = await refused(
      'predict',
      at('run'),
      file('late.csv', rows),
      '--out',
      at('late-predictions.csv'),
      '--device',
      'wasm',
    );
    expect(said).toContain('late.csv, row 20001 (line 20002), column "age": expected a number');
  });
});

describe('fairmt compare and report refuse', () => {
  test.each([
    ['fairmtt', 'got "fairmtt". Correct it. Did you mean "fairmt"?'],
    ['symmetric', 'got "symmetric". Give a weight above 0, such as symmetric:1.'],
    ['symmetric:-1', 'got "symmetric:-1". Give a weight above 0'],
    ['erm:2', 'got "erm:2".'],
  ])('the method %s', async (method, said) => {
    expect(await refused('compare', at('quick.yaml'), '--methods', method, '--device', 'wasm')).toContain(
      said,
    );
  });

  test('a run that is not finished', async () => {
    mkdirSync(at('unfinished'));
    expect(await refused('report', at('unfinished'))).toContain(
      'expected the summary of a finished run, got no such file',
    );
  });

  test('a summary of another kind', async () => {
    mkdirSync(at('odd'));
    file('odd/summary.json', '[1, 2]');
    expect(await refused('report', at('odd'))).toContain(
      'expected the summary of a finished run, got JSON of another kind',
    );
  });
});

describe('what commander finds', () => {
  test.each([
    [['trian'], "unknown command 'trian'"],
    [['train'], "missing required argument 'config'"],
    [['train', 'a.yaml', '--devise', 'cpu'], "unknown option '--devise'"],
    [['train', 'a.yaml', '--device', 'gpu'], "argument 'gpu' is invalid"],
    [['evaluate', 'run'], "missing required argument 'data'"],
  ])('%j ends with 2', async (args, said) => {
    const { code, err } = await fairmt(args);
    expect(code).toBe(2);
    expect(err).toContain(said);
  });
});

describe('in a process of its own', () => {
  let script: string;
  beforeAll(async () => {
    script = await bundleCli();
  });
  afterAll(() => rmSync(script));

  test('a full disk is said in one line, and leaves no half-written file', async () => {
    const out = at('full');
    const args = ['train', at('quick.yaml'), '--out', out, '--device', 'wasm'];
    const { code, err } = await runProcess(script, args, { fileLimit: 8 });
    expect(err).toMatch(/^fairmt: .*expected to write it, got .*\n$/);
    expect(code).toBe(2);
    expect(
      readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.partial')),
    ).toEqual([]);
    expect(existsSync(join(out, 'summary.json'))).toBe(false);
    const resumed = await runProcess(script, [...args, '--resume']);
    expect([resumed.code, resumed.err]).toEqual([0, '']);
    expect(readFileSync(join(out, 'model.safetensors'))).toEqual(readFileSync(at('run/model.safetensors')));
  });

  test('a folder that may not be written is said in one line', async () => {
    const { code, err } = await runProcess(script, [
      'train',
      at('quick.yaml'),
      '--out',
      '/sys/fairmt',
      '--device',
      'wasm',
    ]);
    expect(err).toMatch(/^fairmt: \/sys\/fairmt.*got (a read-only file system|no permission)/);
    expect(code).toBe(2);
  });

  test('a reader that has seen enough is no failure', async () => {
    const command = `"${process.execPath}" "${script}" predict "${at('run')}" "${at('people.csv')}" --device wasm | head -1`;
    const { code, out, err } = await runProcess('-e', [
      `process.stdout.write(require('node:child_process').execSync(${JSON.stringify(command)}))`,
    ]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('hired,hired.probability');
  });
});
