// Runs that are ended before their time, by whatever means.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSafetensors } from '../../src/run/safetensors.ts';
import { bundleCli, runProcess } from '../support/cli-process.ts';
import { killAndResume } from '../support/kills.ts';
import { at, file, peopleFile, quickConfig } from './support.ts';

let script: string;

beforeAll(async () => {
  script = await bundleCli();
  peopleFile();
});

afterAll(() => rmSync(script));

describe('a run that is killed', () => {
  test('leaves whole files, and ends in the same bits once it is resumed', async () => {
    const { undisturbed, resumed } = await killAndResume(script, 3, 60, 7);
    expect(resumed).toEqual(resumed.map(() => undisturbed));
  }, 120_000);
});

describe('a run that Ctrl-C ends', () => {
  test('leaves whole files, and ends in the same bits once it is resumed', async () => {
    const { kills, undisturbed, resumed } = await killAndResume(script, 3, 60, 8, 'SIGINT');
    expect(kills.length).toBeGreaterThan(0);
    expect(resumed).toEqual(resumed.map(() => undisturbed));
  }, 120_000);

  test('saves a checkpoint within the epoch, says how to go on, and ends with 1', async () => {
    const config = readFileSync(quickConfig('quick.yaml'), 'utf8');
    const long = file('long.yaml', config.replace('epochs: 2, batch: 32', 'epochs: 1, batch: 1'));
    const many = Array.from({ length: 400 }, () =>
      readFileSync(at('people.csv'), 'utf8').split('\n').slice(1),
    );
    file(
      'people.csv',
      `age,sex,city,hired,salary\n${many
        .flat()
        .filter((line) => line !== '')
        .join('\n')}\n`,
    );
    const args = ['train', long, '--out', at('interrupted'), '--device', 'wasm'];
    const metrics = at('interrupted/metrics.jsonl');
    const { code, err } = await runProcess(script, args, {
      signal: { name: 'SIGINT', when: () => existsSync(metrics) },
    });
    expect(err).toMatch(
      /^Saving; Ctrl-C again ends at once\.\nEnded in epoch 1 of erm; all is saved in .*interrupted\.\nGo on with: fairmt train .*--resume/,
    );
    expect(code).toBe(1);
    expect(readFileSync(metrics, 'utf8')).toBe('');
    const { tensors } = await readSafetensors(at('interrupted/checkpoint/erm.safetensors'), 'a checkpoint');
    expect(tensors.size).toBeGreaterThan(0);
  });

  test('ends at once when it is pressed again', async () => {
    const waiting = await bundleCli('test/support/waiting.ts');
    const child = spawn(process.execPath, [waiting]);
    const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal })));
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
      child.kill('SIGINT');
    });
    expect(await ended).toEqual({ code: null, signal: 'SIGINT' });
    expect(said).toBe('ready\nonce\n');
    rmSync(waiting);
  });
});
