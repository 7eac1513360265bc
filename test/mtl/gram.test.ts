// The Gram matrices of METHOD §4 against whole gradients: what the head-aware proxy keeps, and how it bounds.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { vjp } from '../../src/autodiff/index.ts';
import type { Value } from '../../src/graph/value.ts';
import { gramMatrix, minNormPoint, type Objectives, type Task } from '../../src/mtl/index.ts';
import { compile, type Device, type Program } from '../../src/program/index.ts';
import { Random } from '../../src/tensor/random.ts';
import { devices, float64, type Outputs, runWith } from '../support/devices.ts';
import { dot, gramOf } from './random-gram.ts';
import {
  flatRow,
  gradientRows,
  type ModelShape,
  normals,
  type RandomModel,
  randomModel,
  randomParameters,
  toRows,
  valuesOf,
} from './random-model.ts';

const tasks: readonly Task[] = [
  { kind: 'regression', name: 'r' },
  { kind: 'detection', name: 'd', attributes: 2 },
  { kind: 'classification', name: 'c', classes: 3 },
];
const objectives = tasks.length + 1;
const shape: ModelShape = { tasks, rows: 5, inputs: 3, widths: [4, 3] };

/** Every Gram matrix of one model, and the gradients it should hold the products of. */
function gramStep(model: RandomModel) {
  const { graph, layout, heads, parameters, z, outputs } = model;
  const gradient = (name: string) => graph.input(name, outputs.shape);
  const parts: Objectives = {
    layout,
    heads,
    parameters,
    z,
    outputs,
    taskGradient: gradient('by tasks'),
    constraintGradient: gradient('by constraint'),
    trunkGain: graph.scalar('trunk gain', 1),
  };
  // The path for any heads, on these very heads.
  const general: Objectives = { ...parts, heads: { ...heads, kind: 'hidden' } };
  return {
    outputs: {
      exact: gramMatrix('exact', parts),
      'head-aware': gramMatrix('head-aware', parts),
      representation: gramMatrix('representation', parts),
      'head-aware general': gramMatrix('head-aware', general),
      'representation general': gramMatrix('representation', general),
      unconstrained: gramMatrix('head-aware', { ...parts, constraintGradient: undefined }),
      'by z': gradientRows(model, parts, [z]),
      'by heads': gradientRows(model, parts, valuesOf(model, model.headNames)),
      'by trunk': gradientRows(model, parts, valuesOf(model, model.trunkNames)),
    },
  };
}

/** `∂Z/∂θ`, `[n·d, |θ|]`: one backward pass an element. */
function jacobianOf(model: RandomModel): Value {
  const { graph, z } = model;
  const rows = Array.from({ length: z.size }, (_, at) => {
    const unit = Float32Array.from({ length: z.size }, (_, i) => Number(i === at));
    return flatRow(vjp([z], [graph.constant(unit, z.shape)], valuesOf(model, model.trunkNames)));
  });
  return rows[0]!.concat(rows.slice(1), 0);
}

class Grams {
  readonly model: RandomModel;
  readonly #program: Program;
  readonly #names: readonly string[];

  static async compile(headWidths: readonly number[], device: Device, hasJacobian = false): Promise<Grams> {
    const model = randomModel({ ...shape, headWidths });
    const { outputs: grams } = gramStep(model);
    const outputs = hasJacobian ? { ...grams, jacobian: jacobianOf(model) } : grams;
    return new Grams(model, await compile({ outputs }, device), Object.keys(outputs));
  }

  private constructor(model: RandomModel, program: Program, names: readonly string[]) {
    this.model = model;
    this.#program = program;
    this.#names = names;
  }

  /** A random model and batch. `mend` may change the parameters. */
  run(
    random: Random,
    trunkGain = 1,
    mend: (flat: Float64Array) => Float64Array = (x) => x,
  ): Promise<Outputs> {
    const size = this.model.outputs.size;
    return runWith(this.#program, this.#names, {
      inputs: {
        x: normals(random, shape.rows * shape.inputs),
        'by tasks': normals(random, size, 0.3),
        'by constraint': normals(random, size, 0.2),
      },
      states: { parameters: mend(randomParameters(random, this.model)) },
      scalars: { 'trunk gain': trunkGain },
    });
  }

  dispose(): void {
    this.#program.dispose();
  }
}

const rowsOf = (outputs: Outputs, name: string): Float64Array[] => toRows(outputs[name]!, objectives);
const sum = (a: ArrayLike<number>, b: ArrayLike<number>, times = 1): Float64Array =>
  Float64Array.from({ length: a.length }, (_, i) => a[i]! + times * b[i]!);

/** The largest squared singular value of J, by power iteration on J Jᵀ. */
function squaredNorm(jacobian: readonly Float64Array[]): number {
  const products = gramOf(jacobian);
  const n = jacobian.length;
  let vector = Float64Array.from({ length: n }, (_, i) => 1 + 0.1 * Math.sin(i));
  let value = 0;
  for (let iteration = 0; iteration < 300; iteration++) {
    const next = vector.map((_, i) => dot(products.subarray(i * n, (i + 1) * n), vector));
    value = Math.sqrt(dot(next, next));
    vector = next.map((x) => x / value);
  }
  return value;
}

describe.each(
  devices.flatMap((device) => [
    { ...device, heads: 'linear', headWidths: [] },
    { ...device, heads: 'hidden', headWidths: [4] },
  ]),
)('with $heads heads on $name', ({ device, rounding, numRuns, headWidths }) => {
  let grams: Grams;
  beforeAll(async () => {
    grams = await Grams.compile(headWidths, device);
  });
  afterAll(() => grams.dispose());
  const holds = (property: (outputs: Outputs, gain: number) => void): Promise<void> =>
    fc.assert(
      fc.asyncProperty(fc.nat(1e6), fc.constantFrom(0.125, 1, 4), async (seed, gain) => {
        property(await grams.run(new Random(seed), gain), gain);
      }),
      { numRuns },
    );
  const close = (actual: ArrayLike<number>, expected: ArrayLike<number>): void => {
    const scale = Math.max(...Array.from(expected, Math.abs));
    const worst = Math.max(...Array.from(expected, (value, i) => Math.abs(actual[i]! - value)));
    expect(worst).toBeLessThan(rounding * (1 + scale));
  };

  test('`exact` holds the products of whole gradients, `representation` those by Z, `head-aware` ρ⟨Q, Q⟩ + ⟨B, B⟩', () =>
    holds((outputs, gain) => {
      const [byZ, byHeads, byTrunk] = ['by z', 'by heads', 'by trunk'].map((name) =>
        gramOf(rowsOf(outputs, name)),
      );
      close(outputs['exact']!, sum(byTrunk!, byHeads!));
      close(outputs['representation']!, byZ!);
      close(outputs['head-aware']!, sum(byHeads!, byZ!, gain));
    }));

  test('both paths of the proxy give one matrix, and its constraint row is 0 where none acts', () =>
    holds((outputs) => {
      close(outputs['head-aware']!, outputs['head-aware general']!);
      close(outputs['representation']!, outputs['representation general']!);
      outputs['unconstrained']!.forEach((entry, at) => {
        const isTask = at % objectives < tasks.length && at < tasks.length * objectives;
        expect(Math.abs(entry - (isTask ? outputs['head-aware']![at]! : 0))).toBeLessThan(
          rounding * (1 + Math.abs(entry)),
        );
      });
    }));
});

describe('the head-aware proxy, in float64', () => {
  let grams: Grams;
  beforeAll(async () => {
    grams = await Grams.compile([], float64.device, true);
  });
  afterAll(() => grams.dispose());

  test('bounds ‖Σ x_t ∇f_t‖² from above for every x where ρ ≥ ‖J‖², and not below the gain along a row', () =>
    fc.assert(
      fc.asyncProperty(fc.nat(1e6), async (seed) => {
        const first = await grams.run(new Random(seed));
        const norm = squaredNorm(toRows(first['jacobian']!, shape.rows * 3));
        const outputs = await grams.run(new Random(seed), norm * (1 + 1e-9));
        const excess = sum(outputs['head-aware']!, outputs['exact']!, -1);
        const form = (matrix: Float64Array, x: Float64Array): number =>
          x.reduce(
            (total, weight, i) =>
              total + weight * dot(matrix.subarray(i * objectives, (i + 1) * objectives), x),
            0,
          );
        const random = new Random(seed + 1);
        const scale = Math.max(...outputs['head-aware']!);
        for (let trial = 0; trial < 30; trial++) {
          expect(form(excess, normals(random, objectives))).toBeGreaterThan(-1e-9 * scale);
        }
        const [q, onTrunk] = ['by z', 'by trunk'].map((name) => rowsOf(first, name)[0]!);
        const along = dot(onTrunk!, onTrunk!) / dot(q!, q!);
        expect(along).toBeLessThanOrEqual(norm * (1 + 1e-9));
        const short = await grams.run(new Random(seed), 0.9 * along);
        expect(short['head-aware']![0]).toBeLessThan(short['exact']![0]!);
      }),
      { numRuns: 30 },
    ));

  test('keeps what the heads would feel as their weights shrink to zero, where MGDA-UB keeps nothing of it', async () => {
    const { offset, shape: weights } = grams.model.parameters.entries.find(
      ({ name }) => name === 'heads/weight',
    )!;
    const size = weights[0]! * weights[1]!;
    const shrunk = (by: number) => (flat: Float64Array) =>
      flat.map((x, i) => (i >= offset && i < offset + size ? x * by : x));
    const utilities = (gram: readonly number[]): Float64Array =>
      Float64Array.from(
        gram.filter((_, at) => at % objectives < tasks.length && at < tasks.length * objectives),
      );
    const distance = (a: Float64Array, b: Float64Array): number =>
      Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));
    let ignored = 0;
    const models = 20;
    for (let seed = 0; seed < models; seed++) {
      const whole = await grams.run(new Random(seed));
      const small = await grams.run(new Random(seed), 1, shrunk(1e-4));
      const byHeads = gramOf(rowsOf(small, 'by heads'));
      byHeads.forEach((entry, at) => {
        expect(Math.abs(small['head-aware']![at]! - entry)).toBeLessThan(1e-6);
        expect(Math.abs(small['representation']![at]! - 1e-8 * whole['representation']![at]!)).toBeLessThan(
          1e-14,
        );
      });
      const exact = minNormPoint(utilities(small['exact']!));
      expect(distance(minNormPoint(utilities(small['head-aware']!)), exact)).toBeLessThan(1e-5);
      if (distance(minNormPoint(utilities(small['representation']!)), exact) > 0.05) ignored++;
    }
    expect(ignored).toBeGreaterThan(models / 2);
  });
});
