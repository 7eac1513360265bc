// The anchored reference over time (METHOD §2.2): what the anchor remembers, when it follows and when it only gives way.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/program/index.ts';
import { anyCells, cells, compileCells, runCells, tasks, unset } from '../support/cells.ts';
import type { Constraint } from '../support/constraint.ts';
import { devices, float64, type Outputs } from '../support/devices.ts';

const rate = 0.25;
const decay = 0.125;
const settings = { 'anchor rate': rate, 'anchor decay': decay };

/** The anchor after a step that saw `best` (none: no eligible cell), by the words of METHOD §2.2. */
function next(anchor: number, best: number | undefined, follows: boolean): number {
  if (best === undefined) return anchor;
  if (anchor === unset) return best;
  if (follows) return anchor + rate * (best - anchor);
  return anchor + decay * Math.min(0, best - anchor);
}

function bestOf({ served, eligible }: Outputs, t: number): number | undefined {
  const levels = served!.slice(t * cells, (t + 1) * cells).filter((_, i) => eligible![t * cells + i] === 1);
  return levels.length === 0 ? undefined : Math.max(...levels);
}

const acting = fc.array(fc.constantFrom(0, 1), { minLength: tasks, maxLength: tasks });
const history = fc.array(fc.tuple(anyCells, acting), { minLength: 2, maxLength: 6 });

describe.each(devices)('anchors on $name', ({ device, rounding, numRuns }) => {
  let constraint: Constraint;
  let fresh: Snapshot;
  beforeAll(async () => {
    constraint = await compileCells('anchored', device);
    fresh = await constraint.program.save();
  });
  afterAll(() => constraint[Symbol.dispose]());

  test('follow the best served while the constraint does not act on the task, else fall slowly and never rise', () =>
    fc.assert(
      fc.asyncProperty(history, async (steps) => {
        constraint.program.restore(fresh);
        let expected = new Array<number>(tasks).fill(unset);
        for (const [{ anchors: _, ...sample }, acting] of steps) {
          const outputs = await runCells(constraint, { ...sample, acting }, settings);
          expected = expected.map((anchor, t) => next(anchor, bestOf(outputs, t), acting[t] === 0));
          const actual = await constraint.program.readState('fairness/anchor');
          expected.forEach((anchor, t) => {
            const scale = anchor === unset ? 1e30 : 1;
            expect(Math.abs(actual[t]! - anchor)).toBeLessThan(10 * rounding * scale);
          });
        }
      }),
      { numRuns: Math.ceil(numRuns / 3) },
    ));
});

test('an anchor starts at the first best-served level, however late a cell is eligible, and never at 0', async () => {
  using constraint = await compileCells('anchored', float64.device);
  const everyone = new Array<boolean>(tasks * cells).fill(true);
  const sample = {
    served: everyone.map((_, i) => -0.2 - 0.01 * (i % cells)),
    tolerance: [0, 0, 0],
    weights: [1, 1, 1],
    tau: 0.04,
    delta: 0.02,
  };
  const nobody = await runCells(constraint, { ...sample, present: everyone.map(() => false) }, settings);
  expect(nobody['violation']).toEqual([0, 0, 0]);
  expect(nobody['signal']).toEqual([-1, -1, -1]);
  expect(nobody['anchors']).toEqual([unset, unset, unset]);
  const { anchors, shortfalls } = await runCells(constraint, { ...sample, present: everyone }, settings);
  expect(anchors![0]).toBeCloseTo(-0.2, 12);
  expect(Math.max(...shortfalls!)).toBeCloseTo(0.04, 12);
});
