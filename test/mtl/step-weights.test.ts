// The weights of a step as a function of its Gram matrix (METHOD §3 and §4, item 4): on the device they run on.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DirectionKind, minNormPoint, stepWeights } from '../../src/mtl/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import { compile, type Device, type Program } from '../../src/program/index.ts';
import { Random } from '../../src/tensor/random.ts';
import { devices, runWith } from '../support/devices.ts';
import { combine, gramOf, independentRows, type Rows } from './random-gram.ts';

const tasks = 4;
const kinds: readonly DirectionKind[] = ['pareto-guided', 'utility-only', 'per-task', 'uniform'];

/** The weights of every kind of direction for one Gram matrix of `count` tasks and a constraint. */
async function weighing(count: number, device: Device): Promise<Program> {
  const graph = newGraph();
  const gram = graph.input('gram', [count + 1, count + 1]);
  const present = graph.input('present', [count]).gt(0.5);
  const ridge = graph.input('ridge', []);
  const outputs = kinds.flatMap((kind) => {
    const { alpha, beta } = stepWeights(kind, { gram, present, ridge });
    return [
      [`${kind} alpha`, alpha],
      [`${kind} beta`, beta],
    ];
  });
  return compile({ outputs: Object.fromEntries(outputs) }, device);
}

interface Problem {
  readonly rows: Rows;
  readonly constraint: Float64Array;
  readonly ridge: number;
  readonly present?: readonly number[];
}

interface Weights {
  readonly alpha: readonly number[];
  readonly beta: number;
}

const names = kinds.flatMap((kind) => [`${kind} alpha`, `${kind} beta`]);

async function weigh(program: Program, problem: Problem): Promise<Record<DirectionKind, Weights>> {
  const { rows, constraint, ridge, present = rows.map(() => 1) } = problem;
  const inputs = { gram: gramOf([...rows, constraint]), present, ridge: [ridge] };
  const outputs = await runWith(program, names, { inputs });
  return Object.fromEntries(
    kinds.map((kind) => [kind, { alpha: outputs[`${kind} alpha`]!, beta: outputs[`${kind} beta`]![0]! }]),
  ) as Record<DirectionKind, Weights>;
}

/** Independent gradients of unlike lengths, and a constraint that half opposes them. */
function randomProblem(seed: number): Problem & { readonly random: Random } {
  const random = new Random(seed);
  const rows = independentRows(random, tasks).map((row) => row.map(Math.fround));
  const opposition = combine(
    rows,
    rows.map(() => -1 / tasks),
  );
  const size = Math.sqrt(opposition.reduce((sum, x) => sum + x * x, 0) / opposition.length);
  const constraint = opposition.map((x) => Math.fround(0.7 * x + size * random.normal()));
  return { rows, constraint, ridge: random.uniform() < 0.5 ? 0 : 0.5, random };
}

describe.each(devices)('step weights on $name', ({ device, numRuns, rounding }) => {
  let program: Program;
  let fewer: Program;
  beforeAll(async () => {
    program = await weighing(tasks, device);
    fewer = await weighing(tasks - 1, device);
  });
  afterAll(() => {
    program.dispose();
    fewer.dispose();
  });
  const tolerance = 100 * rounding;
  const close = (actual: Weights, expected: Weights, what: string): void => {
    const worst = Math.max(...expected.alpha.map((weight, t) => Math.abs(actual.alpha[t]! - weight)));
    expect(worst, what).toBeLessThan(tolerance);
    expect(Math.abs(actual.beta - expected.beta), what).toBeLessThan(tolerance * expected.beta);
  };
  const holds = (property: (problem: ReturnType<typeof randomProblem>) => Promise<void>): Promise<void> =>
    fc.assert(
      fc.asyncProperty(fc.nat(1e6), (seed) => property(randomProblem(seed))),
      { numRuns },
    );

  test('permuting the tasks permutes α and leaves β', () =>
    holds(async ({ random, ...problem }) => {
      const order = random.permutation(tasks);
      const weights = await weigh(program, problem);
      const permuted = await weigh(program, { ...problem, rows: Array.from(order, (t) => problem.rows[t]!) });
      for (const kind of kinds) {
        const alpha = Array.from(order, (t) => weights[kind].alpha[t]!);
        close(permuted[kind], { ...weights[kind], alpha }, kind);
      }
    }));

  test('a task without labels leaves the program: weights are those of the others alone', () =>
    holds(async ({ random, ...problem }) => {
      const absent = random.int(tasks);
      const present = problem.rows.map((_, t) => Number(t !== absent));
      // Its losses have no labels, so its gradient is 0.
      const rows = problem.rows.map((row, t) => (t === absent ? row.map(() => 0) : row));
      const weights = await weigh(program, { ...problem, rows, present });
      const without = await weigh(fewer, { ...problem, rows: rows.filter((_, t) => t !== absent) });
      for (const kind of kinds) {
        expect(weights[kind].alpha[absent]).toBe(0);
        const alpha = weights[kind].alpha.filter((_, t) => t !== absent);
        close({ ...weights[kind], alpha }, without[kind], kind);
      }
    }));

  test('fairness pressure βλ does not fall as λ grows, and β is at least 1', () =>
    holds(async ({ random: _, ...problem }) => {
      let pressure = 0;
      for (const lambda of [0, 0.05, 0.2, 1, 3, 10, 40]) {
        const constraint = problem.constraint.map((x) => x * lambda);
        const weights = await weigh(program, { ...problem, constraint });
        expect(weights['pareto-guided'].beta).toBeGreaterThanOrEqual(1);
        const next = lambda * weights['pareto-guided'].beta;
        expect(next).toBeGreaterThanOrEqual(pressure * (1 - tolerance));
        pressure = next;
      }
    }));

  test('without a constraint, `pareto-guided` is `utility-only`', () =>
    holds(async ({ random: _, ...problem }) => {
      const weights = await weigh(program, { ...problem, constraint: problem.constraint.map(() => 0) });
      close(weights['pareto-guided'], weights['utility-only'], 'pareto-guided');
      expect(weights['pareto-guided'].beta).toBe(1);
    }));
});

test('with λA inside a raw min-norm, the pressure falls as λ grows (negative control)', () => {
  let fallen = 0;
  const trials = 50;
  for (let seed = 0; seed < trials; seed++) {
    const random = new Random(seed);
    const normals = (): Float64Array => Float64Array.from({ length: tasks + 10 }, () => random.normal());
    const rows = Array.from({ length: tasks }, normals);
    const constraint = normals();
    const pressureAt = (lambda: number): number => {
      const inside = rows.map((row, t) => (t === 0 ? row.map((x, i) => x + lambda * constraint[i]!) : row));
      return lambda * minNormPoint(gramOf(inside))[0]!;
    };
    if (pressureAt(100) < 0.7 * pressureAt(1)) fallen++;
  }
  expect(fallen).toBeGreaterThan(trials / 2);
});
