// Times of a step's calls, one by one. Browsers round their clocks to 5–100 µs, Node does not.
import type { StepProfile } from '../webgpu/index.ts';
import type { Call } from './generate.ts';

const nanoseconds = 1e6;

export function profile(
  calls: readonly Call[],
  functions: readonly (() => void)[],
  repetitions: number,
): StepProfile {
  const times = calls.map((): number[] => []);
  const profiled: number[] = [];
  const unprofiled: number[] = [];
  // The first turn warms up.
  for (let turn = 0; turn <= repetitions; turn++) {
    const begin = performance.now();
    let last = begin;
    functions.forEach((run, at) => {
      run();
      const now = performance.now();
      if (turn > 0) times[at]!.push(now - last);
      last = now;
    });
    for (const run of functions) run();
    if (turn > 0) {
      profiled.push(last - begin);
      unprofiled.push(performance.now() - last);
    }
  }
  return {
    adapter: 'WebAssembly SIMD, one thread',
    dispatches: calls.map(({ label, nodes, shapes, bytes, flops }, at) => ({
      ...{ label, nodes, shapes, bytes, flops },
      nanoseconds: nanoseconds * median(times[at]!),
      calls: repetitions,
    })),
    profiledStep: nanoseconds * median(profiled),
    unprofiledStep: nanoseconds * median(unprofiled),
    hostPerDispatch: 0,
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
