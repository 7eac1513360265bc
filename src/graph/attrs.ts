// Every op of the engine with its static attributes. Nothing here may change between steps: what changes
// travels through `input`, `scalar` or `state` leaves.
import type { DType, HostArray, Shape, TensorType } from '../tensor/types.ts';
import type { Value } from './value.ts';

type None = Readonly<Record<never, never>>;

export interface ReduceAttrs {
  /** Sorted, non-negative, unique. */
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

/** A user's kernel: WGSL beside the CPU function that defines it. */
export interface CustomKernelAttrs {
  readonly label: string;
  readonly output: TensorType;
  /** Bindings in `@group(0)`: 0 … n−1 the inputs (`read`), n the output (`read_write`). */
  readonly wgsl: string;
  readonly constants: Readonly<Record<string, number>>;
  readonly workgroups: readonly [number, number, number];
  /** Writes `output` from contiguous row-major `inputs`. */
  readonly cpu: (inputs: readonly HostArray[], output: HostArray) => void;
}

export interface OpAttrs {
  // Leaves
  input: { readonly name: string };
  /** Persistent; changed only by an `Update`. */
  state: { readonly name: string; readonly init: HostArray };
  /** One float that the host may set between steps. */
  scalar: { readonly name: string; readonly init: number };
  constant: { readonly data: HostArray };
  /** A single number of shape `[]`, printed into kernels. */
  literal: { readonly value: number };
  /** `0, 1, 2 …` along `axis`, as u32. */
  iota: { readonly shape: Shape; readonly axis: number };

  // Unary
  neg: None;
  abs: None;
  sign: None;
  exp: None;
  expm1: None;
  log: None;
  log1p: None;
  sqrt: None;
  rsqrt: None;
  square: None;
  reciprocal: None;
  sin: None;
  cos: None;
  tanh: None;
  sigmoid: None;
  softplus: None;
  relu: None;
  floor: None;
  ceil: None;
  round: None;
  not: None;
  /** True where the float is neither NaN nor infinite (a bit test: `x == x` is unreliable in WGSL). */
  isFinite: None;
  cast: { readonly dtype: DType };

  // Binary and ternary, broadcasting
  add: None;
  sub: None;
  mul: None;
  div: None;
  pow: None;
  maximum: None;
  minimum: None;
  eq: None;
  ne: None;
  lt: None;
  le: None;
  gt: None;
  ge: None;
  and: None;
  or: None;
  select: None;
  /** Per-element binary cross-entropy of logits and targets in [0, 1], stable for any logit. */
  sigmoidCrossEntropy: None;

  // Shape
  reshape: { readonly shape: Shape };
  permute: { readonly axes: readonly number[] };
  expand: { readonly shape: Shape };
  slice: { readonly starts: readonly number[]; readonly ends: readonly number[] };
  concat: { readonly axis: number };
  pad: { readonly low: readonly number[]; readonly high: readonly number[]; readonly value: number };

  // Reductions
  sum: ReduceAttrs;
  max: ReduceAttrs;
  min: ReduceAttrs;
  logSumExp: ReduceAttrs;
  /** Index of the first maximum along one axis, as u32. */
  argMax: { readonly axis: number; readonly keepDims: boolean };

  /** `[…, m, k] × […, k, n]`; a transposed operand is stored as `[…, k, m]` / `[…, n, k]`. Equal batch extents. */
  matmul: { readonly transA: boolean; readonly transB: boolean };
  /** Over the last axis. */
  softmax: None;
  logSoftmax: None;
  /** Logits `[n, C]`, labels u32 `[n]` → losses `[n]`. */
  softmaxCrossEntropy: None;
  /** `(x − mean) / sqrt(var + epsilon)` over the last axis, without an affine part. */
  layerNorm: { readonly epsilon: number };

  /** Rows of a table `[N, …]` by u32 indices of any shape. */
  gather: None;
  /** The gather's transpose: indices `[…]`, values `[…, row…]` → `[rows, row…]`, summed in index order. */
  scatterAdd: { readonly rows: number };

  /** Philox4x32-10 words, u32. Inputs: four u32 scalars of shape `[]`, key low, key high, counter low, counter high. */
  philox: { readonly shape: Shape; readonly stream: number };

  // Identities that speak to autodiff
  stopGradient: None;
  /** Input 0 is the forward value; the gradient goes to inputs 1 … by `backward(g)`. */
  customVjp: { readonly backward: (g: Value) => readonly (Value | null)[] };
  customKernel: CustomKernelAttrs;
}

export type OpName = keyof OpAttrs;
