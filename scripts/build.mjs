// npm run build: src/ -> dist/. Entry points share chunks, so that `fairmt` and `fairmt/node` are one engine.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './cache.mjs';

const entries = {
  index: 'src/index.ts',
  node: 'src/node.ts',
  data: 'src/data/index.ts',
  files: 'src/data/files/index.ts',
  cli: 'src/cli/main.ts',
};
const present = Object.entries(entries).filter(([, path]) => existsSync(join(root, path)));
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: Object.fromEntries(present),
  outdir: dist,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  platform: 'neutral',
  format: 'esm',
  target: 'es2023',
  packages: 'external', // `node:` modules included
  loader: { '.wgsl': 'text' },
  sourcemap: true,
  logLevel: 'info',
});
if (existsSync(join(dist, 'cli.js'))) chmodSync(join(dist, 'cli.js'), 0o755);
const tsc = join(root, 'node_modules/typescript/bin/tsc');
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
