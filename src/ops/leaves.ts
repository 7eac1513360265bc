// Leaves: what enters a step from outside, and numbers known when the graph is built.
import { Mismatch, misuse, ProgramError } from '../tensor/errors.ts';
import { contiguousStrides } from '../tensor/shape.ts';
import { forEachElement } from './loops.ts';
import type { OpSpec } from './spec.ts';

type LeafOp = 'input' | 'state' | 'scalar' | 'constant' | 'literal';

/** `Graph` makes leaves by methods of their own, which know the type that no operand could tell. */
function onlyByMethod(op: LeafOp): () => never {
  return () => {
    throw new Mismatch(`a call of graph.${op}(…)`, 'graph.apply');
  };
}

export const leaves = {
  input: {
    infer: onlyByMethod('input'),
    vjp: 'none',
    cpu: (node) => {
      throw new ProgramError(
        misuse('run', `input '${node.attrs.name}' to be written first`, 'nothing', node.site),
      );
    },
    lower: { kind: 'leaf' },
  },
  state: {
    infer: onlyByMethod('state'),
    vjp: 'none',
    cpu: (node, _, output) => output.set(node.attrs.init),
    lower: { kind: 'leaf' },
  },
  scalar: {
    infer: onlyByMethod('scalar'),
    vjp: 'none',
    cpu: (node, _, output) => output.fill(node.attrs.init),
    lower: { kind: 'leaf' },
  },
  constant: {
    infer: onlyByMethod('constant'),
    vjp: 'none',
    cpu: (node, _, output) => output.set(node.attrs.data),
    lower: { kind: 'leaf' },
  },
  literal: {
    infer: onlyByMethod('literal'),
    vjp: 'none',
    cpu: (node, _, output) => output.fill(node.attrs.value),
    lower: { kind: 'leaf' },
  },
  iota: {
    infer: (_, { shape, axis }) => {
      if (!shape.every((extent) => Number.isInteger(extent) && extent > 0)) {
        throw new Mismatch('positive whole extents', `[${shape.join(',')}]`);
      }
      if (!(axis in shape)) throw new Mismatch(`an axis of [${shape.join(',')}]`, `${axis}`);
      return { shape, dtype: 'u32' };
    },
    vjp: 'none',
    cpu: (node, _, output) => {
      const { shape, axis } = node.attrs;
      const along = contiguousStrides(shape).map((_, a) => (a === axis ? 1 : 0));
      forEachElement(shape, [along], (index, coordinate) => {
        output[index] = coordinate;
      });
    },
    lower: { kind: 'pointwise', wgsl: (_args, node, at) => at.coordinate(node.attrs.axis) },
  },
} satisfies { [K in LeafOp | 'iota']: OpSpec<K> };
