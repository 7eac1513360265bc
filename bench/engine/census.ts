// What a library asks of WebGPU: its calls are counted where they enter the implementation.

const counted = [
  ['GPUQueue', 'submit', 'submits'],
  ['GPUQueue', 'writeBuffer', 'buffer writes'],
  ['GPUComputePassEncoder', 'dispatchWorkgroups', 'dispatches'],
  ['GPUDevice', 'createBuffer', 'new buffers'],
  ['GPUDevice', 'createBindGroup', 'new bind groups'],
] as const;

export const censusOf = counted.map(([, , what]) => what);
export type Census = Readonly<Record<(typeof censusOf)[number], number>>;

const counts = new Map<string, number>();

/** Begins to count, once the globals of WebGPU are there; nothing is counted where they are not. */
export function installCensus(): void {
  for (const [owner, method, what] of counted) {
    const prototype: unknown = Reflect.get(globalThis, owner)?.prototype;
    if (typeof prototype !== 'object' || prototype === null) continue;
    const original: unknown = Reflect.get(prototype, method);
    if (typeof original !== 'function') continue;
    Reflect.set(prototype, method, function (this: unknown, ...given: unknown[]): unknown {
      counts.set(what, (counts.get(what) ?? 0) + 1);
      return Reflect.apply(original, this, given);
    });
  }
}

/** Since the last call. */
export function takeCensus(): Census {
  const taken = Object.fromEntries(censusOf.map((what) => [what, counts.get(what) ?? 0]));
  counts.clear();
  return taken as Census;
}
