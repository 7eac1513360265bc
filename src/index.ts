// fairmt: the engine's public names. No package and no `node:` module is imported from here on down.
export * from './autodiff/index.ts';
export * from './fairness/index.ts';
export * from './graph/index.ts';
export * from './mtl/index.ts';
export * from './nn/index.ts';
export { newGraph } from './ops/index.ts';
export * from './optim/index.ts';
export type { Dispatch, Plan, PlanBuffer } from './passes/plan.ts';
export { explain, printPlan } from './passes/print.ts';
export * from './program/index.ts';
export * from './tensor/index.ts';
export * from './train/index.ts';
