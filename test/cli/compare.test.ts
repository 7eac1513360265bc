// fairmt compare: one table of methods over seeds, the same however often it was ended on the way.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Answer, at, fairmt, peopleFile, quickConfig } from './support.ts';

const methods = ['erm', 'symmetric:1', 'worst-group:0.5'];

const compare = (out: string, more: readonly string[] = [], when?: () => boolean): Promise<Answer> =>
  fairmt(
    ['compare', at('quick.yaml'), '--methods', ...methods, '--device', 'wasm', '--out', at(out), ...more],
    when && { interruptedWhen: when },
  );

const trials = (out: string): string[] =>
  existsSync(at(`${out}/trials`)) ? readdirSync(at(`${out}/trials`)) : [];

let whole: Answer;

beforeAll(async () => {
  peopleFile();
  quickConfig('quick.yaml');
  whole = await compare('whole', ['--seeds', '2']);
});

describe('a comparison', () => {
  test('shows methods over seeds in one table', () => {
    expect(whole.code).toBe(0);
    const lines = whole.out.trim().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toMatch(
      /^method +seeds +mean utility +worst utility +mean gap +worst gap +levelling down$/,
    );
    expect(lines[3]).toMatch(/^symmetric:1 +2 +[\d.-]+ ± [\d.]+ /);
  });

  test('that is ended says how to go on, keeps what is finished, and ends in the same table', async () => {
    const stopped = await compare('stopped', ['--seeds', '2'], () => trials('stopped').length >= 2);
    expect(stopped.code).toBe(1);
    const finished = trials('stopped').filter((name) => name.endsWith('.json'));
    expect(finished.length).toBeLessThan(6);
    expect(stopped.err).toMatch(
      /Ended after \d of 6 trials, which are kept in stopped\.\nGo on with: fairmt compare quick\.yaml --methods erm symmetric:1 worst-group:0\.5 --seeds 2 --resume --out stopped --device wasm\n/,
    );
    const before = finished.map((name) => readFileSync(at(`stopped/trials/${name}`), 'utf8'));
    const resumed = await compare('stopped', ['--seeds', '2', '--resume']);
    expect(resumed).toEqual(whole);
    expect(finished.map((name) => readFileSync(at(`stopped/trials/${name}`), 'utf8'))).toEqual(before);
    expect(readFileSync(at('stopped/comparison.json'))).toEqual(readFileSync(at('whole/comparison.json')));
  });

  test('that is resumed trains nothing that is finished', async () => {
    const path = at('whole/trials/erm-seed-1.json');
    const marked = JSON.parse(readFileSync(path, 'utf8')) as { trial: { epoch: number } };
    marked.trial.epoch = 77;
    writeFileSync(path, JSON.stringify(marked));
    const again = await compare('whole', ['--seeds', '2', '--resume', '--json']);
    expect(JSON.parse(again.out)).toMatchObject([{ method: 'erm', seed: 1, epoch: 77 }, {}, {}, {}, {}, {}]);
  });

  test('goes on with more seeds', async () => {
    const more = await compare('whole', ['--seeds', '3', '--resume']);
    expect(more.code).toBe(0);
    expect(trials('whole')).toHaveLength(9);
  });

  test('is not replaced unless told so', async () => {
    const { code, err } = await compare('whole');
    expect(code).toBe(2);
    expect(err).toBe(
      'fairmt: whole: expected a new folder for the comparison, got a comparison that is finished. Go on with --resume, replace it with --force, or choose another folder with --out.\n',
    );
    expect((await compare('whole', ['--seeds', '1', '--force'])).code).toBe(0);
    expect(trials('whole')).toHaveLength(3);
  });

  test('of other people is not gone on with, even where only a name is another', async () => {
    const people = readFileSync(at('people.csv'), 'utf8');
    writeFileSync(at('people.csv'), people.replaceAll('Oslo', 'Olso'));
    const { code, err } = await compare('whole', ['--resume']);
    writeFileSync(at('people.csv'), people);
    expect(code).toBe(2);
    expect(err).toContain('expected a trial of this very comparison');
  });

  test('of another config is not gone on with', async () => {
    quickConfig('quick.yaml', 'method: { name: mgda }\n');
    const { code, err } = await compare('whole', ['--resume']);
    expect(code).toBe(2);
    expect(err).toContain(
      'whole/trials/erm-seed-1.json: expected a trial of this very comparison, got one of',
    );
    quickConfig('quick.yaml');
  });

  test.each(['', '{}', '{"format":"fairmt-trial-2"}', 'no JSON'])(
    'with a broken trial is an error: %j',
    async (content) => {
      writeFileSync(at('whole/trials/erm-seed-1.json'), content);
      const { code, err } = await compare('whole', ['--resume']);
      expect(code).toBe(2);
      expect(err).toMatch(/^fairmt: whole\/trials\/erm-seed-1\.json: expected a trial of fairmt, got .*\n$/);
    },
  );

  test('is kept apart from runs', async () => {
    const { code, err } = await fairmt(['train', at('quick.yaml'), '--out', at('whole'), '--resume']);
    expect(code).toBe(2);
    expect(err).toContain('whole: expected a new folder, or one of a run, got a folder with other files');
  });
});
