// The same cases as in dawn.test.ts, in headless Chromium: the engine's code runs unchanged in a browser.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { launchChromium } from '../../scripts/chromium.mjs';
import { hasSwiftShader } from '../../scripts/vulkan.mjs';
import { cases } from './cases.ts';

if (!hasSwiftShader) {
  console.warn(`Browser tests are skipped: no headless Chromium for ${process.platform} ${process.arch}.`);
}

async function bundlePage(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ['test/browser/page.ts'],
    bundle: true,
    format: 'esm',
    loader: { '.wgsl': 'text' },
    sourcemap: 'inline',
    write: false,
  });
  return outputFiles[0]!.text;
}

/** Serves the bundle on localhost, since WebGPU needs a secure context. */
async function serve(script: string): Promise<Server> {
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return server;
}

describe.skipIf(!hasSwiftShader)('in headless Chromium', () => {
  let server: Server;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    server = await serve(await bundlePage());
    browser = await launchChromium();
    page = await browser.newPage();
    page.on('pageerror', (error) => console.error(error));
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  for (const { name } of cases) {
    test(name, async ({ task }) => {
      task.meta.executedWgsl = true;
      await page.evaluate((n) => globalThis.runCase(n), name);
    });
  }
});
