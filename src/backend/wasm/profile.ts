// Times of a step's calls, one by one. Browsers round their clocks to 5–100 µs, Node does not.
import type { StepProfile } from '../webgpu/index.ts';
import type { Call } from './generate.ts';

const nanoseconds = 1e6;

export async function profile(
  calls: readonly Call[],
  functions: readonly (() => void)[],
  repetitions: number,
): Promise<StepProfile> {
  const times = calls.map((): number[] => []);
  const profiled: number[] = [];
  const unprofiled: number[] = [];
  await warmUp(functions);
  for (let turn = 0; turn < repetitions; turn++) {
    const begin = performance.now();
    let last = begin;
    functions.forEach((run, at) => {
      run();
      const now = performance.now();
      times[at]!.push(now - last);
      last = now;
    });
    for (const run of functions) run();
    profiled.push(last - begin);
    unprofiled.push(performance.now() - last);
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

/** The optimising compiler works beside us, and hands its code over between tasks. */
async function warmUp(functions: readonly (() => void)[]): Promise<void> {
  for (let pause = 0; pause < 3; pause++) {
    const end = performance.now() + 20;
    do for (const run of functions) run();
    while (performance.now() < end);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
