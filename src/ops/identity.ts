// Ops that only speak to autodiff, and the user's own kernel.
import { ensure, formatTypes } from './infer.ts';
import { lowerCustomKernel } from './lowering/index.ts';
import type { OpSpec } from './spec.ts';

export const identities = {
  stopGradient: {
    infer: (inputs) => {
      ensure(inputs.length === 1, '1 operand', formatTypes(inputs));
      return inputs[0]!;
    },
    vjp: 'none',
    cpu: (_, [input], output) => output.set(input!),
    lower: { kind: 'view', view: (_, input) => input },
  },
  customVjp: {
    infer: (inputs) => {
      ensure(
        inputs.length >= 2 && inputs[0]!.dtype === 'f32',
        'an f32 forward value and at least one input',
        formatTypes(inputs),
      );
      return inputs[0]!;
    },
    vjp: ({ g, attrs }) => [null, ...attrs.backward(g)],
    cpu: (_, [forward], output) => output.set(forward!),
    lower: { kind: 'view', view: (_, input) => input },
  },
  /** Without a gradient of its own: give it one by `customVjp`. */
  customKernel: {
    infer: (_, { output }) => output,
    vjp: 'none',
    cpu: (node, inputs, output) => node.attrs.cpu(inputs, output),
    lower: { kind: 'kernel', calls: lowerCustomKernel },
  },
} satisfies { [K in 'stopGradient' | 'customVjp' | 'customKernel']: OpSpec<K> };
