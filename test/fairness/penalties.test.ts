// The comparators' penalties against plain loops, over random levels and groups that count or do not.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { penalty } from '../../src/fairness/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import { compile } from '../../src/program/index.ts';
import { devices, runWith } from '../support/devices.ts';

const [columns, partitions, cells] = [2, 3, 4];
const size = columns * partitions * cells;

function penalties() {
  const graph = newGraph();
  const shape = [columns, partitions, cells];
  const levels = {
    served: graph.input('served', shape),
    errors: graph.literal(0).expand(shape),
    eligible: graph.input('eligible', shape).gt(0.5),
  };
  return { outputs: { symmetric: penalty('symmetric', levels), worst: penalty('worst-group', levels) } };
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const average = (values: readonly number[]): number => sum(values) / values.length;

/** Of each partition with two eligible cells or more; 0 of the others. */
function plain(served: readonly number[], eligible: readonly boolean[]) {
  const ofParts = (of: (levels: readonly number[]) => number): number[][] =>
    Array.from({ length: columns }, (_, k) =>
      Array.from({ length: partitions }, (_, s) => {
        const from = (k * partitions + s) * cells;
        const levels = served.slice(from, from + cells).filter((_, g) => eligible[from + g]);
        return levels.length < 2 ? 0 : of(levels);
      }),
    );
  const spread = ofParts((levels) => average(levels.map((level) => Math.abs(level - average(levels)))));
  return { symmetric: spread.map(average), worst: ofParts((levels) => -Math.min(...levels)).map(sum) };
}

describe.each(devices)('penalties on $name', ({ device, rounding, numRuns }) => {
  test('are the mean distance to the mean of the groups, and the worst group negated, where two groups count', async () => {
    using program = await compile(penalties(), device);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: size, maxLength: size }),
        fc.array(fc.boolean(), { minLength: size, maxLength: size }),
        async (served, eligible) => {
          const outputs = await runWith(program, ['symmetric', 'worst'], {
            inputs: { served, eligible: eligible.map(Number) },
          });
          const expected = plain(served, eligible);
          for (const name of ['symmetric', 'worst'] as const) {
            expected[name].forEach((value, k) => {
              expect(Math.abs(outputs[name]![k]! - value)).toBeLessThan(10 * rounding);
            });
          }
        },
      ),
      { numRuns },
    );
  });
});
