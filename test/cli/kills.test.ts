import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleCli } from '../support/cli-process.ts';
import { killAndResume } from '../support/kills.ts';

let script: string;

beforeAll(async () => {
  script = await bundleCli();
});

afterAll(() => rmSync(script));

describe('a run that is killed', () => {
  test('leaves whole files, and ends in the same bits once it is resumed', async () => {
    const { undisturbed, resumed } = await killAndResume(script, 3, 60, 7);
    expect(resumed).toEqual(resumed.map(() => undisturbed));
  }, 120_000);
});
