export * from './exponential.ts';
export * from './integer.ts';
export * from './logarithm.ts';
export * from './power.ts';
export * from './trigonometry.ts';
export * from './vector.ts';
