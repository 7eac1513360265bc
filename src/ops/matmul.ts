// Batched matrix product in all four transpositions; a gradient is again a product, so nothing is ever transposed
// in memory.
import { numel, sameShape } from '../tensor/shape.ts';
import { ensure, formatTypes, operands } from './infer.ts';
import { lowerMatmul } from './lowering/index.ts';
import type { OpSpec } from './spec.ts';

export const products = {
  matmul: {
    infer: (inputs, { transA, transB }) => {
      operands(inputs, 2, ['f32']);
      const [a, b] = [inputs[0]!.shape, inputs[1]!.shape];
      const batch = a.slice(0, -2);
      const [m, kOfA] = transA ? [a.at(-1), a.at(-2)] : [a.at(-2), a.at(-1)];
      const [kOfB, n] = transB ? [b.at(-1), b.at(-2)] : [b.at(-2), b.at(-1)];
      ensure(
        a.length >= 2 && b.length >= 2 && sameShape(batch, b.slice(0, -2)) && kOfA === kOfB,
        `[…, ${transA ? 'k, m' : 'm, k'}] and […, ${transB ? 'n, k' : 'k, n'}] with equal leading extents`,
        formatTypes(inputs),
      );
      return { shape: [...batch, m!, n!], dtype: 'f32' };
    },
    vjp: ({ g, inputs: [a, b], attrs: { transA, transB } }) => [
      transA ? b!.matmul(g, { transA: transB, transB: true }) : g.matmul(b!, { transB: !transB }),
      transB ? g.matmul(a!, { transA: true, transB: transA }) : a!.matmul(g, { transA: !transA }),
    ],
    cpu: (node, [a, b], output) => {
      const { transA, transB } = node.attrs;
      const [m, n] = node.shape.slice(-2) as [number, number];
      const k = node.inputs[0]!.shape.at(transA ? -2 : -1)!;
      const [aRow, aInner] = transA ? [1, m] : [k, 1];
      const [bInner, bColumn] = transB ? [1, k] : [n, 1];
      const row = new Float64Array(n);
      for (let batch = 0; batch < numel(node.shape.slice(0, -2)); batch++) {
        for (let i = 0; i < m; i++) {
          row.fill(0);
          for (let inner = 0; inner < k; inner++) {
            const factor = a![batch * m * k + i * aRow + inner * aInner]!;
            const from = batch * k * n + inner * bInner;
            for (let j = 0; j < n; j++) row[j]! += factor * b![from + j * bColumn]!;
          }
          output.set(row, (batch * m + i) * n);
        }
      }
    },
    lower: { kind: 'kernel', calls: lowerMatmul, hasStore: true },
  },
} satisfies { [K in 'matmul']: OpSpec<K> };
