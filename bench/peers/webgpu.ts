// Dawn as a browser's globals, which jax-js and tfjs look for. To be imported before either.
import { cpus } from 'node:os';
import { create, globals } from 'webgpu';

Object.assign(globalThis, globals);
Object.defineProperty(globalThis, 'navigator', {
  configurable: true,
  value: {
    gpu: create([]),
    userAgent: 'node',
    language: 'en',
    platform: process.platform,
    hardwareConcurrency: cpus().length,
  },
});

/** The adapter in words. */
export async function adapterName(): Promise<string> {
  const adapter = await navigator.gpu.requestAdapter();
  return adapter?.info.description ?? 'no adapter';
}
