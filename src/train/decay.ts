// Validation numbers over epochs: one epoch's, of a few thousand rows, is mostly noise, and a rule that looked at single
// epochs would choose the luckiest.

/** Weight of the newest epoch. */
const newest = 0.5;

/** Each number mixed with those before it; `undefined` where none was measured, which changes nothing later. */
export function decayed(values: readonly (number | undefined)[]): (number | undefined)[] {
  let mean: number | undefined;
  return values.map((value) => {
    if (value === undefined) return undefined;
    mean = mean === undefined ? value : mean + newest * (value - mean);
    return mean;
  });
}
