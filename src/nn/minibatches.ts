// Minibatches drawn on the device, without replacement: a permutation of the rows each epoch, computed for the rows of
// one batch alone. It is the swap-or-not shuffle (Hoang, Morris & Rogaway 2012), an exact permutation of any number of
// rows: a round pairs row x with K − x and swaps the two or not, as a hash of the greater says.
import type { Graph } from '../graph/graph.ts';
import type { Update } from '../graph/node.ts';
import type { Value } from '../graph/value.ts';
import { GraphError, misuse } from '../tensor/errors.ts';
import { remainder } from './random.ts';

export interface MinibatchOptions {
  /** Of the data, below 2³¹. */
  readonly rows: number;
  /** Rows of a batch, at most `rows`. */
  readonly size: number;
  /** Any integer of up to 53 bits. */
  readonly seed: number;
  /** Of the state that counts the batches. */
  readonly name?: string;
}

export interface Minibatches {
  /** u32 `[size]`: the rows of this step's batch. */
  readonly rows: Value;
  readonly perEpoch: number;
  /** On to the next batch; must be among the program's updates. */
  advance(): Update<Value>;
}

/** A row that no round has swapped is where it was: one in 2²⁴, and two rows keep their relation as rarely. */
const rounds = 24;

/**
 * Every row once an epoch, in an order that follows from `seed` and the epoch alone; the last batch is filled up from
 * the order's beginning. The same rows on every device. Orders are random enough to train on, not to hide anything.
 * @throws GraphError for a number of rows or a size out of range
 */
export function minibatches(graph: Graph, options: MinibatchOptions): Minibatches {
  const { rows, size, name = 'minibatches' } = options;
  const require = (value: number, most: number, what: string): void => {
    if (Number.isInteger(value) && value >= 1 && value <= most) return;
    throw new GraphError(misuse('minibatches', `${what} from 1 to ${most}`, `${value}`));
  };
  require(rows, 2 ** 31 - 1, 'rows');
  require(size, rows, 'a size');
  const perEpoch = Math.ceil(rows / size);
  const count = graph.state(name, [], [0], 'u32');
  const epoch = count.div(perEpoch);
  const place = remainder(count, perEpoch)
    .mul(size)
    .add(graph.iota([size]));
  return {
    rows: shuffled(remainder(place, rows), rows, keysOf(graph, options, epoch)),
    perEpoch,
    advance: () => ({ target: count, value: count.add(1) }),
  };
}

/** What the rounds need, each u32 `[rounds]`. */
interface Keys {
  /** K, below the number of rows. */
  readonly sums: Value;
  readonly factors: Value;
  readonly summands: Value;
}

function keysOf(graph: Graph, { seed, rows }: MinibatchOptions, epoch: Value): Keys {
  // The last word of a `Generator`'s counter is 0: nothing that one of the same seed draws is drawn again.
  const counter = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0, epoch, 1];
  const inputs = counter.map((word) => (typeof word === 'number' ? graph.literal(word, 'u32') : word));
  const words = graph.apply('philox', inputs, { shape: [3 * rounds], stream: 0 });
  const part = (of: Value, at: number): Value => of.narrow(0, at * rounds, (at + 1) * rounds);
  // Arithmetic comes before the parts are taken: then all of it is one kernel.
  return {
    sums: part(remainder(words, rows), 0),
    factors: part(words.mul(2).add(1), 1),
    summands: part(words, 2),
  };
}

/** Where a permutation of 0 … `count` − 1 takes each element of `places`. */
function shuffled(places: Value, count: number, keys: Keys): Value {
  let at = places;
  for (let round = 0; round < rounds; round++) {
    const of = (key: Value): Value => key.narrow(0, round, round + 1);
    const difference = of(keys.sums).sub(at);
    // Modulo `count`: a negative difference is a huge u32, and small again with `count` added.
    const partner = difference.minimum(difference.add(count));
    // The same for both of a pair: the top bit of h(2h + 1), in which all bits of h have a part (as in RC6).
    const hash = at.maximum(partner).mul(of(keys.factors)).add(of(keys.summands));
    const swaps = hash.mul(hash.add(hash).add(1)).ge(2 ** 31);
    at = swaps.select(partner, at);
  }
  return at;
}
