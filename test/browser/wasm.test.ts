// WebAssembly in headless Chromium, and under a content-security policy that allows it or does not.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../../scripts/chromium.mjs';
import { hasSwiftShader } from '../../scripts/vulkan.mjs';

const policies: Readonly<Record<string, string>> = {
  '/strict': "script-src 'self'",
  '/wasm': "script-src 'self' 'wasm-unsafe-eval'",
};

async function serve(): Promise<Server> {
  const { outputFiles } = await build({
    entryPoints: ['test/browser/wasm-page.ts'],
    bundle: true,
    format: 'esm',
    loader: { '.wgsl': 'text' },
    write: false,
  });
  const script = outputFiles[0]!.text;
  const server = createServer(({ url }, response) => {
    const isScript = url === '/page.js';
    const policy = policies[url ?? ''];
    if (policy) response.setHeader('content-security-policy', policy);
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return server;
}

describe.skipIf(!hasSwiftShader)('WebAssembly in headless Chromium', () => {
  let server: Server;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    server = await serve();
    browser = await launchChromium();
    page = await browser.newPage();
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  const visit = (path: string): Promise<unknown> =>
    page.goto(`http://localhost:${(server.address() as AddressInfo).port}${path}`);

  test.each(['/', '/wasm'])('at %s, twenty steps are those of the interpreter', async (path) => {
    await visit(path);
    expect(await page.evaluate(() => globalThis.trainOnWasm())).toBeUndefined();
    expect((await page.evaluate(() => globalThis.openAuto())).kind).toBe('wasm');
  });

  test('where the policy forbids it, auto goes on with the interpreter and says why', async () => {
    await visit('/strict');
    const { kind, said } = await page.evaluate(() => globalThis.openAuto());
    expect(kind).toBe('cpu');
    expect(said).toMatch(/content-security policy/);
  });
});
