// Validation numbers decayed over epochs.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decayed } from '../../src/train/decay.ts';

const value = fc.double({ min: -1, max: 1, noNaN: true });
const measured = fc.option(value, { nil: undefined });

test('each is within the range of what was measured so far, half of it the newest', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 2, maxLength: 30 }), (values) => {
      const means = decayed(values) as number[];
      means.forEach((mean, at) => {
        const seen = values.slice(0, at + 1);
        expect(mean).toBeGreaterThanOrEqual(Math.min(...seen) - 1e-12);
        expect(mean).toBeLessThanOrEqual(Math.max(...seen) + 1e-12);
        if (at > 0) expect(mean).toBeCloseTo((means[at - 1]! + values[at]!) / 2, 12);
      });
    }),
  );
});

test('what was not measured stays so and changes nothing else', () => {
  fc.assert(
    fc.property(fc.array(measured, { maxLength: 30 }), (values) => {
      const means = decayed(values);
      expect(means.map((mean) => mean === undefined)).toEqual(values.map((one) => one === undefined));
      const known = (list: readonly (number | undefined)[]) => list.filter((one) => one !== undefined);
      expect(known(means)).toEqual(decayed(known(values)));
    }),
  );
});
