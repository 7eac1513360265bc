// What a browser can use of the data layer stands alone: no `node:` module, no package.
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const outside = async (entry: string): Promise<string[]> => {
  const { metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'neutral',
    format: 'esm',
    packages: 'external',
    loader: { '.wgsl': 'text' },
  });
  return Object.values(metafile.outputs)
    .flatMap(({ imports }) => imports.map(({ path }) => path))
    .sort();
};

test('tables, encodings, splits and guesses need nothing from outside', async () => {
  expect(await outside('src/data/index.ts')).toEqual([]);
});

test('the readers of files need Node and the parsers of CSV and Parquet, and nothing else', async () => {
  const imports = await outside('src/data/files/index.ts');
  expect([...new Set(imports)].filter((path) => !path.startsWith('node:'))).toEqual([
    'hyparquet',
    'hyparquet-compressors',
    'papaparse',
  ]);
});
