// Ops that move elements without computing. Four of them are views: another way to index the input's buffer.
import { broadcastShapes, broadcastStrides, contiguousStrides, numel, sameShape } from '../tensor/shape.ts';
import type { DType, HostArray, Shape } from '../tensor/types.ts';
import { unbroadcast } from './broadcast.ts';
import { ensure, formatShapes, formatTypes, single } from './infer.ts';
import { forEachElement } from './loops.ts';
import { lowerConcat, lowerPad } from './lowering/index.ts';
import type { OpSpec, View } from './spec.ts';

const any: readonly DType[] = ['f32', 'i32', 'u32', 'bool'];

function format(list: readonly number[]): string {
  return `[${list.join(',')}]`;
}

/** The contiguous copy of what `view` sees of `input`. */
function copyView(view: View, input: HostArray, output: HostArray): void {
  forEachElement(view.shape, [view.strides], (index, at) => {
    output[index] = input[view.offset + at]!;
  });
}

/** A view of a whole contiguous tensor. */
export function wholeView(shape: Shape): View {
  return { shape, strides: contiguousStrides(shape), offset: 0 };
}

function permuteView(input: View, axes: readonly number[]): View {
  return {
    shape: axes.map((axis) => input.shape[axis]!),
    strides: axes.map((axis) => input.strides[axis]!),
    offset: input.offset,
  };
}

function expandView(input: View, shape: Shape): View {
  return { shape, strides: broadcastStrides(input.shape, input.strides, shape), offset: input.offset };
}

function sliceView(input: View, starts: readonly number[], ends: readonly number[]): View {
  return {
    shape: starts.map((start, axis) => ends[axis]! - start),
    strides: input.strides,
    offset: starts.reduce((offset, start, axis) => offset + start * input.strides[axis]!, input.offset),
  };
}

/**
 * `null` where the new axes cannot be read through strides. Neighbouring axes of the input that lie evenly in
 * memory are merged into runs, and each new axis must divide a run (NumPy's no-copy reshape).
 */
export function reshapeView(input: View, shape: Shape): View | null {
  const runs: { extent: number; stride: number }[] = [];
  input.shape.forEach((extent, axis) => {
    if (extent === 1) return;
    const stride = input.strides[axis]!;
    const last = runs[runs.length - 1];
    if (last && last.stride === stride * extent) {
      last.extent *= extent;
      last.stride = stride;
    } else {
      runs.push({ extent, stride });
    }
  });
  const strides = shape.map(() => 0);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const extent = shape[axis]!;
    if (extent === 1) continue;
    const run = runs[runs.length - 1];
    if (!run || run.extent % extent !== 0) return null;
    strides[axis] = run.stride;
    run.stride *= extent;
    run.extent /= extent;
    if (run.extent === 1) runs.pop();
  }
  return { shape, strides, offset: input.offset };
}

export const shapes = {
  reshape: {
    infer: (inputs, { shape }) => {
      const { shape: from, dtype } = single(inputs, any);
      ensure(
        shape.every((extent) => Number.isInteger(extent) && extent > 0) && numel(shape) === numel(from),
        `a shape of ${numel(from)} elements, as ${format(from)} has`,
        format(shape),
      );
      return { shape, dtype };
    },
    vjp: ({ g, inputs: [x] }) => [g.reshape(x!.shape)],
    cpu: (_, [input], output) => output.set(input!),
    lower: { kind: 'view', view: (node, input) => reshapeView(input, node.shape) },
  },
  permute: {
    infer: (inputs, { axes }) => {
      const { shape, dtype } = single(inputs, any);
      const sorted = [...axes].sort((a, b) => a - b);
      ensure(
        axes.length === shape.length && sorted.every((axis, position) => axis === position),
        `each axis of ${format(shape)} once`,
        format(axes),
      );
      return { shape: axes.map((axis) => shape[axis]!), dtype };
    },
    vjp: ({ g, attrs }) => [g.permute(attrs.axes.map((_, axis) => attrs.axes.indexOf(axis)))],
    cpu: (node, [input], output) =>
      copyView(permuteView(wholeView(node.inputs[0]!.shape), node.attrs.axes), input!, output),
    lower: { kind: 'view', view: (node, input) => permuteView(input, node.attrs.axes) },
  },
  expand: {
    infer: (inputs, { shape }) => {
      const { shape: from, dtype } = single(inputs, any);
      const fit = broadcastShapes([from, shape]);
      ensure(
        fit !== null && sameShape(fit, shape) && shape.every(Number.isInteger),
        `a shape that ${format(from)} stretches to`,
        format(shape),
      );
      return { shape, dtype };
    },
    vjp: ({ g, inputs: [x] }) => [unbroadcast(g, x!.shape)],
    cpu: (node, [input], output) =>
      copyView(expandView(wholeView(node.inputs[0]!.shape), node.shape), input!, output),
    lower: { kind: 'view', view: (node, input) => expandView(input, node.shape) },
  },
  slice: {
    infer: (inputs, { starts, ends }) => {
      const { shape, dtype } = single(inputs, any);
      const fits = shape.every((extent, axis) => {
        const [start, end] = [starts[axis]!, ends[axis]!];
        return Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start < end && end <= extent;
      });
      ensure(
        fits && starts.length === shape.length && ends.length === shape.length,
        `0 ≤ start < end ≤ extent on each axis of ${format(shape)}`,
        `starts ${format(starts)}, ends ${format(ends)}`,
      );
      return { shape: starts.map((start, axis) => ends[axis]! - start), dtype };
    },
    vjp: ({ g, inputs: [x], attrs }) => [
      g.pad(
        attrs.starts,
        attrs.ends.map((end, axis) => x!.shape[axis]! - end),
      ),
    ],
    cpu: (node, [input], output) => {
      const whole = wholeView(node.inputs[0]!.shape);
      copyView(sliceView(whole, node.attrs.starts, node.attrs.ends), input!, output);
    },
    lower: { kind: 'view', view: (node, input) => sliceView(input, node.attrs.starts, node.attrs.ends) },
  },
  concat: {
    infer: (inputs, { axis }) => {
      const [first] = inputs;
      ensure(first !== undefined && axis in first.shape, `operands with axis ${axis}`, formatTypes(inputs));
      ensure(
        inputs.every(
          ({ shape, dtype }) =>
            dtype === first.dtype &&
            shape.length === first.shape.length &&
            shape.every((extent, a) => a === axis || extent === first.shape[a]),
        ),
        `one dtype, and one shape but for axis ${axis}`,
        formatTypes(inputs),
      );
      const total = inputs.reduce((sum, { shape }) => sum + shape[axis]!, 0);
      return { shape: first.shape.map((extent, a) => (a === axis ? total : extent)), dtype: first.dtype };
    },
    vjp: ({ g, inputs, attrs: { axis } }) => {
      let start = 0;
      return inputs.map((input) => {
        const end = start + input.shape[axis]!;
        const part = g.narrow(axis, start, end);
        start = end;
        return part;
      });
    },
    cpu: (node, inputs, output) => {
      const { axis } = node.attrs;
      const rowLength = numel(node.shape.slice(axis));
      let start = 0;
      inputs.forEach((input, which) => {
        const length = numel(node.inputs[which]!.shape.slice(axis));
        for (let from = 0, to = start; from < input.length; from += length, to += rowLength) {
          output.set(input.subarray(from, from + length), to);
        }
        start += length;
      });
    },
    lower: { kind: 'kernel', calls: lowerConcat },
  },
  pad: {
    infer: (inputs, { low, high }) => {
      const { shape, dtype } = single(inputs, any);
      ensure(
        [low, high].every(
          (side) => side.length === shape.length && side.every((n) => Number.isInteger(n) && n >= 0),
        ),
        `whole widths ≥ 0 for each axis of ${formatShapes(inputs)}`,
        `low ${format(low)}, high ${format(high)}`,
      );
      return { shape: shape.map((extent, axis) => low[axis]! + extent + high[axis]!), dtype };
    },
    vjp: ({ g, inputs: [x], attrs }) => [
      g.slice(
        attrs.low,
        attrs.low.map((start, axis) => start + x!.shape[axis]!),
      ),
    ],
    cpu: (node, [input], output) => {
      const from = node.inputs[0]!.shape;
      const strides = contiguousStrides(node.shape);
      const offset = node.attrs.low.reduce((sum, start, axis) => sum + start * strides[axis]!, 0);
      output.fill(node.attrs.value);
      forEachElement(from, [strides], (index, at) => {
        output[offset + at] = input![index]!;
      });
    },
    lower: { kind: 'kernel', calls: lowerPad },
  },
} satisfies {
  [K in 'reshape' | 'permute' | 'expand' | 'slice' | 'concat' | 'pad']: OpSpec<K>;
};
