// What follows a hand-written kernel in its own dispatch: a fused chain takes up each element where the kernel would
// store it (bias and activation of a layer), or the element goes to its place in a larger tensor.
import type { Node } from '../graph/node.ts';
import type { KernelCall } from '../ops/index.ts';
import type { PlanBinding } from '../passes/plan.ts';
import { type Chain, ChainText } from './pointwise.ts';

/** `fn store(i: u32, value: T) { y[i] = value; }`, which kernels with `hasStore` have. */
const hook = /fn store\(i: u32, value: (\w+)\) \{ (\w+)\[i\] = value; \}/;

/** The hook, the type of what is stored, the variable that it goes to. */
function hookOf(wgsl: string): readonly [string, string, string] {
  const found = hook.exec(wgsl);
  if (!found) throw new Error('the kernel has no function `store` as its `hasStore` says');
  return found as unknown as readonly [string, string, string];
}

export interface Epilogue {
  readonly call: KernelCall;
  /** Those of the chain, which stand in place of the kernel's own output. */
  readonly bindings: readonly PlanBinding[];
  readonly elementsMoved: number;
}

/** `call`, the last of `kernel`, with the chain in its `store`. Its output binding, the last, goes. */
export function withEpilogue(call: KernelCall, kernel: Node, chain: Chain): Epilogue {
  const { wgsl } = call;
  const [whole, alias, output] = hookOf(wgsl);
  const offsets = new Map<number, string>();
  const text = new ChainText(chain, {
    given: new Map([[kernel, 'value']]),
    firstBinding: call.bindings.length - 1,
    // Offsets are sizes like the kernel's own: layers that differ in nothing else share a pipeline.
    printOffset: (elements) => {
      const name = offsets.get(elements) ?? `OFFSET_${offsets.size}`;
      offsets.set(elements, name);
      return name;
    },
  });
  const declared = new RegExp(
    `^@group\\(0\\) @binding\\(\\d+\\) var<storage, read_write> ${output}: .*;$`,
    'm',
  );
  const overrides = [...offsets.values()].map((name) => `override ${name}: u32 = 0;`);
  const code = [
    // By functions, since the text may hold `$`.
    wgsl
      .replace(declared, () => [text.declarations, ...overrides].join('\n'))
      .replace(whole, () => stores(text, alias, elementOf(wgsl, alias)).join('\n\n')),
    ...text.functions(),
  ];
  return {
    call: {
      ...call,
      wgsl: code.join('\n'),
      sizes: {
        ...call.sizes,
        ...Object.fromEntries([...offsets].map(([elements, name]) => [name, elements])),
      },
    },
    bindings: text.bindings,
    elementsMoved: text.elementsMoved,
  };
}

/** The type that an alias of the kernel stands for. */
function elementOf(wgsl: string, alias: string): string {
  return new RegExp(`^alias ${alias} = (\\w+);`, 'm').exec(wgsl)?.[1] ?? alias;
}

/** The kernel hands over one element, or four neighbours at once. */
function stores({ lines }: ChainText, alias: string, type: string): string[] {
  const store = (name: string, scalar: string): string =>
    [`fn ${name}(i: u32, value: ${scalar}) {`, ...lines, '}'].join('\n');
  const vector = /^vec4([fiu])$/.exec(type)?.[1];
  if (!vector) return [store('store', alias)];
  return [
    [
      `fn store(i: u32, value: ${alias}) {`,
      '  for (var lane = 0u; lane < 4; lane++) { store_one(4 * i + lane, value[lane]); }',
      '}',
    ].join('\n'),
    store('store_one', `${vector}32`),
  ];
}
