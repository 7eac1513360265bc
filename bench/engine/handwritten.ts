// A product in WGSL by hand, without any library: what the kernels of the others are measured by.
import { create, globals } from 'webgpu';
import { type Contender, serve, type Task } from './contender.ts';
import matmul from './matmul.wgsl';
import type { Inputs } from './workloads.ts';

Object.assign(globalThis, globals);

/** Held here: a collected instance takes its devices with it. */
const gpu = create([]);

async function prepare(device: GPUDevice, { a, b }: Inputs): Promise<Task> {
  const size = a!.shape[0]!;
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const buffer = (usage: number): GPUBuffer => device.createBuffer({ size: 4 * size * size, usage });
  const buffers = [a!.data, b!.data, undefined].map((data) => {
    const made = buffer(STORAGE | COPY_SRC | COPY_DST);
    if (data) device.queue.writeBuffer(made, 0, data.slice());
    return made;
  });
  const pipeline = await device.createComputePipelineAsync({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code: matmul }), constants: { N: size } },
  });
  const entries = buffers.map((each, binding) => ({ binding, resource: { buffer: each } }));
  const bindGroup = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  return {
    async run() {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(size / 8, size / 64);
      pass.end();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
    },
    async result() {
      const staging = buffer(MAP_READ | COPY_DST);
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(buffers[2]!, 0, staging, 0, 4 * size * size);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ);
      const values = new Float32Array(staging.getMappedRange().slice(0));
      staging.destroy();
      return values;
    },
    dispose() {
      for (const each of buffers) each.destroy();
    },
  };
}

await serve(async (): Promise<Contender> => {
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error('handwritten: expected a WebGPU adapter, got none');
  const device = await adapter.requestDevice();
  return {
    about: `WGSL by hand on ${adapter.info.description}`,
    prepare: async (workload, inputs) =>
      workload === 'matmul512' || workload === 'matmul1024' ? prepare(device, inputs) : undefined,
  };
});
