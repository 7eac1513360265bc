// Softmax over the last axis and its cross-entropy, shifted by the maximum so that no exponential overflows.
import { misuse, ProgramError } from '../tensor/errors.ts';
import type { HostArray, TensorType } from '../tensor/types.ts';
import { ensure, formatTypes, single } from './infer.ts';
import { lowerSoftmax, lowerSoftmaxCrossEntropy } from './lowering/index.ts';
import type { OpSpec } from './spec.ts';

function rows(inputs: readonly TensorType[]): TensorType {
  const { shape } = single(inputs, ['f32']);
  ensure(shape.length >= 1, 'a last axis', formatTypes(inputs));
  return { shape, dtype: 'f32' };
}

/** `log Σ exp` of the row of `length` elements that begins at `start`. */
function logSumExp(input: HostArray, start: number, length: number): number {
  let max = -Infinity;
  for (let i = 0; i < length; i++) max = Math.max(max, input[start + i]!);
  let total = 0;
  for (let i = 0; i < length; i++) total += Math.exp(input[start + i]! - max);
  return max + Math.log(total);
}

export const softmaxes = {
  softmax: {
    infer: rows,
    vjp: ({ g, output }) => [output.mul(g.sub(g.mul(output).sum(-1, true)))],
    cpu: (node, [input], output) => {
      const length = node.shape.at(-1)!;
      for (let start = 0; start < output.length; start += length) {
        const total = logSumExp(input!, start, length);
        for (let i = start; i < start + length; i++) output[i] = Math.exp(input![i]! - total);
      }
    },
    lower: { kind: 'kernel', calls: lowerSoftmax },
  },
  logSoftmax: {
    infer: rows,
    vjp: ({ g, output }) => [g.sub(output.exp().mul(g.sum(-1, true)))],
    cpu: (node, [input], output) => {
      const length = node.shape.at(-1)!;
      for (let start = 0; start < output.length; start += length) {
        const total = logSumExp(input!, start, length);
        for (let i = start; i < start + length; i++) output[i] = input![i]! - total;
      }
    },
    lower: { kind: 'kernel', calls: lowerSoftmax },
  },
  /** A label out of range is an error on the CPU; on the GPU it counts as the last class. */
  softmaxCrossEntropy: {
    infer: (inputs) => {
      const [logits, labels] = inputs;
      ensure(
        inputs.length === 2 &&
          logits?.dtype === 'f32' &&
          labels?.dtype === 'u32' &&
          logits.shape.length === 2 &&
          labels.shape.length === 1 &&
          logits.shape[0] === labels.shape[0],
        'logits f32[n,C] and labels u32[n]',
        formatTypes(inputs),
      );
      return { shape: labels.shape, dtype: 'f32' };
    },
    vjp: ({ g, inputs: [logits, labels] }) => {
      const classes = logits!.shape[1]!;
      const label = labels!.minimum(classes - 1).unsqueeze(1);
      const target = label.eq(logits!.graph.iota(logits!.shape, 1)).cast('f32');
      return [logits!.softmax().sub(target).mul(g.unsqueeze(1)), null];
    },
    cpu: (node, [logits, labels], output) => {
      const classes = node.inputs[0]!.shape[1]!;
      for (let row = 0; row < output.length; row++) {
        const label = labels![row]!;
        if (label >= classes) {
          throw new ProgramError(
            misuse(
              `softmaxCrossEntropy '${node.name}'`,
              `labels below ${classes}`,
              `${label} in row ${row}`,
              node.site,
            ),
          );
        }
        const start = row * classes;
        output[row] = logSumExp(logits!, start, classes) - logits![start + label]!;
      }
    },
    lower: { kind: 'kernel', calls: lowerSoftmaxCrossEntropy },
  },
} satisfies { [K in 'softmax' | 'logSoftmax' | 'softmaxCrossEntropy']: OpSpec<K> };
