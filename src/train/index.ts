export { lossAllowance, type UtilityBudget } from './allowance.ts';
export { type Audit, type AuditTally, defaultThreshold, risingAmong } from './audit.ts';
export type { FeatureArrays, TaskLabels, TrainingData } from './data.ts';
export { evaluateModel, type Validation, validate } from './evaluate.ts';
export { type FeatureShape, featureTrunk, type Trunk, type TrunkOptions } from './features.ts';
export {
  type Candidate,
  type FitEpoch,
  type FitHooks,
  type FitOptions,
  type FitResult,
  type FitState,
  fit,
} from './fit.ts';
export {
  type Method,
  type MethodName,
  methods,
  type Pressure,
  symmetricPenalty,
  worstGroup,
} from './method.ts';
export { type ModelSpec, type Predictions, Predictor, type TaskPrediction } from './model.ts';
export { type OutcomeOptions, outcomesOf, rowPartitions, type Unit } from './outcomes.ts';
export { type SelectionRule, selectEpoch } from './selection.ts';
export { defaultSettings, type SettingName, type Settings, settingsFor } from './settings.ts';
export { buildStep, type StepOptions, type TrainingStep } from './step.ts';
export {
  type EpochRecord,
  type StepValues,
  Trainer,
  type TrainerOptions,
  type TrainerState,
} from './trainer.ts';
