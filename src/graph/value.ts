// The language of the engine: a handle on a node, with a method for each op. Methods broadcast as NumPy does.
import { GraphError, misuse } from '../tensor/errors.ts';
import { broadcastShapes, normalizeAxes, numel, sameShape } from '../tensor/shape.ts';
import type { DType, Shape } from '../tensor/types.ts';
import type { OpAttrs, OpName } from './attrs.ts';
import type { Graph } from './graph.ts';
import type { Node } from './node.ts';
import { callSite } from './site.ts';

/** A value, or a number that becomes a literal of the other operand's dtype. */
export type Operand = Value | number;

/** One axis, several, or (left out) all of them. */
export type Axes = number | readonly number[] | undefined;

export class Value {
  readonly graph: Graph;
  readonly node: Node;

  constructor(graph: Graph, node: Node) {
    this.graph = graph;
    this.node = node;
  }

  get shape(): Shape {
    return this.node.shape;
  }
  get dtype(): DType {
    return this.node.dtype;
  }
  get rank(): number {
    return this.node.shape.length;
  }
  get size(): number {
    return numel(this.node.shape);
  }

  // Unary
  neg(): Value {
    return this.#unary('neg');
  }
  abs(): Value {
    return this.#unary('abs');
  }
  sign(): Value {
    return this.#unary('sign');
  }
  exp(): Value {
    return this.#unary('exp');
  }
  /** `exp(x) − 1` without cancellation near 0. */
  expm1(): Value {
    return this.#unary('expm1');
  }
  log(): Value {
    return this.#unary('log');
  }
  /** `log(1 + x)` without cancellation near 0. */
  log1p(): Value {
    return this.#unary('log1p');
  }
  sqrt(): Value {
    return this.#unary('sqrt');
  }
  rsqrt(): Value {
    return this.#unary('rsqrt');
  }
  square(): Value {
    return this.#unary('square');
  }
  reciprocal(): Value {
    return this.#unary('reciprocal');
  }
  sin(): Value {
    return this.#unary('sin');
  }
  cos(): Value {
    return this.#unary('cos');
  }
  tanh(): Value {
    return this.#unary('tanh');
  }
  sigmoid(): Value {
    return this.#unary('sigmoid');
  }
  softplus(): Value {
    return this.#unary('softplus');
  }
  relu(): Value {
    return this.#unary('relu');
  }
  floor(): Value {
    return this.#unary('floor');
  }
  ceil(): Value {
    return this.#unary('ceil');
  }
  /** To the nearest whole number, ties to even. */
  round(): Value {
    return this.#unary('round');
  }
  not(): Value {
    return this.#unary('not');
  }
  isFinite(): Value {
    return this.#unary('isFinite');
  }
  cast(dtype: DType): Value {
    return dtype === this.dtype ? this : this.graph.apply('cast', [this], { dtype });
  }

  // Binary
  add(other: Operand): Value {
    return this.#binary('add', other);
  }
  sub(other: Operand): Value {
    return this.#binary('sub', other);
  }
  mul(other: Operand): Value {
    return this.#binary('mul', other);
  }
  div(other: Operand): Value {
    return this.#binary('div', other);
  }
  /** For a base ≥ 0; small whole exponents become products. */
  pow(other: Operand): Value {
    return this.#binary('pow', other);
  }
  maximum(other: Operand): Value {
    return this.#binary('maximum', other);
  }
  minimum(other: Operand): Value {
    return this.#binary('minimum', other);
  }
  eq(other: Operand): Value {
    return this.#binary('eq', other);
  }
  ne(other: Operand): Value {
    return this.#binary('ne', other);
  }
  lt(other: Operand): Value {
    return this.#binary('lt', other);
  }
  le(other: Operand): Value {
    return this.#binary('le', other);
  }
  gt(other: Operand): Value {
    return this.#binary('gt', other);
  }
  ge(other: Operand): Value {
    return this.#binary('ge', other);
  }
  and(other: Value): Value {
    return this.#binary('and', other);
  }
  or(other: Value): Value {
    return this.#binary('or', other);
  }
  clamp(low: Operand, high: Operand): Value {
    return this.maximum(low).minimum(high);
  }
  /** `this ? yes : no` per element; the side not taken is never looked at, be it NaN or infinite. */
  select(yes: Operand, no: Operand): Value {
    const like = yes instanceof Value ? yes : no instanceof Value ? no : undefined;
    const lift = (side: Operand): Value =>
      side instanceof Value ? side : this.graph.literal(side, like?.dtype);
    return this.graph.apply('select', [this, lift(yes), lift(no)], {});
  }
  sigmoidCrossEntropy(targets: Operand): Value {
    return this.#binary('sigmoidCrossEntropy', targets);
  }

  // Shape
  /** One extent may be −1. */
  reshape(shape: Shape): Value {
    const known = shape.reduce((product, extent) => (extent === -1 ? product : product * extent), 1);
    const full = shape.map((extent) => (extent === -1 ? this.size / known : extent));
    return sameShape(full, this.shape) ? this : this.graph.apply('reshape', [this], { shape: full });
  }
  permute(axes: readonly number[]): Value {
    return this.graph.apply('permute', [this], { axes });
  }
  /** The last two axes exchanged. */
  transpose(): Value {
    const axes = this.shape.map((_, axis) => axis);
    return this.permute([...axes.slice(0, -2), this.rank - 1, this.rank - 2]);
  }
  /** Stretches extents of 1, and adds leading axes, to `shape`. */
  expand(shape: Shape): Value {
    return sameShape(shape, this.shape) ? this : this.graph.apply('expand', [this], { shape });
  }
  /** Elements `starts[a] ≤ i < ends[a]` on each axis. */
  slice(starts: readonly number[], ends: readonly number[]): Value {
    return this.graph.apply('slice', [this], { starts, ends });
  }
  /** `start ≤ i < end` on one axis, all of the others. */
  narrow(axis: number, start: number, end: number): Value {
    const at = this.#axes('narrow', axis)[0];
    return this.slice(
      this.shape.map((_, a) => (a === at ? start : 0)),
      this.shape.map((extent, a) => (a === at ? end : extent)),
    );
  }
  pad(low: readonly number[], high: readonly number[], value = 0): Value {
    return this.graph.apply('pad', [this], { low, high, value });
  }
  concat(others: readonly Value[], axis: number): Value {
    return others.length === 0
      ? this
      : this.graph.apply('concat', [this, ...others], { axis: this.#axes('concat', axis)[0]! });
  }
  /** An axis of extent 1 before `axis`. */
  unsqueeze(axis: number): Value {
    const at = axis < 0 ? axis + this.rank + 1 : axis;
    return this.reshape([...this.shape.slice(0, at), 1, ...this.shape.slice(at)]);
  }

  // Reductions
  sum(axes?: Axes, keepDims = false): Value {
    return this.#reduce('sum', axes, keepDims);
  }
  max(axes?: Axes, keepDims = false): Value {
    return this.#reduce('max', axes, keepDims);
  }
  min(axes?: Axes, keepDims = false): Value {
    return this.#reduce('min', axes, keepDims);
  }
  logSumExp(axes?: Axes, keepDims = false): Value {
    return this.#reduce('logSumExp', axes, keepDims);
  }
  mean(axes?: Axes, keepDims = false): Value {
    const total = this.sum(axes, keepDims);
    return total.div(this.size / total.size);
  }
  argMax(axis = -1, keepDims = false): Value {
    return this.graph.apply('argMax', [this], { axis: this.#axes('argMax', axis)[0]!, keepDims });
  }

  // Products and rows
  /**
   * `[…, m, k] × […, k, n]`, batch extents broadcast. With `transA` the left operand is stored `[…, k, m]`, with
   * `transB` the right one `[…, n, k]`; neither is ever copied.
   */
  matmul(other: Value, { transA = false, transB = false } = {}): Value {
    if (this.rank < 2 || other.rank < 2) {
      throw new GraphError(
        misuse('matmul', 'operands of rank ≥ 2', `ranks ${this.rank} and ${other.rank}`, callSite()),
      );
    }
    if (this.rank > 2 && other.rank === 2 && !transA) {
      const rows = this.reshape([-1, this.shape[this.rank - 1]!]);
      const product = rows.matmul(other, { transB });
      return product.reshape([...this.shape.slice(0, -1), product.shape[1]!]);
    }
    const batch = broadcastShapes([this.shape.slice(0, -2), other.shape.slice(0, -2)]);
    const spread = (value: Value): Value =>
      batch ? value.expand([...batch, ...value.shape.slice(-2)]) : value;
    return this.graph.apply('matmul', [spread(this), spread(other)], { transA, transB });
  }
  softmax(): Value {
    return this.#unary('softmax');
  }
  logSoftmax(): Value {
    return this.#unary('logSoftmax');
  }
  /** `[n, C]` logits against u32 `[n]` labels → `[n]`. */
  softmaxCrossEntropy(labels: Value): Value {
    return this.#binary('softmaxCrossEntropy', labels);
  }
  layerNorm(epsilon = 1e-5): Value {
    return this.graph.apply('layerNorm', [this], { epsilon });
  }
  /** Rows of this `[N, …]` table by u32 indices. Out of range: an error on the CPU, row N−1 on the GPU. */
  gather(indices: Value): Value {
    return this.#binary('gather', indices);
  }

  // Autodiff
  stopGradient(): Value {
    return this.#unary('stopGradient');
  }

  #unary<K extends OpName>(op: OpAttrs[K] extends Readonly<Record<never, never>> ? K : never): Value {
    return this.graph.apply(op as K, [this], {} as OpAttrs[K]);
  }
  #binary<K extends OpName>(op: K, other: Operand): Value {
    return this.graph.apply(op, [this, other], {} as OpAttrs[K]);
  }
  #reduce(op: 'sum' | 'max' | 'min' | 'logSumExp', axes: Axes, keepDims: boolean): Value {
    const list = axes === undefined ? this.shape.map((_, axis) => axis) : this.#axes(op, axes);
    return list.length === 0 && op !== 'logSumExp'
      ? this
      : this.graph.apply(op, [this], { axes: list, keepDims });
  }
  #axes(call: string, axes: number | readonly number[]): number[] {
    const list = typeof axes === 'number' ? [axes] : axes;
    const result = normalizeAxes(list, this.rank);
    if (result) return result;
    throw new GraphError(
      misuse(call, `different axes in −${this.rank} … ${this.rank - 1}`, `[${list.join(',')}]`, callSite()),
    );
  }
}
