export {
  columnNames,
  dataSpec,
  fitOptions,
  methodOf,
  outcomeOptions,
  type Problem,
  problemOf,
} from './build.ts';
export { draftConfig } from './draft.ts';
export { ConfigError, type ConfigProblem } from './errors.ts';
export { deviceKinds } from './names.ts';
export { type Resolution, resolveConfig, sizeConfig, tableOf, type Unsized } from './resolve.ts';
export type { ResolvedConfig, ResolvedTask } from './resolved.ts';
export { type Config, configSchema, type MethodConfig, schemaText } from './schema.ts';
export { ConfigSource, readConfigSource } from './source.ts';
export { validateConfig } from './validate.ts';
