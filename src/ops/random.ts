// Counter-based random words: element i is word 0 of Philox4x32-10 with key (inputs 0, 1) and counter
// (i, stream, inputs 2, 3), the same on every backend. Advancing the counter between steps is the caller's update.
import { philox4x32 } from '../tensor/random.ts';
import { ensure, formatTypes, operands } from './infer.ts';
import type { OpSpec } from './spec.ts';

export const randoms = {
  philox: {
    infer: (inputs, { shape, stream }) => {
      operands(inputs, 4, ['u32']);
      ensure(
        inputs.every((input) => input.shape.length === 0),
        'four u32 scalars: key low, key high, counter low, counter high',
        formatTypes(inputs),
      );
      ensure(stream >>> 0 === stream, 'a u32 stream', `${stream}`);
      return { shape, dtype: 'u32' };
    },
    vjp: 'none',
    cpu: (node, [keyLow, keyHigh, counterLow, counterHigh], output) => {
      const key = [keyLow![0]!, keyHigh![0]!];
      const counter = [0, node.attrs.stream, counterLow![0]!, counterHigh![0]!];
      const block = new Uint32Array(4);
      for (let i = 0; i < output.length; i++) {
        counter[0] = i;
        output[i] = philox4x32(key, counter, block)[0]!;
      }
    },
    lower: {
      kind: 'pointwise',
      wgsl: ([keyLow, keyHigh, counterLow, counterHigh], node, at) =>
        `philox_word(vec2<u32>(${keyLow}, ${keyHigh}), vec4<u32>(${at.linear}, ${node.attrs.stream}u, ${counterLow}, ${counterHigh}))`,
    },
  },
} satisfies { [K in 'philox']: OpSpec<K> };
