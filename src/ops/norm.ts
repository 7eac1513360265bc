// Layer normalisation (Ba, Kiros and Hinton 2016) without the affine part, which is two pointwise ops after it.
import { ensure, formatTypes, single } from './infer.ts';
import { lowerLayerNorm } from './lowering/index.ts';
import type { OpSpec } from './spec.ts';

export const norms = {
  layerNorm: {
    infer: (inputs, { epsilon }) => {
      const { shape } = single(inputs, ['f32']);
      ensure(shape.length >= 1, 'a last axis', formatTypes(inputs));
      ensure(epsilon > 0, 'epsilon > 0', `${epsilon}`);
      return { shape, dtype: 'f32' };
    },
    vjp: ({ g, inputs: [x], output, attrs: { epsilon } }) => {
      const centred = x!.sub(x!.mean(-1, true));
      const scale = centred.square().mean(-1, true).add(epsilon).rsqrt();
      const alongOutput = output.mul(g.mul(output).mean(-1, true));
      return [g.sub(g.mean(-1, true)).sub(alongOutput).mul(scale)];
    },
    cpu: (node, [input], output) => {
      const length = node.shape.at(-1)!;
      for (let start = 0; start < output.length; start += length) {
        let mean = 0;
        for (let i = start; i < start + length; i++) mean += input![i]! / length;
        let variance = 0;
        for (let i = start; i < start + length; i++) variance += (input![i]! - mean) ** 2 / length;
        const scale = 1 / Math.sqrt(variance + node.attrs.epsilon);
        for (let i = start; i < start + length; i++) output[i] = (input![i]! - mean) * scale;
      }
    },
    lower: { kind: 'kernel', calls: lowerLayerNorm },
  },
} satisfies { [K in 'layerNorm']: OpSpec<K> };
