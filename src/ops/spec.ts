// What a row of the op table holds: shape rule, gradient, CPU definition and GPU lowering, side by side, so that
// no backend and no gradient can drift apart unseen. (The one-row-per-op table is webgpu-torch's idea.)
import type { OpAttrs, OpName } from '../graph/attrs.ts';
import type { NodeWith } from '../graph/node.ts';
import type { Value } from '../graph/value.ts';
import type { DType, HostArray, Shape, TensorType } from '../tensor/types.ts';

export interface VjpContext<K extends OpName> {
  /** The gradient of the loss with respect to `output`: same shape, f32. Every rule must use it. */
  readonly g: Value;
  readonly inputs: readonly Value[];
  readonly output: Value;
  readonly attrs: OpAttrs[K];
}

/** One gradient an input, of the input's own shape; `null` where none flows. Built from the same ops. */
export type Vjp<K extends OpName> = (context: VjpContext<K>) => readonly (Value | null)[];

/** Fills `output` from `inputs`, all contiguous and row-major. This *is* the definition of the op. */
export type CpuKernel<K extends OpName> = (
  node: NodeWith<K>,
  inputs: readonly HostArray[],
  output: HostArray,
) => void;

export interface OpSpec<K extends OpName> {
  /** Throws `Mismatch` where the inputs do not fit. */
  infer(inputs: readonly TensorType[], attrs: OpAttrs[K]): TensorType;
  /** `'none'`: no gradient flows through this op. */
  readonly vjp: Vjp<K> | 'none';
  readonly cpu: CpuKernel<K>;
  readonly lower: Lowering<K>;
}

export type Lowering<K extends OpName> =
  /** Written by the planner: inputs, states, scalars, constants; literals, which are printed into kernels. */
  | { readonly kind: 'leaf' }
  /** No kernel: another way to index the input's buffer, or `null` where the input must be made contiguous first. */
  | { readonly kind: 'view'; readonly view: (node: NodeWith<K>, input: View) => View | null }
  /** One WGSL expression an element, which may call functions of `shaders/lib/`; chains of them are fused. */
  | {
      readonly kind: 'pointwise';
      readonly wgsl: (args: readonly string[], node: NodeWith<K>, at: ElementPosition) => string;
    }
  /** Hand-written kernels over contiguous operands. */
  | {
      readonly kind: 'kernel';
      readonly calls: (node: NodeWith<K>, context: LowerContext) => KernelPlan;
      /** The last kernel hands each finished element to its function `store`, where a fused chain may take it up. */
      readonly hasStore?: true;
    };

/** Strides and offset in elements, one stride an axis of `shape`; 0 along a broadcast axis. */
export interface View {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
}

/** WGSL expressions (u32) for the element being computed. */
export interface ElementPosition {
  readonly linear: string;
  readonly coordinate: (axis: number) => string;
}

/** What the planner knows of the adapter. Kernels of either class give the same answers. */
export interface Target {
  readonly kernelClass: 'software' | 'discrete';
  /** Lanes of a subgroup, where the device has the feature `subgroups` and all have as many. */
  readonly subgroupLanes?: number;
  readonly maxStorageBuffers: number;
  readonly maxInvocations: number;
  readonly maxWorkgroups: number;
  readonly maxBindingBytes: number;
}

export interface LowerContext {
  readonly target: Target;
  /** Where each contiguous input begins in its buffer, in elements: goes into an `override` constant. */
  readonly offsets: readonly number[];
  /** Of a concat: which operands were made where they belong in the result, and need no copy. */
  readonly inPlace?: readonly boolean[];
}

export interface KernelPlan {
  /** Scratch tensors that live during this node only. */
  readonly temps: readonly { readonly dtype: DType; readonly length: number }[];
  readonly calls: readonly KernelCall[];
}

export type Slot =
  | { readonly kind: 'input'; readonly index: number }
  | { readonly kind: 'output' }
  | { readonly kind: 'temp'; readonly index: number };

export interface KernelCall {
  /** As a profile shows it: `matmul.tn`, `reduce.sum`. */
  readonly label: string;
  readonly wgsl: string;
  readonly entryPoint: string;
  /** Values of the module's `override` declarations: what decides which code runs, and sizes better left constant. */
  readonly constants: Readonly<Record<string, number>>;
  /** Values of those of type u32 that may as well be data: extents, strides, offsets (src/codegen/sizes.ts). */
  readonly sizes?: Readonly<Record<string, number>>;
  /** In binding order of `@group(0)`. */
  readonly bindings: readonly { readonly slot: Slot; readonly access: 'read' | 'read_write' }[];
  readonly workgroups: readonly [number, number, number];
  readonly flops: number;
}
