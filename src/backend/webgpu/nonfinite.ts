// Finds the first result of a step that is NaN or infinite, by looking after each dispatch (buffers are reused, so
// afterwards is too late). Slow, for finding faults: a probe is a dispatch of its own.
import nonfiniteWgsl from '../../../shaders/nonfinite.wgsl';
import type { Dispatch } from '../../passes/plan.ts';
import { usage } from './buffers.ts';
import { type Executor, encodeStep } from './executor.ts';

/** Float elements to look at once dispatch number `after` has run; `after: -1` looks before the step. */
export interface Probe {
  readonly after: number;
  readonly buffer: number;
  /** In elements. */
  readonly offset: number;
  readonly length: number;
}

const READ = 1; // GPUMapMode.READ
const lanes = 64;

/** Runs one step (states change as in `run()`) and returns how many elements of each probe are not finite. */
export async function countNonfinite(executor: Executor, probes: readonly Probe[]): Promise<Uint32Array> {
  const { gpu, buffers, steps } = executor;
  const { device } = gpu;
  const { pipeline, layout } = await gpu.pipelines.get(kernel);
  executor.flushScalars();
  const stride = device.limits.minStorageBufferOffsetAlignment;
  const params = gpu.createBuffer('probes', stride * probes.length, usage.STORAGE | usage.COPY_DST);
  const counts = gpu.createBuffer('nonfinite', 4 * probes.length, usage.STORAGE | usage.COPY_SRC);
  const staging = gpu.createBuffer('nonfinite', 4 * probes.length, usage.MAP_READ | usage.COPY_DST);
  try {
    const encoder = device.createCommandEncoder({ label: 'check' });
    const pass = encoder.beginComputePass();
    const probeAfter = (after: number): void => {
      probes.forEach((probe, index) => {
        if (probe.after !== after) return;
        device.queue.writeBuffer(
          params,
          stride * index,
          Uint32Array.of(probe.offset, probe.length, index, 0),
        );
        const resources = [
          { buffer: buffers[probe.buffer]! },
          { buffer: counts },
          { buffer: params, offset: stride * index, size: 16 },
        ];
        const entries = resources.map((resource, binding) => ({ binding, resource }));
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, device.createBindGroup({ layout, entries }));
        const workgroups = Math.ceil(probe.length / lanes);
        const width = Math.min(workgroups, gpu.target.maxWorkgroups);
        pass.dispatchWorkgroups(width, Math.ceil(workgroups / width));
      });
    };
    probeAfter(-1);
    steps.forEach((step, i) => {
      encodeStep(pass, step);
      probeAfter(i);
    });
    pass.end();
    executor.encodeCopies(encoder);
    encoder.copyBufferToBuffer(counts, 0, staging, 0, 4 * probes.length);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(READ);
    return new Uint32Array(staging.getMappedRange(0, 4 * probes.length).slice(0));
  } finally {
    for (const buffer of [params, counts, staging]) gpu.destroyBuffer(buffer);
  }
}

const kernel: Dispatch = {
  label: 'nonfinite',
  nodes: ['check'],
  wgsl: nonfiniteWgsl,
  entryPoint: 'nonfinite',
  constants: {},
  bindings: [
    { buffer: 0, access: 'read' },
    { buffer: 1, access: 'read_write' },
    { buffer: 2, access: 'read' },
  ],
  workgroups: [1, 1, 1],
  bytes: 0,
  flops: 0,
};
