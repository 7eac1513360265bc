// Headless Chromium from npm alone, with WebGPU on SwiftShader. Linux x64 only.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { cachedFolder, chromiumFile, untar } from './cache.mjs';

const unpacked = () =>
  cachedFolder('chromium', (folder) => {
    writeFileSync(join(folder, 'chromium'), chromiumFile('chromium'));
    chmodSync(join(folder, 'chromium'), 0o755);
    untar(chromiumFile('swiftshader.tar'), folder); // looked for beside the executable
    untar(chromiumFile('al2023.tar'), folder); // lib/: NSS and expat, which a slim system lacks
  });

/** `navigator.gpu` is there only in a secure context: serve the page from http://localhost. */
export function launchChromium() {
  const folder = unpacked();
  return chromium.launch({
    executablePath: join(folder, 'chromium'),
    args: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--disable-sync'],
    chromiumSandbox: false, // containers and root have no user namespaces to build one from
    env: { ...process.env, LD_LIBRARY_PATH: join(folder, 'lib') },
  });
}
