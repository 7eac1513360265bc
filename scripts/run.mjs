// node scripts/run.mjs [--vulkan=swiftshader|system] FILE.ts [args]
// Bundles a TypeScript script (bench/, examples/) and runs it with Node. Paths in the script are relative to the
// working folder; `import.meta.url` is the bundle's. Unless told, takes the system's Vulkan driver where there
// is one, else SwiftShader.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { cache } from './cache.mjs';
import { hasSystemVulkan, softwareVulkan } from './vulkan.mjs';

const usage = 'usage: node scripts/run.mjs [--vulkan=swiftshader|system] FILE.ts [args]';

const words = process.argv.slice(2);
const vulkan = words[0]?.startsWith('--vulkan=') ? words.shift()?.slice('--vulkan='.length) : undefined;
const [file, ...args] = words;
if (!file || ![undefined, 'swiftshader', 'system'].includes(vulkan)) {
  console.error(usage);
  process.exit(2);
}

const bundle = join(cache, 'run', `${basename(file, '.ts')}.${process.pid}.mjs`);
await build({
  entryPoints: [resolve(file)],
  outfile: bundle,
  bundle: true,
  platform: 'node',
  target: 'es2023',
  format: 'esm',
  packages: 'external',
  loader: { '.wgsl': 'text' },
  sourcemap: 'inline',
  logLevel: 'warning',
}).catch(() => process.exit(1)); // esbuild has printed why

const onSystem = vulkan === 'system' || (vulkan === undefined && hasSystemVulkan());
const child = spawn(process.execPath, ['--enable-source-maps', bundle, ...args], {
  stdio: 'inherit',
  env: { ...process.env, ...(onSystem ? {} : softwareVulkan()) },
});
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
  process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  rmSync(bundle, { force: true });
  process.exitCode = code ?? 1;
  if (signal) console.error(`${file}: ended by ${signal}`);
});
