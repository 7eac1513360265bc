export * from './errors.ts';
export * from './shape.ts';
export * from './types.ts';
