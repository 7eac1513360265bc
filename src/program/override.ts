// Kernels of a plan by name, and a plan with some of them replaced by WGSL edited by hand: write a kernel to a file,
// change it, run it in the engine's place. (The idea is tinygrad's and Triton's kernel override.)
import type { Plan } from '../passes/plan.ts';
import { misuse, ProgramError } from '../tensor/errors.ts';

/**
 * WGSL by the kernel that it replaces: its label where the plan has only one text of that label, else its name or hash
 * (`kernelsOf`). Bindings, entry point, constants, sizes and the grid stay as they are; on software
 * adapters one text may serve several layers.
 */
export type KernelOverrides = Readonly<Record<string, string>>;

/** One text of WGSL in a plan. */
export interface KernelText {
  /** `matmul.nn-1a2b3c4d`: its first label and the hash, fit for a file name. */
  readonly name: string;
  /** Of its dispatches; more than one where a module has several entry points. */
  readonly labels: readonly string[];
  readonly hash: string;
  readonly wgsl: string;
  /** Indices of the plan's dispatches that run it. */
  readonly dispatches: readonly number[];
}

/** The distinct kernels of a plan, in the order of their first dispatch. */
export function kernelsOf(plan: Plan): KernelText[] {
  const running = new Map<string, number[]>();
  plan.dispatches.forEach(({ wgsl }, at) => {
    running.set(wgsl, [...(running.get(wgsl) ?? []), at]);
  });
  return [...running].map(([wgsl, dispatches]) => {
    const labels = [...new Set(dispatches.map((at) => plan.dispatches[at]!.label))];
    const hash = hashOf(wgsl);
    return { name: `${labels[0]!.replaceAll(/[^\w.+-]/g, '_')}-${hash}`, labels, hash, wgsl, dispatches };
  });
}

/** FNV-1a in 32 bits over UTF-16 units: names a text, guards against nothing. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

export interface Overridden {
  readonly plan: Plan;
  /** Indices of the dispatches that run other text than before. */
  readonly replaced: readonly number[];
}

/** @throws ProgramError where a key names no kernel of the plan, or several */
export function overrideKernels(plan: Plan, overrides: KernelOverrides): Overridden {
  const kernels = kernelsOf(plan);
  const dispatches = [...plan.dispatches];
  const replaced: number[] = [];
  for (const [key, wgsl] of Object.entries(overrides)) {
    for (const at of kernelNamed(kernels, key).dispatches) {
      dispatches[at] = { ...dispatches[at]!, wgsl };
      replaced.push(at);
    }
  }
  return { plan: { ...plan, dispatches }, replaced };
}

function kernelNamed(kernels: readonly KernelText[], key: string): KernelText {
  const matching = kernels.filter(({ name, labels, hash }) => [name, hash, ...labels].includes(key));
  if (matching.length === 1) return matching[0]!;
  const several = matching.length > 1;
  const names = (several ? matching : kernels).map(({ name }) => name).join(', ');
  const expected = several ? `one of the kernels of that label: ${names}` : `a kernel of the plan: ${names}`;
  throw new ProgramError(misuse('overrideKernel', expected, `'${key}'`));
}
