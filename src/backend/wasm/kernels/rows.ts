// Ops over the rows of the last axis: softmax, log-softmax, cross-entropy with labels, layer norm.
import type { NodeWith } from '../../../graph/node.ts';
import { numel } from '../../../tensor/shape.ts';
import { type FunctionBuilder, f32x4, type I32, i32, type V128, v128 } from '../assembler/index.ts';
import { loadLanes, scan, storeLanes } from '../lanes.ts';
import { expOfNonPositive, floats, log } from '../math/index.ts';
import { shiftOfFloats, sumOfFloats } from './fold.ts';
import { foldRow } from './reduce.ts';
import { type Site, sweep } from './site.ts';

/** `map` of each vector of the row at `from`, stored to the row at `to`. */
function mapRow(f: FunctionBuilder, length: number, from: I32, to: I32, map: (x: V128) => V128): void {
  scan(f, length, 1, (offset, extra, lanes) => {
    const x = f.let(loadLanes(i32.add(from, offset), lanes, extra));
    storeLanes(f, i32.add(to, offset), f.let(map(x)), lanes, extra);
  });
}

/** The rows of an operand and of a result of the same shape. */
function eachRow(
  { f, inputs, output }: Site,
  shape: readonly number[],
  body: (from: I32, to: I32, length: number) => void,
): void {
  const length = shape.at(-1)!;
  const step = 4 * length;
  sweep(f, numel(shape) / length, [inputs[0]!, output], [step, step], (from, to) => body(from, to, length));
}

export function emitSoftmax(site: Site, node: NodeWith<'softmax'>): void {
  const { f } = site;
  eachRow(site, node.shape, (from, to, length) => {
    const max = foldRow(f, shiftOfFloats, from, length);
    const total = foldRow(
      f,
      sumOfFloats,
      from,
      length,
      (x, offset, extra, lanes) => {
        const e = expOfNonPositive(f, f.let(f32x4.sub(x, max)));
        storeLanes(f, i32.add(to, offset), e, lanes, extra);
        return e;
      },
      floats(-Infinity),
    );
    const scale = f.let(f32x4.div(floats(1), total));
    mapRow(f, length, to, to, (e) => f32x4.mul(e, scale));
  });
}

/** log Σ exp(x − max), in every lane. */
function logOfTotal(f: FunctionBuilder, row: I32, length: number, max: V128): V128 {
  const shifted = (x: V128): V128 => expOfNonPositive(f, f.let(f32x4.sub(x, max)));
  return log(f, foldRow(f, sumOfFloats, row, length, shifted, floats(-Infinity)));
}

export function emitLogSoftmax(site: Site, node: NodeWith<'logSoftmax'>): void {
  const { f } = site;
  eachRow(site, node.shape, (from, to, length) => {
    const max = foldRow(f, shiftOfFloats, from, length);
    const total = logOfTotal(f, from, length, max);
    mapRow(f, length, from, to, (x) => f32x4.sub(f32x4.sub(x, max), total));
  });
}

export function emitSoftmaxCrossEntropy(
  { f, inputs, output, fault }: Site,
  node: NodeWith<'softmaxCrossEntropy'>,
): void {
  const [rows, classes] = node.inputs[0]!.shape as [number, number];
  const [logits, labels] = inputs as [number, number];
  sweep(f, rows, [logits, labels, output], [4 * classes, 4, 4], (row, labelAt, result) => {
    const label = f.variable(i32.load(labelAt));
    f.when(i32.geU(label, i32.const(classes)), () => {
      fault(i32.shrU(i32.sub(labelAt, i32.const(labels)), i32.const(2)), label);
      f.set(label, i32.const(classes - 1));
    });
    const max = foldRow(f, shiftOfFloats, row, classes);
    const total = logOfTotal(f, row, classes, max);
    const own = v128.load32Splat(i32.add(row, i32.shl(label, i32.const(2))));
    storeLanes(f, result, f32x4.add(f32x4.sub(max, own), total), 1);
  });
}

export function emitLayerNorm(site: Site, node: NodeWith<'layerNorm'>): void {
  const { f } = site;
  eachRow(site, node.shape, (from, to, length) => {
    const mean = f.let(f32x4.div(foldRow(f, sumOfFloats, from, length), floats(length)));
    mapRow(f, length, from, to, (x) => f32x4.sub(x, mean));
    const squares = foldRow(f, sumOfFloats, to, length, (x) => f32x4.mul(x, x));
    const variance = f32x4.div(squares, floats(length));
    const deviation = f.let(f32x4.sqrt(f32x4.add(variance, floats(node.attrs.epsilon))));
    mapRow(f, length, to, to, (x) => f32x4.div(x, deviation));
  });
}
