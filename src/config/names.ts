// Names that a config may use and that the engine knows only as types or keys.
import type { RegressionLoss } from '../mtl/index.ts';
import type { DeviceKind } from '../program/index.ts';
import { defaultSettings, type SettingName } from '../train/settings.ts';

export const deviceKinds = ['auto', 'cpu', 'wasm', 'webgpu'] as const satisfies readonly DeviceKind[];
export const regressionLosses = ['huber', 'mse', 'mae', 'ccc'] as const satisfies readonly RegressionLoss[];
export const settingNames = Object.keys(defaultSettings) as SettingName[];
