// Index arithmetic of generated kernels: from the linear index of the element being computed to the place of an
// input's element, with as few divisions as the strides allow.
import type { View } from '../ops/spec.ts';
import { broadcastStrides } from '../tensor/shape.ts';
import type { Shape } from '../tensor/types.ts';

/** The coordinate on `axis` of the element with linear index `i`. */
export function coordinate(shape: Shape, axis: number): string {
  const below = shape.slice(axis + 1).reduce((product, extent) => product * extent, 1);
  return digit(below, shape[axis]!, axis === 0 || shape.slice(0, axis).every((extent) => extent === 1));
}

/** How a place in a buffer is written, in elements. */
export type PrintOffset = (elements: number) => string;

/** WGSL for the index of `view`'s element that meets element `i` of a tensor of `shape`, its buffer's offset included. */
export function elementIndex(view: View, shape: Shape, print: PrintOffset): string {
  const runs = mergeAxes(shape, broadcastStrides(view.shape, view.strides, shape));
  const terms: string[] = [];
  let below = 1;
  for (let at = runs.length - 1; at >= 0; at--) {
    const { extent, stride } = runs[at]!;
    if (stride !== 0) {
      const place = digit(below, extent, at === 0);
      terms.unshift(stride === 1 ? place : `${place} * ${stride}u`);
    }
    below *= extent;
  }
  if (view.offset > 0 || terms.length === 0) terms.push(print(view.offset));
  return terms.join(' + ');
}

function digit(below: number, extent: number, outermost: boolean): string {
  if (extent === 1) return '0u';
  const shifted = below === 1 ? 'i' : `i / ${below}u`;
  if (outermost) return below === 1 ? shifted : `(${shifted})`;
  return `(${below === 1 ? shifted : `(${shifted})`} % ${extent}u)`;
}

export interface Run {
  extent: number;
  stride: number;
}

/** Neighbouring axes that the view walks as one become one. */
export function mergeAxes(shape: Shape, strides: readonly number[]): Run[] {
  const runs: Run[] = [];
  shape.forEach((extent, axis) => {
    if (extent === 1) return;
    const stride = strides[axis]!;
    const last = runs[runs.length - 1];
    if (last && last.stride === stride * extent) {
      last.extent *= extent;
      last.stride = stride;
    } else {
      runs.push({ extent, stride });
    }
  });
  return runs;
}
