// The plan: pure data that says which kernels run over which buffers. It follows from the graph and the target
// alone, can be printed and compared, and is replayed by the executor thousands of times.
import type { Node } from '../graph/node.ts';
import type { DType, HostArray, Shape } from '../tensor/types.ts';

/** `input`, `scalars`: written by the host. `state`: persists. `temp`: reused. `output`: lives to the end of a step. */
export type BufferRole = 'input' | 'scalars' | 'state' | 'constant' | 'temp' | 'output';

export interface PlanBuffer {
  readonly label: string;
  readonly role: BufferRole;
  readonly bytes: number;
  /** Contents at creation (`state`, `scalars` and `constant`); bool already widened to u32. */
  readonly init?: HostArray;
}

export interface PlanBinding {
  /** Index into `Plan.buffers`. */
  readonly buffer: number;
  readonly access: 'read' | 'read_write';
}

export interface Dispatch {
  readonly label: string;
  /** Names of the graph nodes that it computes. */
  readonly nodes: readonly string[];
  /** `512×256, 256×64 → 512×64`: see `shapesOf`. */
  readonly shapes: string;
  readonly wgsl: string;
  readonly entryPoint: string;
  readonly constants: Readonly<Record<string, number>>;
  /** Words (u32) of the kernel's uniform buffer, which is bound after `bindings`; never written between steps. */
  readonly uniforms?: readonly number[];
  readonly bindings: readonly PlanBinding[];
  readonly workgroups: readonly [number, number, number];
  /** Bytes that it must at least read and write. */
  readonly bytes: number;
  readonly flops: number;
}

/** Where a named tensor lies. On the device, bool is u32. Offset in elements. */
export interface PlanTensor {
  readonly buffer: number;
  readonly offset: number;
  readonly shape: Shape;
  readonly dtype: DType;
}

export interface Plan {
  readonly buffers: readonly PlanBuffer[];
  readonly dispatches: readonly Dispatch[];
  /** Commits of updates whose value could not be made in place, after all dispatches. */
  readonly copies: readonly { readonly from: number; readonly to: number; readonly bytes: number }[];
  readonly inputs: Readonly<Record<string, PlanTensor>>;
  readonly scalars: Readonly<Record<string, PlanTensor>>;
  readonly states: Readonly<Record<string, PlanTensor>>;
  readonly outputs: Readonly<Record<string, PlanTensor>>;
}

/** The shapes of a kernel's operands and of its result, or the one shape of a fused chain, for people to read. */
export function shapesOf(nodes: readonly Node[]): string {
  const text = (shape: Shape): string => shape.join('×') || '1';
  const [first] = nodes as readonly [Node];
  if (nodes.length > 1 || first.inputs.length === 0) return text(first.shape);
  return `${first.inputs.map((input) => text(input.shape)).join(', ')} → ${text(first.shape)}`;
}
