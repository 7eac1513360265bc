export * from './function.ts';
export * from './instructions.ts';
export * from './module.ts';
