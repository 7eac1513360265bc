// WebGPU: a device, and an executor that replays plans on it.
export { GpuDevice, type GpuOptions, openGpu } from './device.ts';
export { Executor } from './executor.ts';
export { type DispatchTiming, profile, type StepProfile } from './profiler.ts';
export { Trial } from './trial.ts';
