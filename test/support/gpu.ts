// WebGPU for tests in Node, through Dawn. On Linux x64 there always is an adapter (vitest.config.ts sees to it),
// so a missing one is an error there; elsewhere tests use the system's adapter or skip and say so.
import { afterEach } from 'vitest';
import { create, globals } from 'webgpu';
import { hasSwiftShader } from '../../scripts/vulkan.mjs';

Object.assign(globalThis, globals); // GPUBufferUsage and its kin, global as in a browser

declare module 'vitest' {
  interface TaskMeta {
    /** Set where a test dispatched a compute shader; `wgsl-reporter.ts` counts these. */
    executedWgsl?: boolean;
  }
}

let dispatched = false;
const passes = GPUComputePassEncoder.prototype;
const { dispatchWorkgroups } = passes;
passes.dispatchWorkgroups = function (...counts) {
  dispatched = true;
  return dispatchWorkgroups.apply(this, counts);
};
afterEach(({ task }) => {
  task.meta.executedWgsl = dispatched;
  dispatched = false;
});

/** Dawn's entry point. Held here: a collected instance takes its adapters and devices with it. */
const dawn: GPU = create(['disable-dawn-features=timestamp_quantization']);

async function findGpu(): Promise<GPU | undefined> {
  if (await dawn.requestAdapter()) return dawn;
  if (hasSwiftShader) {
    throw new Error(
      `No WebGPU adapter, though SwiftShader should give one: VK_DRIVER_FILES=${process.env['VK_DRIVER_FILES']}, ` +
        `LD_LIBRARY_PATH=${process.env['LD_LIBRARY_PATH']}`,
    );
  }
  console.warn(
    `GPU tests are skipped: no WebGPU adapter on this ${process.platform} ${process.arch} machine.`,
  );
  return undefined;
}

/** What `navigator.gpu` is in a browser, or `undefined` where tests must do without: `test.skipIf(!gpu)`. */
export const gpu: GPU | undefined = await findGpu();
