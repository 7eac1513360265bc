export * from './initializers.ts';
export * from './layers.ts';
export { type Minibatches, type MinibatchOptions, minibatches } from './minibatches.ts';
export { type Module, type ParameterEntry, type ParameterSpec, Parameters } from './parameters.ts';
export { dropout, Generator, remainder } from './random.ts';
