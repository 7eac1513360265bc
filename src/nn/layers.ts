// Layers as graph functions: each names its parameters, and `apply` builds the graph from a store that holds them.
import type { Value } from '../graph/value.ts';
import { glorotUniform, heUniform, type Initializer, normal, ones, zeros } from './initializers.ts';
import type { Module, Parameters } from './parameters.ts';
import { dropout, type Generator } from './random.ts';

export interface Layer extends Module {
  /** `[n, inputs]` → `[n, outputs]`. `generator` is given while training and left out when predicting. */
  apply(parameters: Parameters, x: Value, generator?: Generator): Value;
}

export interface LinearOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly bias?: boolean;
  readonly init?: Initializer;
}

/** `x W + b`, `W` stored `[inputs, outputs]`. */
export function linear(
  name: string,
  { inputs, outputs, bias = true, init = glorotUniform }: LinearOptions,
): Layer {
  const weight = { name: `${name}/weight`, shape: [inputs, outputs], init, decay: true };
  const offset = { name: `${name}/bias`, shape: [outputs], init: zeros, decay: false };
  return {
    parameters: bias ? [weight, offset] : [weight],
    apply(parameters, x) {
      const product = x.matmul(parameters.get(weight.name));
      return bias ? product.add(parameters.get(offset.name)) : product;
    },
  };
}

export const activations = {
  relu: (x: Value) => x.relu(),
  tanh: (x: Value) => x.tanh(),
  sigmoid: (x: Value) => x.sigmoid(),
  /** `x σ(x)`, also known as swish. */
  silu: (x: Value) => x.mul(x.sigmoid()),
  /** The tanh form of Hendrycks & Gimpel 2016. */
  gelu: (x: Value) =>
    x.mul(0.5).mul(x.add(x.mul(x).mul(x).mul(0.044715)).mul(0.7978845608028654).tanh().add(1)),
} satisfies Record<string, (x: Value) => Value>;

export type Activation = keyof typeof activations;

export interface MlpOptions {
  readonly inputs: number;
  /** Widths of the layers, each followed by the activation; the last is the width of the output. */
  readonly widths: readonly number[];
  readonly activation?: Activation;
  /** Probability that a hidden unit is dropped while training. */
  readonly dropout?: number;
  readonly layerNorm?: boolean;
}

export function mlp(name: string, options: MlpOptions): Layer {
  const { inputs, widths, activation = 'relu', dropout: rate = 0, layerNorm: normalized = false } = options;
  const init = activation === 'relu' ? heUniform : glorotUniform;
  const layers = widths.map((outputs, at) =>
    linear(`${name}/${at}`, { inputs: widths[at - 1] ?? inputs, outputs, init }),
  );
  const norms = normalized ? widths.map((width, at) => layerNorm(`${name}/${at}/norm`, width)) : [];
  return {
    parameters: [...layers, ...norms].flatMap((layer) => layer.parameters),
    apply(parameters, x, generator) {
      return layers.reduce((hidden, layer, at) => {
        const linearPart = layer.apply(parameters, hidden);
        const active = activations[activation](norms[at]?.apply(parameters, linearPart) ?? linearPart);
        return generator && rate > 0 ? dropout(active, rate, generator) : active;
      }, x);
    },
  };
}

/** Layer normalisation over the last axis with gain and offset (Ba et al. 2016). */
export function layerNorm(name: string, width: number, epsilon = 1e-5): Layer {
  const gain = { name: `${name}/gain`, shape: [width], init: ones, decay: false };
  const offset = { name: `${name}/offset`, shape: [width], init: zeros, decay: false };
  return {
    parameters: [gain, offset],
    apply: (parameters, x) =>
      x.layerNorm(epsilon).mul(parameters.get(gain.name)).add(parameters.get(offset.name)),
  };
}

export interface EmbeddingOptions {
  readonly rows: number;
  readonly width: number;
  readonly init?: Initializer;
}

/** Rows of a table by u32 indices `[…]` → `[…, width]`. */
export function embedding(name: string, { rows, width, init = normal(0.1) }: EmbeddingOptions): Layer {
  const table = { name: `${name}/table`, shape: [rows, width], init, decay: false };
  return {
    parameters: [table],
    apply: (parameters, indices) => parameters.get(table.name).gather(indices),
  };
}

export interface EmbeddingBag extends Module {
  /** Indices u32 `[n, L]`, of which the first `counts` (u32 `[n]`) of each row are meant → their mean, `[n, width]`. */
  apply(parameters: Parameters, indices: Value, counts: Value): Value;
}

/** The mean of a row's embeddings; an empty row gives zeros. */
export function embeddingBag(name: string, options: EmbeddingOptions): EmbeddingBag {
  const table = embedding(name, options);
  return {
    parameters: table.parameters,
    apply(parameters, indices, counts) {
      const present = indices.graph.iota(indices.shape, 1).lt(counts.unsqueeze(1)).unsqueeze(2);
      const total = present.select(table.apply(parameters, indices), 0).sum(1);
      return total.div(counts.cast('f32').maximum(1).unsqueeze(1));
    },
  };
}
