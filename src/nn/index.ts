export * from './initializers.ts';
export * from './layers.ts';
export { type Module, type ParameterEntry, type ParameterSpec, Parameters } from './parameters.ts';
export { dropout, Generator } from './random.ts';
