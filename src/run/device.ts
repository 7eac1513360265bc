// The device of a run in words.
import type { Device } from '../program/index.ts';
import type { DeviceFacts } from '../report/summary.ts';

export function deviceFacts(device: Device): DeviceFacts {
  switch (device.kind) {
    case 'webgpu':
      return { kind: device.kind, name: device.gpu.adapter };
    case 'wasm':
      return { kind: device.kind, name: 'CPU, WebAssembly with SIMD' };
    case 'cpu':
      return { kind: device.kind, name: `CPU, interpreter (${device.precision})` };
  }
}
