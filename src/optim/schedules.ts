// Learning-rate schedules as graph functions of a step count, so that a resumed run goes on where it was.
import type { Operand, Value } from '../graph/value.ts';

/** Rises linearly from 0 to 1 over `steps` steps: the factor at 0-based `step`, shape `[]`. */
export function warmup(step: Value, steps: Operand): Value {
  return step.add(1).div(steps).minimum(1);
}

/** Falls from 1 to `floor` along half a cosine over `steps` steps, and stays (Loshchilov & Hutter 2017). */
export function cosine(step: Value, steps: Operand, floor = 0): Value {
  const progress = step.div(steps).minimum(1);
  return progress
    .mul(Math.PI)
    .cos()
    .add(1)
    .mul((1 - floor) / 2)
    .add(floor);
}

/** Warm-up over the first `warmupSteps`, then a cosine over the rest of `totalSteps`. */
export function warmupCosine(step: Value, warmupSteps: number, totalSteps: number, floor = 0): Value {
  const fall = cosine(step.sub(warmupSteps).maximum(0), Math.max(1, totalSteps - warmupSteps), floor);
  return warmupSteps > 0 ? warmup(step, warmupSteps).mul(fall) : fall;
}
