import { describe, test } from 'vitest';
import { gpu } from '../support/gpu.ts';
import { cases } from './cases.ts';

describe.skipIf(!gpu)('on Dawn in Node', () => {
  for (const { name, run } of cases) test(name, () => run(gpu!));
});
