// Where a kernel's sizes go. A GPU's compiler makes good use of constants; an adapter that compiles for the CPU takes
// 0.1 to 0.5 s for every pipeline, so there the sizes of products, reductions and rows are data, and kernels that differ
// in nothing else share one. (Those that divide by a size for every element keep it constant: docs/rejected-optimisations.md.)
import type { KernelCall, Target } from '../ops/index.ts';
import type { Dispatch } from '../passes/plan.ts';

type Code = Pick<Dispatch, 'wgsl' | 'constants' | 'uniforms'>;

/** The code of `call`, its sizes in place. `bindings`: how many storage buffers it binds. */
export function placeSizes(call: KernelCall, bindings: number, { kernelClass }: Target): Code {
  const { wgsl, constants, sizes = {} } = call;
  const isData = kernelClass === 'software' && Object.keys(sizes).length > 0;
  if (!isData) return { wgsl, constants: { ...constants, ...sizes } };
  const undeclared = Object.keys(sizes).find(
    (name) => !new RegExp(`^override ${name}: u32 = \\d+;`, 'm').test(wgsl),
  );
  if (undeclared)
    throw new Error(`placeSizes: '${call.label}' has no line 'override ${undeclared}: u32 = …;'`);
  const fields: string[] = [];
  const uniforms: number[] = [];
  const rest = wgsl.replaceAll(/^override (\w+): u32 = (\d+);.*\n/gm, (line, name: string, value: string) => {
    if (name in constants) return line;
    fields.push(name);
    uniforms.push(sizes[name] ?? Number(value));
    return '';
  });
  // Read where they are used: WGSL takes a copy in a variable for a value that may differ between invocations.
  const names = new RegExp(`\\b(${fields.join('|')})\\b`, 'g');
  const lines = rest
    .split('\n')
    .map((line) => (line.startsWith('//') ? line : line.replaceAll(names, 'sizes.$1')));
  const declared = [
    `struct Sizes { ${fields.map((name) => `${name}: u32`).join(', ')} }`,
    `@group(0) @binding(${bindings}) var<uniform> sizes: Sizes;`,
  ];
  return { wgsl: [...lines, ...declared, ''].join('\n'), constants, uniforms };
}
