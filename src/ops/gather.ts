// Rows of a table by index, and the transpose. An index out of range is an error on the CPU; on the GPU, which
// cannot throw, it means the last row, in both ops alike.
import type { NodeWith } from '../graph/node.ts';
import { misuse, ProgramError } from '../tensor/errors.ts';
import { numel, sameShape } from '../tensor/shape.ts';
import { ensure, formatTypes } from './infer.ts';
import { lowerGather, lowerScatterAdd } from './lowering/index.ts';
import type { OpSpec } from './spec.ts';

function checkIndex(
  node: NodeWith<'gather' | 'scatterAdd'>,
  index: number,
  position: number,
  rows: number,
): void {
  if (index < rows) return;
  throw new ProgramError(
    misuse(
      `${node.op} '${node.name}'`,
      `row indices below ${rows}`,
      `${index} at position ${position}`,
      node.site,
    ),
  );
}

export const gathers = {
  gather: {
    infer: (inputs) => {
      const [table, indices] = inputs;
      ensure(
        inputs.length === 2 && table!.shape.length >= 1 && indices!.dtype === 'u32',
        'a table [N,…] and u32 indices',
        formatTypes(inputs),
      );
      return { shape: [...indices!.shape, ...table!.shape.slice(1)], dtype: table!.dtype };
    },
    vjp: ({ g, inputs: [table, indices] }) => [
      g.graph.apply('scatterAdd', [indices!, g], { rows: table!.shape[0]! }),
      null,
    ],
    cpu: (node, [table, indices], output) => {
      const [rows, ...row] = node.inputs[0]!.shape as [number, ...number[]];
      const length = numel(row);
      indices!.forEach((index, position) => {
        checkIndex(node, index, position, rows);
        output.set(table!.subarray(index * length, (index + 1) * length), position * length);
      });
    },
    lower: { kind: 'kernel', calls: lowerGather },
  },
  scatterAdd: {
    infer: (inputs, { rows }) => {
      const [indices, values] = inputs;
      const rank = indices?.shape.length ?? 0;
      ensure(
        inputs.length === 2 &&
          indices!.dtype === 'u32' &&
          values!.dtype === 'f32' &&
          sameShape(indices!.shape, values!.shape.slice(0, rank)),
        'u32 indices […] and f32 values […, row…]',
        formatTypes(inputs),
      );
      ensure(Number.isInteger(rows) && rows > 0, 'a whole number of rows', `${rows}`);
      return { shape: [rows, ...values!.shape.slice(rank)], dtype: 'f32' };
    },
    vjp: ({ g, inputs: [indices] }) => [null, g.gather(indices!)],
    cpu: (node, [indices, values], output) => {
      const length = numel(node.shape.slice(1));
      const sums = new Float64Array(output.length);
      indices!.forEach((index, position) => {
        checkIndex(node, index, position, node.attrs.rows);
        for (let i = 0; i < length; i++) sums[index * length + i]! += values![position * length + i]!;
      });
      output.set(sums);
    },
    lower: { kind: 'kernel', calls: lowerScatterAdd, hasStore: true },
  },
} satisfies { [K in 'gather' | 'scatterAdd']: OpSpec<K> };
