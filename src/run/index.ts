export { deviceFacts } from './device.ts';
export { RunError, type RunProblem } from './errors.ts';
export { type FolderMode, RunFolder } from './folder.ts';
export { loadModel, type ModelFile, type SavedModel } from './model-file.ts';
export { type LoadedProblem, loadProblem } from './problem.ts';
export { type RunHooks, type RunResult, type TrainingRun, trainRun } from './train.ts';
export { version } from './version.ts';
