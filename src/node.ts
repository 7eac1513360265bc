// fairmt in Node: the same core, with WebGPU from the optional package `webgpu` (Dawn).
import {
  type Device,
  type DeviceKind,
  type DeviceOptions,
  openDevice as openCoreDevice,
} from './program/index.ts';

export * from './index.ts';

/** Features of Dawn that Node users want: exact timestamps for the profiler. */
const dawnOptions = ['disable-dawn-features=timestamp_quantization'];

/** As the core's `openDevice`, with Dawn as the source of adapters where the package `webgpu` is installed. */
export async function openDevice(kind: DeviceKind = 'auto', options: DeviceOptions = {}): Promise<Device> {
  if (kind === 'cpu' || kind === 'wasm' || options.gpu) return openCoreDevice(kind, options);
  return openCoreDevice(kind, { ...options, gpu: await dawn() });
}

let instance: Promise<GPU | undefined> | undefined;

/** One Dawn instance for the process; it must outlive every device made from it. */
function dawn(): Promise<GPU | undefined> {
  instance ??= import('webgpu').then(
    ({ create, globals }) => {
      Object.assign(globalThis, globals);
      return create(dawnOptions);
    },
    () => undefined,
  );
  return instance;
}
