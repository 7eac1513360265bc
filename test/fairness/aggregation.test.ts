// The worst-case aggregation V_τ (METHOD §2.3 and §2.4, item 5), over random violations and at the ends of its range.
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { grads } from '../../src/autodiff/index.ts';
import { aggregate } from '../../src/fairness/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import { compile, type Program } from '../../src/program/index.ts';
import { devices, type Outputs, runWith } from '../support/devices.ts';

const length = 6;
const names = ['whole', 'nested', 'padded', 'slopes'];

/** All of V at once: flat, of two halves first, among zeros, and its gradient. */
function aggregations() {
  const graph = newGraph();
  const violations = graph.input('violations', [length]);
  const tau = graph.scalar('tau', 1);
  const whole = aggregate(violations, tau);
  return {
    outputs: {
      whole,
      nested: aggregate(aggregate(violations.reshape([2, length / 2]), tau), tau),
      padded: aggregate(violations.pad([3], [2]), tau),
      slopes: grads([whole], [violations])[0]![0]!,
    },
  };
}

/** v/τ from nothing to where only the largest counts, and between. */
const ratio = fc.oneof(
  fc.constantFrom(0, 1e-8, 1, 30, 1e4),
  fc.double({ min: 0, max: 80, noNaN: true }).map((x) => (x < 1e-30 ? 0 : x)),
);
const ratios = fc.array(ratio, { minLength: length, maxLength: length });
const temperature = fc.constantFrom(0.01, 0.04, 1, 30);

describe.each(devices)('V of random violations on $name', ({ device, rounding, numRuns }) => {
  let program: Program;
  beforeAll(async () => {
    program = await compile(aggregations(), device);
    return () => program.dispose();
  });

  const evaluate = (violations: readonly number[], tau: number): Promise<Outputs> =>
    runWith(program, names, { inputs: { violations }, scalars: { tau } });
  const close = (actual: number, expected: number): void => {
    expect(Math.abs(actual - expected)).toBeLessThanOrEqual(rounding * Math.abs(expected));
  };
  const holds = (property: (violations: number[], tau: number) => Promise<void>): Promise<void> =>
    fc.assert(
      fc.asyncProperty(ratios, temperature, (list, tau) =>
        property(
          list.map((x) => x * tau),
          tau,
        ),
      ),
      { numRuns },
    );

  test('is finite, and lies between max v and both Σ v and max v + τ log K', () =>
    holds(async (violations, tau) => {
      const [whole] = (await evaluate(violations, tau))['whole']!;
      const largest = Math.max(...violations);
      const count = Math.max(1, violations.filter((v) => v > 0).length);
      const sum = violations.reduce((a, b) => a + b);
      expect(whole).toBeGreaterThanOrEqual(largest * (1 - rounding));
      expect(whole).toBeLessThanOrEqual(sum * (1 + rounding));
      expect(whole).toBeLessThanOrEqual((largest + tau * Math.log(count)) * (1 + rounding));
    }));

  test('is 0 exactly where every v is 0, and positive elsewhere', async () => {
    expect((await evaluate(new Array(length).fill(0), 0.04))['whole']).toEqual([0]);
    await holds(async (violations, tau) => {
      const [whole] = (await evaluate(violations, tau))['whole']!;
      expect(whole! > 0).toBe(violations.some((v) => v > 0));
    });
  });

  test('is the same in two storeys as flat, among zeros, and in any order', () =>
    holds(async (violations, tau) => {
      const { whole, nested, padded } = await evaluate(violations, tau);
      const turned = await evaluate([...violations.slice(2).reverse(), ...violations.slice(0, 2)], tau);
      close(nested![0]!, whole![0]!);
      close(padded![0]!, whole![0]!);
      close(turned['whole']![0]!, whole![0]!);
    }));

  test('scales with v and τ together', () =>
    holds(async (violations, tau) => {
      const { whole } = await evaluate(violations, tau);
      const scaled = await evaluate(
        violations.map((v) => 8 * v),
        8 * tau,
      );
      close(scaled['whole']![0]!, 8 * whole![0]!);
    }));

  test('never falls when one v rises', () =>
    fc.assert(
      fc.asyncProperty(ratios, temperature, fc.nat(length - 1), ratio, async (list, tau, at, more) => {
        const violations = list.map((x) => x * tau);
        const { whole } = await evaluate(violations, tau);
        const raised = await evaluate(violations.with(at, violations[at]! + more * tau), tau);
        expect(raised['whole']![0]).toBeGreaterThanOrEqual(whole![0]! * (1 - rounding));
      }),
      { numRuns },
    ));

  test('has the slope exp((v_j − V)/τ), in (0, 1] and 1 on the largest as τ → 0', () =>
    holds(async (violations, tau) => {
      const { whole, slopes } = await evaluate(violations, tau);
      violations.forEach((v, j) => {
        const exponent = (v - whole![0]!) / tau;
        const expected = Math.exp(exponent);
        // An exponent of 10⁴ is known to rounding · 10⁴.
        const tolerance = rounding * Math.max(1, whole![0]! / tau);
        expect(Math.abs(slopes![j]! - expected)).toBeLessThanOrEqual(tolerance * expected + 1e-37);
        expect(slopes![j]).toBeLessThanOrEqual(1);
        if (exponent > -80) expect(slopes![j]).toBeGreaterThan(0);
      });
    }));
});

test('the slope of V is its difference quotient, in float64', async () => {
  const program = await compile(aggregations(), devices[0]!.device);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.double({ min: 0.01, max: 60, noNaN: true }), { minLength: length, maxLength: length }),
      fc.nat(length - 1),
      async (violations, at) => {
        const h = 1e-5;
        const value = async (v: number): Promise<number> => {
          const outputs = await runWith(program, names, {
            inputs: { violations: violations.with(at, v) },
            scalars: { tau: 1 },
          });
          return outputs['whole']![0]!;
        };
        const quotient = ((await value(violations[at]! + h)) - (await value(violations[at]! - h))) / (2 * h);
        const { slopes } = await runWith(program, names, { inputs: { violations }, scalars: { tau: 1 } });
        expect(Math.abs(slopes![at]! - quotient)).toBeLessThan(1e-8);
      },
    ),
    { numRuns: 100 },
  );
  program.dispose();
});
