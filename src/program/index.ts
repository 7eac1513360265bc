export type { NonFinite } from './check.ts';
export { type Device, type DeviceKind, type DeviceOptions, openDevice } from './device.ts';
export type { ProgramSpec, Snapshot } from './executable.ts';
export { type KernelOverrides, type KernelText, kernelsOf } from './override.ts';
export {
  type Bound,
  type Ceilings,
  chromeTrace,
  type KernelSummary,
  measureCeilings,
  summariseProfile,
} from './profile.ts';
export { drawProfile, formatProfile } from './profile-text.ts';
export { type CompileOptions, compile, Program } from './program.ts';
export type { Listener, WatchOptions } from './watch.ts';
