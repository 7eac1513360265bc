// Where weights start. Fan-in is the extent before the last, fan-out the last: weights are stored `[in, out]`.
import type { Random } from '../tensor/random.ts';
import type { Shape } from '../tensor/types.ts';

/** Fills `target`, the elements of a parameter of `shape`. */
export type Initializer = (target: Float32Array, shape: Shape, random: Random) => void;

export const zeros: Initializer = (target) => target.fill(0);
export const ones: Initializer = (target) => target.fill(1);

/** Uniform in ±sqrt(6 / fan-in): keeps the variance through ReLU (He et al. 2015). */
export const heUniform: Initializer = (target, shape, random) =>
  fillUniform(target, Math.sqrt(6 / fanIn(shape)), random);

/** Uniform in ±sqrt(6 / (fan-in + fan-out)) (Glorot & Bengio 2010). */
export const glorotUniform: Initializer = (target, shape, random) =>
  fillUniform(target, Math.sqrt(6 / (fanIn(shape) + fanOut(shape))), random);

export function normal(deviation: number): Initializer {
  return (target, _, random) => {
    for (let i = 0; i < target.length; i++) target[i] = deviation * random.normal();
  };
}

function fillUniform(target: Float32Array, bound: number, random: Random): void {
  for (let i = 0; i < target.length; i++) target[i] = bound * (2 * random.uniform() - 1);
}

function fanIn(shape: Shape): number {
  return shape[shape.length - 2] ?? shape[0] ?? 1;
}

function fanOut(shape: Shape): number {
  return shape[shape.length - 1] ?? 1;
}
