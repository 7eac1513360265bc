import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { softwareVulkan } from './scripts/vulkan.mjs';

// The forks inherit this, so Dawn finds a driver in every test, whatever the machine.
Object.assign(process.env, softwareVulkan());

/** Kernels are imported as text, as esbuild's `text` loader does in the bundles. */
const wgslAsText = {
  name: 'wgsl-as-text',
  enforce: 'pre' as const,
  load: (id: string) =>
    id.endsWith('.wgsl') ? `export default ${JSON.stringify(readFileSync(id, 'utf8'))};` : null,
};

export default defineConfig({
  plugins: [wgslAsText],
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['./test/support/seed.ts'],
    reporters: ['default', './test/support/wgsl-reporter.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 180_000, // a busy machine with software Vulkan is slow; a hung test still ends
    hookTimeout: 300_000,
  },
});
