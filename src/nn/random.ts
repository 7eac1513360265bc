// Random numbers inside a step: Philox words keyed by a state that counts the steps, so that a run repeats bit for
// bit and a restored snapshot goes on with the very numbers it would have drawn.
import type { Graph } from '../graph/graph.ts';
import type { Update } from '../graph/node.ts';
import type { Value } from '../graph/value.ts';
import type { Shape } from '../tensor/types.ts';

const counterLow = 2;

export class Generator {
  readonly #graph: Graph;
  readonly #state: Value;
  #streams = 0;

  /** `seed`: any integer of up to 53 bits. */
  constructor(graph: Graph, seed: number, name = 'generator') {
    this.#graph = graph;
    const key = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
    this.#state = graph.state(name, [4], [...key, 0, 0], 'u32');
  }

  /** u32 words, each call a stream of its own. */
  bits(shape: Shape): Value {
    const words = [0, 1, 2, 3].map((at) => this.#state.slice([at], [at + 1]).reshape([]));
    return this.#graph.apply('philox', words, { shape, stream: this.#streams++ });
  }

  /** In [0, 1), 24 bits. */
  uniform(shape: Shape): Value {
    return this.bits(shape)
      .div(256)
      .cast('f32')
      .mul(2 ** -24);
  }

  /** Standard normal (Box & Muller 1958). */
  normal(shape: Shape): Value {
    const radius = this.uniform(shape).neg().add(1).log().mul(-2).sqrt();
    return radius.mul(
      this.uniform(shape)
        .mul(2 * Math.PI)
        .cos(),
    );
  }

  /** Uniform in 0 … `count` − 1, by the remainder of a 32-bit word (bias below `count` / 2³²). */
  indices(shape: Shape, count: number): Value {
    return remainder(this.bits(shape), count);
  }

  /** What `build` draws is what the step's first draws were: a second pass over a batch drops the same units. */
  replay<T>(build: () => T): T {
    const streams = this.#streams;
    this.#streams = 0;
    try {
      return build();
    } finally {
      this.#streams = Math.max(streams, this.#streams);
    }
  }

  /** Advances the counter by one step; a program that draws must have this among its updates. */
  advance(): Update<Value> {
    const one = this.#graph.iota([4], 0).eq(counterLow).cast('u32');
    return { target: this.#state, value: this.#state.add(one) };
  }
}

/** Of a division of integers ≥ 0. */
export function remainder(x: Value, divisor: number): Value {
  return x.sub(x.div(divisor).mul(divisor));
}

/** Zeroes elements with probability `rate` and scales the rest by `1 / (1 − rate)`. */
export function dropout(x: Value, rate: number, generator: Generator): Value {
  return generator
    .uniform(x.shape)
    .ge(rate)
    .select(x.mul(1 / (1 - rate)), 0);
}
