// Accuracy of the vector functions: in units of the last place of float32, over sweeps of their whole domain.
import { describe, expect, test } from 'vitest';
import {
  type FunctionBuilder,
  ModuleBuilder,
  type V128,
  v128,
} from '../../src/backend/wasm/assembler/index.ts';
import * as math from '../../src/backend/wasm/math/index.ts';
import { Random } from '../../src/tensor/random.ts';

const count = 1 << 16;
const at = { x: 0, y: 4 * count, result: 8 * count };

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

type VectorFunction = (f: FunctionBuilder, x: V128, y: V128) => V128;

function compute(emit: VectorFunction, x: Float32Array, y: Float32Array): Float32Array {
  const module = new ModuleBuilder();
  const build = (f: FunctionBuilder): void => {
    f.loop(4 * count, 16, (i) => {
      f.emit(v128.store(i, emit(f, f.let(v128.load(i, at.x)), f.let(v128.load(i, at.y))), at.result));
    });
  };
  module.define('run', [], build, { exported: true });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.bytes((12 * count) / 65536)));
  const { run, memory } = instance.exports as { run: () => void; memory: WebAssembly.Memory };
  new Float32Array(memory.buffer, at.x, count).set(x);
  new Float32Array(memory.buffer, at.y, count).set(y);
  run();
  return new Float32Array(memory.buffer, at.result, count);
}

/** The distance from `x` to the next float32 away from 0. */
function lastPlace(x: number): number {
  const bits = new Int32Array(Float32Array.of(Math.abs(x)).buffer);
  const below = new Float32Array(bits.buffer)[0]!;
  bits[0]!++;
  return new Float32Array(bits.buffer)[0]! - below;
}

type Draw = (random: Random) => number;

const between =
  (low: number, high: number): Draw =>
  (random) =>
    low + (high - low) * random.uniform();
/** Magnitudes evenly over the exponents. */
const scales =
  (low: number, high: number, signed = true): Draw =>
  (random) =>
    low * (high / low) ** random.uniform() * (signed && random.uniform() < 0.5 ? -1 : 1);

interface Sweep {
  readonly name: string;
  readonly emit: VectorFunction;
  readonly exact: (x: number, y: number) => number;
  readonly x: readonly Draw[];
  readonly y?: Draw;
  /** Errors below this are no errors: near a zero of the function that float32 arguments cannot hit. */
  readonly absolute?: number;
}

const sweeps: readonly Sweep[] = [
  { name: 'exp', emit: math.exp, exact: Math.exp, x: [between(-110, 95), scales(1e-30, 1)] },
  {
    name: 'exp of what is not positive',
    emit: math.expOfNonPositive,
    exact: (x) => (x < -87.6 ? 0 : Math.exp(x)),
    x: [
      between(-87.3, 0),
      (random) => -scales(1e-30, 1, false)(random),
      between(-1e30, -88),
      () => -Infinity,
    ],
  },
  {
    name: 'expm1',
    emit: math.expm1,
    exact: Math.expm1,
    x: [between(-30, 95), between(-1, 1), scales(1e-38, 1)],
  },
  { name: 'log', emit: math.log, exact: Math.log, x: [scales(1e-44, 3e38, false), between(0.5, 2)] },
  {
    name: 'log1p',
    emit: math.log1p,
    exact: Math.log1p,
    x: [between(-1, 3), scales(1e-38, 0.99), scales(1, 1e38, false)],
  },
  { name: 'tanh', emit: math.tanh, exact: Math.tanh, x: [between(-12, 12), scales(1e-38, 1)] },
  { name: 'sigmoid', emit: math.sigmoid, exact: sigmoid, x: [between(-87, 87), between(-3, 3)] },
  { name: 'softplus', emit: math.softplus, exact: softplus, x: [between(-87, 87), between(-3, 3)] },
  {
    name: 'sin',
    emit: math.sin,
    exact: Math.sin,
    x: [between(-10, 10), between(-1e5, 1e5)],
    absolute: 1e-11,
  },
  {
    name: 'cos',
    emit: math.cos,
    exact: Math.cos,
    x: [between(-10, 10), between(-1e5, 1e5)],
    absolute: 1e-11,
  },
  {
    name: 'pow',
    emit: math.pow,
    exact: Math.pow,
    x: [scales(1e-44, 3e38, false), between(0, 3)],
    y: between(-40, 40),
  },
];

describe('vector functions', () => {
  test.each(sweeps)('$name is within 3 units of the last place', ({ emit, exact, x, y, absolute = 0 }) => {
    const random = new Random(11);
    for (const draw of x) {
      const first = Float32Array.from({ length: count }, () => draw(random));
      const second = Float32Array.from({ length: count }, () => y?.(random) ?? 0);
      const results = compute(emit, first, second);
      let worst = { error: 0, x: 0, y: 0 };
      results.forEach((got, i) => {
        const want = exact(first[i]!, second[i]!);
        if (got === Math.fround(want) || Math.abs(got - want) < absolute) return;
        const error = Math.abs(got - want) / lastPlace(want);
        if (!(error <= worst.error)) worst = { error, x: first[i]!, y: second[i]! };
      });
      expect(worst.error, `at ${worst.x}, ${worst.y}`).toBeLessThan(3);
    }
  });
});
