// From a node to calls of the hand-written kernels in shaders/.
export { lowerCustomKernel } from './custom.ts';
export { lowerMatmul } from './matmul.ts';
export { lowerConcat, lowerGather, lowerPad } from './moves.ts';
export { lowerArgMax, lowerReduce } from './reduce.ts';
export { lowerLayerNorm, lowerSoftmax, lowerSoftmaxCrossEntropy } from './rows.ts';
export { lowerScatterAdd } from './scatter.ts';
