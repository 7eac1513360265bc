// Rows of pointwise ops: one scalar function for the CPU, one WGSL expression for the GPU, broadcasting by the
// helper. Integers wrap modulo 2^32 on both sides: typed arrays do so when they store, and `integer` replaces the
// scalar function where doubles would lose low bits first.
import type { OpName } from '../graph/attrs.ts';
import type { NodeWith } from '../graph/node.ts';
import { mapElements, type Scalar } from './loops.ts';
import type { ElementPosition, OpSpec } from './spec.ts';

export interface PointwiseRow<K extends OpName> extends Pick<OpSpec<K>, 'infer' | 'vjp'> {
  readonly scalar: Scalar;
  /** Used instead of `scalar` where the operands are i32 or u32. */
  readonly integer?: Scalar;
  readonly wgsl: (args: readonly string[], node: NodeWith<K>, at: ElementPosition) => string;
}

export function pointwise<K extends OpName>(row: PointwiseRow<K>): OpSpec<K> {
  const { infer, vjp, scalar, integer = scalar, wgsl } = row;
  return {
    infer,
    vjp,
    cpu: (node, inputs, output) => {
      const dtype = node.inputs[0]!.dtype;
      mapElements(node, inputs, output, dtype === 'i32' || dtype === 'u32' ? integer : scalar);
    },
    lower: { kind: 'pointwise', wgsl },
  };
}
