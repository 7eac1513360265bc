export * from './clipping.ts';
export * from './optimizers.ts';
export * from './schedules.ts';
