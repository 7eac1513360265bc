export { aggregate } from './aggregation.ts';
export * from './ahfda.ts';
export * from './budget.ts';
export * from './dual.ts';
export * from './estimates.ts';
export * from './notions.ts';
export * from './penalties.ts';
export * from './servedness.ts';
export * from './shortfall.ts';
