// What AHFDA asks of whom (METHOD §2.4, items 1, 2 and 4).
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AnchoredCells,
  anyCells,
  between,
  type Cells,
  cells,
  compileCells,
  runCells,
  tasks,
  unset,
} from '../support/cells.ts';
import type { Constraint } from '../support/constraint.ts';
import { devices, type Outputs } from '../support/devices.ts';

/** Nearer to a bound than this, rounding decides on which side a cell is. */
const edge = 1e-5;

/** One task's cells in the outputs of a run. */
function ofTask(outputs: Outputs, t: number) {
  const part = (name: string): number[] => outputs[name]!.slice(t * cells, (t + 1) * cells);
  const served = part('served');
  const eligible = part('eligible').map(Boolean);
  const best = Math.max(...served.filter((_, cell) => eligible[cell]));
  return {
    served,
    eligible,
    shortfalls: part('shortfalls'),
    slopes: part('by served'),
    best,
    anchor: outputs['anchors']![t]!,
    violation: outputs['violation']![t]!,
  };
}

const everyTask = (check: (t: number) => void): void => {
  for (let t = 0; t < tasks; t++) check(t);
};

describe.each(devices)('on $name', ({ device, rounding, numRuns }) => {
  let constraint: Constraint;
  beforeAll(async () => {
    constraint = await compileCells('anchored', device);
  });
  afterAll(() => constraint[Symbol.dispose]());
  const holds = (property: (sample: AnchoredCells) => Promise<void>): Promise<void> =>
    fc.assert(fc.asyncProperty(anyCells, property), { numRuns });

  test('shortfalls are R − S − ε, measured from the anchor or from a best served above it', () =>
    holds(async (sample) => {
      const outputs = await runCells(constraint, sample);
      everyTask((t) => {
        const { served, eligible, shortfalls, best, anchor } = ofTask(outputs, t);
        expect(anchor).toBe(sample.anchors[t] === unset && eligible.some(Boolean) ? best : sample.anchors[t]);
        served.forEach((level, cell) => {
          expect(eligible[cell]).toBe(sample.present[t * cells + cell]);
          if (!eligible[cell]) return;
          const expected = Math.max(anchor, best) - level - sample.tolerance[t]!;
          expect(Math.abs(shortfalls[cell]! - expected)).toBeLessThan(4 * rounding);
        });
      });
    }));

  test('one-sided: A falls as a violated cell rises; no cell within tolerance is touched, bit for bit', () =>
    holds(async (sample) => {
      const outputs = await runCells(constraint, sample);
      everyTask((t) => {
        const { served, eligible, shortfalls, slopes, best, anchor } = ofTask(outputs, t);
        served.forEach((level, cell) => {
          const reference = level === best && best > anchor;
          if (eligible[cell] && shortfalls[cell]! > edge) expect(slopes[cell]).toBeLessThan(0);
          else if (!reference && !(Math.abs(shortfalls[cell]!) <= edge))
            expect(slopes[cell]! === 0).toBe(true);
        });
      });
    }));

  test('the best-served cell is never pushed below its anchor, and gives back above it what others lack', () =>
    holds(async (sample) => {
      const outputs = await runCells(constraint, sample);
      everyTask((t) => {
        const { served, eligible, shortfalls, slopes, best, anchor } = ofTask(outputs, t);
        const ofBest = slopes.filter((_, cell) => eligible[cell] && served[cell] === best);
        const ofOthers = slopes.filter((_, cell) => !eligible[cell] || served[cell] !== best);
        const total = (values: number[]): number => values.reduce((sum, value) => sum + value, 0);
        if (best <= anchor) {
          // Our reading: at most ε below its anchor it is left alone; further below it is lifted like anyone else.
          const sunk = shortfalls.some((e, cell) => served[cell] === best && e > -edge);
          if (!sunk) expect(ofBest.every((slope) => slope === 0)).toBe(true);
          expect(ofBest.every((slope) => slope <= 0)).toBe(true);
        } else if (eligible.some(Boolean)) {
          expect(Math.abs(total(ofBest) + total(ofOthers))).toBeLessThan(rounding * (1 + total(ofBest)));
        }
      });
    }));

  test('A ≥ 0, and A = 0 exactly where every cell is within tolerance', () =>
    holds(async (sample) => {
      const outputs = await runCells(constraint, sample);
      everyTask((t) => {
        const { eligible, shortfalls, violation } = ofTask(outputs, t);
        const worst = Math.max(unset, ...shortfalls.filter((_, cell) => eligible[cell]));
        if (worst <= 0) expect(violation).toBe(0);
        if (worst > edge) expect(violation).toBeGreaterThan(0);
        expect(violation).toBeGreaterThanOrEqual(0);
      });
      const none = outputs['violation']!.every((violation) => violation === 0);
      expect(outputs['total']![0]! > 0).toBe(!none);
      if (none) expect(outputs['by outputs']!.every((slope) => slope === 0)).toBe(true);
    }));

  test('levelling down does not pay: no cell that sinks, from its anchor or below, lowers A', () =>
    fc.assert(
      fc.asyncProperty(anyCells, fc.nat(cells - 1), between(0, 1), async (sample, cell, loss) => {
        const anchored = withAnchorsAbove(sample);
        const before = await runCells(constraint, anchored);
        const after = await runCells(constraint, sunk(anchored, cell, loss));
        everyTask((t) => {
          const slack = rounding * (1 + before['violation']![t]!);
          expect(after['violation']![t]).toBeGreaterThanOrEqual(before['violation']![t]! - slack);
        });
      }),
      { numRuns },
    ));
});

/** Every best-served cell at its anchor or below. */
function withAnchorsAbove(sample: AnchoredCells): Cells {
  const anchors = sample.anchors.map((anchor, t) =>
    Math.max(anchor, ...sample.served.slice(t * cells, (t + 1) * cells)),
  );
  return { ...sample, anchors };
}

/** The same people, but one cell (of each task) served worse. */
function sunk(sample: Cells, cell: number, loss: number): Cells {
  const served = sample.served.map((level, i) => (i % cells === cell ? Math.fround(level - loss) : level));
  return { ...sample, served };
}

/** One task's best-served cell sinks to the level of the next; the others stay. */
const levelled: Cells = {
  served: [0.9, 0.5, 0.5, 0.5, 0.5, ...new Array<number>((tasks - 1) * cells).fill(0.5)],
  present: new Array<boolean>(tasks * cells).fill(true),
  anchors: [0.9, 0.5, 0.5],
  tolerance: new Array<number>(tasks).fill(0.02),
  weights: new Array<number>(tasks).fill(1),
  tau: 0.04,
  delta: 0.02,
};

describe('negative controls', () => {
  test('with the ratchet off, sinking the best served lowers A: levelling down pays', async () => {
    using constraint = await compileCells('stopped-maximum');
    const before = (await runCells(constraint, levelled))['violation']![0]!;
    const after = (await runCells(constraint, sunk(levelled, 0, 0.3)))['violation']![0]!;
    expect(after).toBeLessThan(0.5 * before);
    await fc.assert(
      fc.asyncProperty(anyCells, async (sample) => {
        const outputs = await runCells(constraint, sample);
        everyTask((t) => {
          const { served, eligible, slopes, best } = ofTask(outputs, t);
          // No gradient asks for it, all the same.
          served.forEach((level, cell) => {
            if (eligible[cell] && level === best) expect(slopes[cell]! === 0).toBe(true);
          });
        });
      }),
    );
  });

  test('with the live gradient off, a best served above its anchor drags the reference and gives nothing back', async () => {
    const risen = { ...levelled, anchors: [0.6, 0.5, 0.5] };
    for (const [reference, givesBack] of [
      ['anchored', true],
      ['stopped-anchor', false],
    ] as const) {
      using constraint = await compileCells(reference);
      const { shortfalls, slopes } = ofTask(await runCells(constraint, risen), 0);
      expect(shortfalls[1]).toBeCloseTo(0.38);
      expect(slopes[0]! > 0).toBe(givesBack);
    }
  });
});
