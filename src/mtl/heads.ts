// Heads: from the shared representation `[n, d]` to all tasks' outputs `[n, P]` side by side.
import type { Value } from '../graph/value.ts';
import {
  type Activation,
  type Generator,
  glorotUniform,
  linear,
  type Module,
  mlp,
  type Parameters,
} from '../nn/index.ts';
import { outputWidth, type TaskLayout } from './tasks.ts';

interface HeadsBase extends Module {
  apply(parameters: Parameters, z: Value, generator?: Generator): Value;
}

/** All heads in one matmul. The gram of their gradients then follows from products in output space. */
export interface LinearHeads extends HeadsBase {
  readonly kind: 'linear';
  /** All head weights, `[d, P]`. */
  weight(parameters: Parameters): Value;
}

/** Each head an MLP of its own. */
export interface HiddenHeads extends HeadsBase {
  readonly kind: 'hidden';
}

export type Heads = LinearHeads | HiddenHeads;

export interface HeadsOptions {
  /** `d`, the width of the representation. */
  readonly inputs: number;
  /** Widths of each head's own hidden layers; none makes the heads linear. */
  readonly hidden?: readonly number[];
  readonly activation?: Activation;
}

export function makeHeads(layout: TaskLayout, options: HeadsOptions): Heads {
  const { inputs, hidden = [], activation = 'relu' } = options;
  if (hidden.length === 0) {
    const layer = linear('heads', { inputs, outputs: layout.outputs, init: glorotUniform });
    return { kind: 'linear', ...layer, weight: (parameters) => parameters.get('heads/weight') };
  }
  const heads = layout.slots.map(({ task }) => {
    const body = mlp(`heads/${task.name}`, { inputs, widths: hidden, activation });
    const out = linear(`heads/${task.name}/out`, {
      inputs: hidden[hidden.length - 1]!,
      outputs: outputWidth(task),
    });
    return { body, out };
  });
  return {
    kind: 'hidden',
    parameters: heads.flatMap(({ body, out }) => [...body.parameters, ...out.parameters]),
    apply(parameters, z, generator) {
      const [first, ...rest] = heads.map(({ body, out }) =>
        out.apply(parameters, body.apply(parameters, z, generator)),
      );
      return first!.concat(rest, 1);
    },
  };
}
