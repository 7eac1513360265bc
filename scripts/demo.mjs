// npm run demo: builds what is not built yet, then trains on the wages of 1985 with and without fairness.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './cache.mjs';

const cli = join(root, 'dist/cli.js');

/** @param {string} folder */
const newest = (folder) =>
  Math.max(
    ...readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(
      (path) => statSync(join(root, folder, path)).mtimeMs,
    ),
  );

if (!existsSync(cli) || statSync(cli).mtimeMs < Math.max(newest('src'), newest('shaders'))) {
  console.error('building …');
  const build = spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], {
    cwd: root,
    encoding: 'utf8',
  });
  if (build.status !== 0) {
    console.error(build.stdout + build.stderr);
    process.exit(1);
  }
}
const { status } = spawnSync(
  process.execPath,
  [cli, 'train', 'examples/cps-1985.yaml', '--out', 'runs/demo', '--force', ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
process.exitCode = status ?? 1;
