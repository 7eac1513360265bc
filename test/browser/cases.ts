// Cases that run unchanged on Dawn in Node and in a browser: they know nothing of either, and fail by throwing.

export interface Case {
  readonly name: string;
  readonly run: (gpu: GPU) => Promise<void>;
}

const double = /* wgsl */ `
@group(0) @binding(0) var<storage, read_write> values: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&values)) { values[id.x] = 2 * values[id.x] + 1; }
}`;

async function computeShaderWrites(gpu: GPU): Promise<void> {
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error('no adapter');
  const device = await adapter.requestDevice();
  const count = 1000;
  const values = device.createBuffer({
    size: 4 * count,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
  });
  const staging = device.createBuffer({
    size: 4 * count,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  device.queue.writeBuffer(
    values,
    0,
    Float32Array.from({ length: count }, (_, i) => i),
  );
  const pipeline = await device.createComputePipelineAsync({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code: double }) },
  });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(
    0,
    device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [{ binding: 0, resource: { buffer: values } }],
    }),
  );
  pass.dispatchWorkgroups(Math.ceil(count / 64));
  pass.end();
  encoder.copyBufferToBuffer(values, 0, staging, 0, 4 * count);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const wrong = new Float32Array(staging.getMappedRange()).findIndex((value, i) => value !== 2 * i + 1);
  device.destroy();
  if (wrong >= 0) throw new Error(`values[${wrong}] is not ${2 * wrong + 1}`);
}

export const cases: readonly Case[] = [
  { name: 'a compute shader computes what it says', run: computeShaderWrites },
];
