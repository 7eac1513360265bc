// Reductions over any axes. `max` and `min` share the gradient equally among all elements that attain them.
import type { ReduceAttrs } from '../graph/attrs.ts';
import type { NodeWith } from '../graph/node.ts';
import type { Value } from '../graph/value.ts';
import { contiguousStrides, numel, reducedShape } from '../tensor/shape.ts';
import type { DType, HostArray, Shape, TensorType } from '../tensor/types.ts';
import { restoreAxes } from './broadcast.ts';
import { ensure, single } from './infer.ts';
import { forEachElement } from './loops.ts';
import { lowerArgMax, lowerReduce } from './lowering/index.ts';
import type { OpSpec, VjpContext } from './spec.ts';

type Reduction = 'sum' | 'max' | 'min' | 'logSumExp';

const numbers: readonly DType[] = ['f32', 'i32', 'u32'];

function reduction(
  dtypes: readonly DType[],
): (inputs: readonly TensorType[], attrs: ReduceAttrs) => TensorType {
  return (inputs, { axes, keepDims }) => {
    const { shape, dtype } = single(inputs, dtypes);
    ensure(
      axes.every((axis, i) => axis in shape && (i === 0 || axis > axes[i - 1]!)),
      `sorted, different axes of [${shape.join(',')}]`,
      `[${axes.join(',')}]`,
    );
    return { shape: reducedShape(shape, axes, keepDims), dtype };
  };
}

/** Strides that map an index of `shape` to its place in the reduced tensor: 0 along `axes`. */
function reducedStrides(shape: Shape, axes: readonly number[]): number[] {
  const kept = contiguousStrides(reducedShape(shape, axes, true));
  return kept.map((stride, axis) => (axes.includes(axis) ? 0 : stride));
}

/** Folds in index order, in doubles whatever the tensor's own precision. */
function fold(
  node: NodeWith<Reduction>,
  input: HostArray,
  start: number,
  combine: (accumulated: number, x: number) => number,
): Float64Array {
  const { shape } = node.inputs[0]!;
  const result = new Float64Array(numel(node.shape)).fill(start);
  forEachElement(shape, [reducedStrides(shape, node.attrs.axes)], (index, at) => {
    result[at] = combine(result[at]!, input[index]!);
  });
  return result;
}

function gradientOfExtremum({ g, inputs: [x], output, attrs }: VjpContext<'max' | 'min'>): Value[] {
  const attained = x!.eq(restoreAxes(output, x!.shape, attrs.axes));
  const ties = attained.cast('f32').sum(attrs.axes, true).maximum(1);
  return [attained.select(restoreAxes(g, x!.shape, attrs.axes).div(ties), 0)];
}

export const reductions = {
  sum: {
    infer: reduction(numbers),
    vjp: ({ g, inputs: [x], attrs }) => [restoreAxes(g, x!.shape, attrs.axes).expand(x!.shape)],
    cpu: (node, [input], output) => output.set(fold(node, input!, 0, (sum, x) => sum + x)),
    lower: { kind: 'kernel', calls: lowerReduce, hasStore: true },
  },
  max: {
    infer: reduction(numbers),
    vjp: gradientOfExtremum,
    cpu: (node, [input], output) => output.set(fold(node, input!, -Infinity, Math.max)),
    lower: { kind: 'kernel', calls: lowerReduce, hasStore: true },
  },
  min: {
    infer: reduction(numbers),
    vjp: gradientOfExtremum,
    cpu: (node, [input], output) => output.set(fold(node, input!, Infinity, Math.min)),
    lower: { kind: 'kernel', calls: lowerReduce, hasStore: true },
  },
  /** `m + log Σ exp(x − m)` with m the maximum, so no exponential overflows; −∞ where all elements are −∞. */
  logSumExp: {
    infer: reduction(['f32']),
    vjp: ({ g, inputs: [x], output, attrs }) => {
      const finite = output.isFinite().select(output, 0);
      const weights = x!.sub(restoreAxes(finite, x!.shape, attrs.axes)).exp();
      return [weights.mul(restoreAxes(g, x!.shape, attrs.axes))];
    },
    cpu: (node, [input], output) => {
      const { shape } = node.inputs[0]!;
      const shift = fold(node, input!, -Infinity, Math.max).map((m) => (Number.isFinite(m) ? m : 0));
      const total = new Float64Array(shift.length);
      forEachElement(shape, [reducedStrides(shape, node.attrs.axes)], (index, at) => {
        total[at]! += Math.exp(input![index]! - shift[at]!);
      });
      for (let i = 0; i < total.length; i++) output[i] = shift[i]! + Math.log(total[i]!);
    },
    lower: { kind: 'kernel', calls: lowerReduce, hasStore: true },
  },
  argMax: {
    infer: (inputs, { axis, keepDims }) => {
      const { shape } = single(inputs, numbers);
      ensure(axis in shape, `an axis of [${shape.join(',')}]`, `${axis}`);
      return { shape: reducedShape(shape, [axis], keepDims), dtype: 'u32' };
    },
    vjp: 'none',
    cpu: (node, [input], output) => {
      const { shape } = node.inputs[0]!;
      const { axis } = node.attrs;
      const best = new Float64Array(output.length).fill(-Infinity);
      const along = shape.map((_, a) => (a === axis ? 1 : 0));
      output.fill(0);
      forEachElement(shape, [reducedStrides(shape, [axis]), along], (index, at, position) => {
        if (input![index]! > best[at]!) {
          best[at] = input![index]!;
          output[at] = position;
        }
      });
    },
    lower: { kind: 'kernel', calls: lowerArgMax },
  },
} satisfies { [K in Reduction | 'argMax']: OpSpec<K> };
