// Kernels over the rows of the last axis: softmax, log-softmax, cross-entropy with labels, layer norm.
import layerNormWgsl from '../../../shaders/layer_norm.wgsl';
import softmaxWgsl from '../../../shaders/softmax.wgsl';
import crossEntropyWgsl from '../../../shaders/softmax_cross_entropy.wgsl';
import type { Node, NodeWith } from '../../graph/node.ts';
import { numel } from '../../tensor/shape.ts';
import type { KernelCall, KernelPlan, LowerContext } from '../spec.ts';
import { fold, input, output, read, requireFits, write } from './kernel.ts';

/** Eight rows a workgroup (one lane each), or one row a workgroup where rows are long and barriers cheap. */
function rowKernel(
  node: Node,
  context: LowerContext,
  kernel: Pick<KernelCall, 'wgsl' | 'constants' | 'sizes'> & { flopsPerElement: number },
): KernelPlan {
  requireFits(node, context);
  const { shape } = node.inputs[0]!;
  const width = shape.at(-1) ?? 1;
  const rows = numel(shape) / width;
  const perWorkgroup = context.target.kernelClass === 'discrete' && width >= 64;
  const call: KernelCall = {
    label: node.op,
    wgsl: kernel.wgsl,
    entryPoint: perWorkgroup ? 'workgroup_per_row' : 'thread_per_row',
    constants: kernel.constants,
    sizes: { ROWS: rows, WIDTH: width, X_OFFSET: context.offsets[0]!, ...kernel.sizes },
    bindings: [...node.inputs.map((_, i) => read(input(i))), write(output)],
    workgroups: fold(perWorkgroup ? rows : Math.ceil(rows / 8), node, context.target),
    flops: kernel.flopsPerElement * numel(shape),
  };
  return { temps: [], calls: [call] };
}

export function lowerSoftmax(node: NodeWith<'softmax' | 'logSoftmax'>, context: LowerContext): KernelPlan {
  const constants = { LOG: node.op === 'logSoftmax' ? 1 : 0 };
  return rowKernel(node, context, { wgsl: softmaxWgsl, constants, flopsPerElement: 5 });
}

export function lowerSoftmaxCrossEntropy(
  node: NodeWith<'softmaxCrossEntropy'>,
  context: LowerContext,
): KernelPlan {
  const sizes = { LABELS_OFFSET: context.offsets[1]! };
  return rowKernel(node, context, { wgsl: crossEntropyWgsl, constants: {}, sizes, flopsPerElement: 4 });
}

export function lowerLayerNorm(node: NodeWith<'layerNorm'>, context: LowerContext): KernelPlan {
  const constants = { EPSILON: node.attrs.epsilon };
  return rowKernel(node, context, { wgsl: layerNormWgsl, constants, flopsPerElement: 6 });
}
