// How each op becomes WebAssembly. A missing row does not compile; a test holds the kinds against the op table's own.
import type { OpName } from '../../graph/attrs.ts';
import type { NodeWith } from '../../graph/node.ts';
import { emitArgMax } from './kernels/arg-max.ts';
import { emitMatmul } from './kernels/matmul.ts';
import { emitConcat, emitGather, emitPad, emitScatterAdd } from './kernels/moves.ts';
import { emitReduce } from './kernels/reduce.ts';
import { emitLayerNorm, emitLogSoftmax, emitSoftmax, emitSoftmaxCrossEntropy } from './kernels/rows.ts';
import type { Site } from './kernels/site.ts';
import { type Lanes, pointwise } from './pointwise.ts';

export type Row<K extends OpName> =
  /** No code: written by the host, or printed into the code that reads it. */
  | { readonly kind: 'leaf' }
  /** No code: another way to index. */
  | { readonly kind: 'view' }
  /** Four elements at a time, in fused chains. */
  | Lanes<K>
  /** A function of its own over contiguous operands. */
  | { readonly kind: 'kernel'; readonly emit: (site: Site, node: NodeWith<K>) => void }
  /** Called in JavaScript, by the op's own CPU definition. */
  | { readonly kind: 'host' };

const leaf = { kind: 'leaf' } as const;
const view = { kind: 'view' } as const;

function kernel<K extends OpName>(emit: (site: Site, node: NodeWith<K>) => void): Row<K> {
  return { kind: 'kernel', emit };
}

export const table: { readonly [K in OpName]: Row<K> } = {
  input: leaf,
  state: leaf,
  scalar: leaf,
  constant: leaf,
  literal: leaf,
  reshape: view,
  permute: view,
  expand: view,
  slice: view,
  stopGradient: view,
  customVjp: view,
  ...pointwise,
  concat: kernel(emitConcat),
  pad: kernel(emitPad),
  sum: kernel(emitReduce),
  max: kernel(emitReduce),
  min: kernel(emitReduce),
  logSumExp: kernel(emitReduce),
  argMax: kernel(emitArgMax),
  matmul: kernel(emitMatmul),
  softmax: kernel(emitSoftmax),
  logSoftmax: kernel(emitLogSoftmax),
  softmaxCrossEntropy: kernel(emitSoftmaxCrossEntropy),
  layerNorm: kernel(emitLayerNorm),
  gather: kernel(emitGather),
  scatterAdd: kernel(emitScatterAdd),
  customKernel: { kind: 'host' },
};
