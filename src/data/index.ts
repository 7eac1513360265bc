// The data layer for browsers and Node alike: tables in memory, encoding, splits. Files are read by `files/index.ts`.

export type { Indices, SignedIndices } from '../tensor/types.ts';
export {
  type Dataset,
  type Labels,
  type Notice,
  noticeText,
  type Partition,
  type TextBags,
} from './dataset.ts';
export {
  type ClassificationEncoding,
  type DetectionEncoding,
  type Encoding,
  type GroupEncoding,
  type InputEncoding,
  type InputShape,
  inputShape,
  outputs,
  type RegressionEncoding,
  type TaskEncoding,
  toUnit,
} from './encode/encoding.ts';
export type { Images } from './encode/images.ts';
export { DataError, type DataProblem } from './errors.ts';
export { type Guessed, guessRoles, type TableGuess } from './guess/guess.ts';
export { type ColumnProfile, profileTable } from './guess/profile.ts';
export {
  encodeBatches,
  encodeDataset,
  inputsOnly,
  type LoadedData,
  type LoadOptions,
  loadDataset,
} from './load.ts';
export { didYouMean, nearest } from './nearest.ts';
export type {
  Attribute,
  ClassificationTask,
  DataSpec,
  DetectionTask,
  GroupSpec,
  InputSpec,
  RegressionTask,
  Side,
  SplitSpec,
  TaskSpec,
} from './spec.ts';
export type { Split } from './split.ts';
export { type DerivedColumn, filterRows, withDerived } from './table/derive.ts';
export { type Batch, type Row, type Table, tableOfRecords, tableOfRows } from './table/table.ts';
export { featureArrays, featureShape, modelTasks, partitionsOf, trainingData } from './training.ts';
