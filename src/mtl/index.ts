export * from './direction.ts';
export * from './gram.ts';
export * from './heads.ts';
export * from './losses.ts';
export { certificate, minNormPoint, minNormPointOfTwo } from './minnorm/min-norm-point.ts';
export { paretoGuidedCertificate, paretoGuidedWeights } from './minnorm/pareto-guided.ts';
export * from './segments.ts';
export * from './tasks.ts';
