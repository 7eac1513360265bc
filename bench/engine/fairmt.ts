// FairMT's own side of the comparison, on WebGPU and on WebAssembly.
import { type DeviceKind, openDevice } from '../../src/node.ts';
import { compile, type Device } from '../../src/program/index.ts';
import { deviceFacts } from '../../src/run/device.ts';
import { version } from '../../src/run/version.ts';
import { type Contender, serve, type Task } from './contender.ts';
import { builders, type Ready } from './programs.ts';
import type { Inputs } from './workloads.ts';

async function prepare(
  device: Device,
  { spec, states = {}, inputs: own = {} }: Ready,
  inputs: Inputs,
): Promise<Task> {
  const program = await compile(spec, device);
  for (const name of Object.keys(program.inputs)) program.write(name, own[name] ?? inputs[name]!.data);
  program.restore(states);
  const gpu = device.kind === 'webgpu' ? device.gpu : undefined;
  return {
    run() {
      program.run();
      return gpu?.idle();
    },
    result: () => program.read('result'),
    dispose: () => program.dispose(),
  };
}

await serve(async (backend): Promise<Contender> => {
  const device = await openDevice(backend as DeviceKind);
  return {
    about: `fairmt ${version} on ${deviceFacts(device).name}`,
    prepare: (workload, inputs) => prepare(device, builders[workload](inputs), inputs),
  };
});
