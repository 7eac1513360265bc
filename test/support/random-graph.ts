// Random graphs over all differentiable ops, for comparing backends, values and gradients. A graph is drawn as a list
// of instructions that pick an op and operands by number, so fast-check can shrink a failing one to its core.
//
// Magnitudes stay near 1, and kinks are kept off numbers that are structurally equal or zero (the sum of a centred
// row, say), whose sign would depend on rounding: then float32 and float64 agree to a small tolerance.
import fc from 'fast-check';
import { customVjp } from '../../src/autodiff/index.ts';
import type { Graph, Value } from '../../src/graph/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import { Random } from '../../src/tensor/random.ts';
import { broadcastShapes, numel } from '../../src/tensor/shape.ts';
import type { Shape } from '../../src/tensor/types.ts';

export interface RandomGraph {
  readonly graph: Graph;
  readonly inputs: readonly { readonly value: Value; readonly data: Float32Array<ArrayBuffer> }[];
  /** Of any shapes, none of them a leaf. */
  readonly outputs: readonly Value[];
  /** A scalar that depends on every output. */
  readonly loss: Value;
  /** The graph's text, so that a counterexample can be read. */
  readonly toString: () => string;
}

interface Instruction {
  readonly op: number;
  readonly operands: readonly [number, number, number];
  /** Seeds the attributes. */
  readonly detail: number;
}

/** What an op may use: operands from the pool, and random choices of its own. */
interface Draw {
  readonly graph: Graph;
  readonly random: Random;
  readonly x: Value;
  /** Another value that broadcasts with `x`, up to a modest size. */
  readonly y: Value;
  /** One that broadcasts with both. */
  readonly z: Value;
}

/** Small tensors: the chance that rounding decides a comparison grows with every element. */
const largest = 400;

/** `x` plus an offset that grows from element to element, so that structurally equal elements do not tie. */
function untied({ graph, x }: Draw): Value {
  const position = x.shape.reduce(
    (sum, extent, axis) => sum.mul(extent).add(graph.iota(x.shape, axis).cast('f32')),
    graph.literal(0).expand(x.shape),
  );
  return x.add(position.mul(1.7 / x.size));
}

function someAxes({ random, x }: Draw): number[] {
  const axes = x.shape.map((_, axis) => axis).filter(() => random.int(2) === 0);
  return axes.length > 0 || x.rank === 0 ? axes : [random.int(x.rank)];
}

function keepDims({ random }: Draw): boolean {
  return random.int(2) === 0;
}

function asMatrix(x: Value): Value {
  return x.rank === 0 ? x.reshape([1, 1]) : x.reshape([-1, x.shape.at(-1)!]);
}

function rowIndices({ graph, random }: Draw, rows: number): Value {
  const shape = random.int(2) === 0 ? [random.int(6) + 1] : [random.int(3) + 1, random.int(4) + 1];
  const data = Array.from({ length: numel(shape) }, () => random.int(rows));
  return graph.constant(data, shape, 'u32');
}

function weights({ graph, random }: Draw, shape: Shape): Value {
  const data = Float32Array.from({ length: numel(shape) }, () => random.uniform() * 2 - 1);
  return graph.constant(data, shape);
}

function matmul(draw: Draw): Value {
  const { random, x } = draw;
  const matrix = x.rank >= 2 ? x : asMatrix(x);
  const transA = random.int(2) === 0;
  const transB = random.int(2) === 0;
  const k = matrix.shape.at(transA ? -2 : -1)!;
  const n = random.int(7) + 1;
  const other = weights(draw, transB ? [n, k] : [k, n]).mul(draw.y.mean().add(1.5));
  return matrix.matmul(other, { transA, transB }).mul(1 / Math.sqrt(k));
}

function slice({ random, x }: Draw): Value {
  const starts = x.shape.map((extent) => random.int(extent));
  return x.slice(
    starts,
    x.shape.map((extent, axis) => starts[axis]! + 1 + random.int(extent - starts[axis]!)),
  );
}

function scatterAdd(draw: Draw): Value {
  const values = draw.x.rank === 0 ? draw.x.reshape([1]) : draw.x;
  const rows = draw.random.int(5) + 1;
  const into = Array.from({ length: values.shape[0]! }, () => draw.random.int(rows));
  const at = draw.graph.constant(into, [into.length], 'u32');
  return draw.graph.apply('scatterAdd', [at, values], { rows }).tanh();
}

function crossEntropy(draw: Draw): Value {
  const logits = asMatrix(draw.x);
  const [n, classes] = logits.shape as [number, number];
  const labels = Array.from({ length: n }, () => draw.random.int(classes));
  return logits.softmaxCrossEntropy(draw.graph.constant(labels, [n], 'u32'));
}

const ops: readonly ((draw: Draw) => Value)[] = [
  ({ x }) => x.neg(),
  ({ x }) => x.add(0.137).abs(),
  ({ x }) => x.sub(0.173).relu(),
  ({ x }) => x.tanh().exp(),
  ({ x }) => x.tanh().expm1(),
  ({ x }) => x.softplus().add(0.5).log(),
  ({ x }) => x.softplus().log1p(),
  ({ x }) => x.sigmoid().add(0.1).sqrt(),
  ({ x }) => x.sigmoid().add(0.3).rsqrt(),
  ({ x }) => x.tanh().square(),
  ({ x }) => x.sigmoid().add(0.5).reciprocal(),
  ({ x }) => x.sin(),
  ({ x }) => x.cos(),
  ({ x }) => x.tanh(),
  ({ x }) => x.sigmoid(),
  ({ x }) => x.softplus().mul(0.8),
  ({ x, y }) => x.add(y).mul(0.7),
  ({ x, y }) => x.sub(y).mul(0.7),
  ({ x, y }) => x.tanh().mul(y),
  ({ x, y }) => x.div(y.square().add(0.7)),
  ({ x, random }) => x.tanh().pow(random.int(5) + 1),
  ({ x, y }) => x.sigmoid().add(0.3).pow(y.tanh()),
  ({ x, y }) => x.maximum(y.mul(0.93).add(0.0713)),
  ({ x, y }) => x.minimum(y.mul(0.93).sub(0.0713)),
  ({ x, y, z }) => x.gt(y.mul(0.93).add(0.0713)).select(x, z),
  ({ x, y, z }) => x.lt(0.37).and(y.ge(-1.13)).or(z.le(-0.511).not()).select(y.tanh(), z),
  ({ x, y }) => x.sigmoidCrossEntropy(y.sigmoid()).mul(0.7),
  ({ x, random }) => x.reshape(random.int(2) === 0 ? [-1] : [1, x.size, 1]),
  ({ x, random }) => x.permute(random.shuffle(x.shape.map((_, axis) => axis))),
  ({ x, random }) => (x.size > largest / 4 ? x.sin() : x.expand([random.int(3) + 2, ...x.shape])),
  slice,
  ({ x, random }) =>
    x.pad(
      x.shape.map(() => random.int(3)),
      x.shape.map(() => random.int(2)),
      0.5,
    ),
  ({ x, y, random }) => (x.rank === 0 ? x.sin() : x.concat([x.add(y.mean()).tanh()], random.int(x.rank))),
  (draw) => draw.x.sum(someAxes(draw), keepDims(draw)).tanh(),
  (draw) => draw.x.mean(someAxes(draw), keepDims(draw)),
  (draw) => untied(draw).max(someAxes(draw), keepDims(draw)),
  (draw) => untied(draw).min(someAxes(draw), keepDims(draw)),
  (draw) => draw.x.logSumExp(someAxes(draw), keepDims(draw)).mul(0.5),
  matmul,
  ({ x }) => asMatrix(x).softmax(),
  ({ x }) => asMatrix(x).logSoftmax().mul(0.4),
  crossEntropy,
  ({ x }) => asMatrix(x).layerNorm(0.1),
  (draw) => (draw.x.rank === 0 ? draw.x.cos() : draw.x.gather(rowIndices(draw, draw.x.shape[0]!))),
  scatterAdd,
  ({ x, y }) => x.stopGradient().mul(y.tanh()).add(x.mul(0.3)).mul(0.8),
  ({ x }) => customVjp(x.tanh(), [x], (g) => [g.mul(0.4)]),
];

/** The first of `pool` from `start` on that broadcasts with `partners` to a modest size, else the last partner. */
function partner(pool: readonly Value[], start: number, partners: readonly Value[]): Value {
  for (let i = 0; i < pool.length; i++) {
    const candidate = pool[(start + i) % pool.length]!;
    const shape = broadcastShapes([...partners, candidate].map((value) => value.shape));
    if (shape && numel(shape) <= largest) return candidate;
  }
  return partners.at(-1)!;
}

function build(shapes: readonly Shape[], instructions: readonly Instruction[], seed: number): RandomGraph {
  const graph = newGraph();
  const random = new Random(seed);
  const inputs = shapes.map((shape, i) => ({
    value: graph.input(`x${i}`, shape),
    data: Float32Array.from({ length: numel(shape) }, () => random.normal()),
  }));
  const pool = inputs.map(({ value }) => value);
  for (const { op, operands, detail } of instructions) {
    const x = pool[operands[0] % pool.length]!;
    const y = partner(pool, operands[1], [x]);
    const z = partner(pool, operands[2], [x, y]);
    const result = ops[op % ops.length]!({ graph, random: random.fork(detail), x, y, z });
    if (result.size <= largest) pool.push(result);
  }
  const made = pool.slice(inputs.length);
  const outputs = made.length > 0 ? made.slice(-3) : [pool[0]!.sin()];
  const loss = outputs
    .map((output, i) =>
      output
        .mul(0.6 + 0.3 * i)
        .sin()
        .mean(),
    )
    .reduce((a, b) => a.add(b));
  return { graph, inputs, outputs, loss, toString: () => graph.print() };
}

/** Two to four inputs of shapes that mostly broadcast (odd extents), and 10 to 40 nodes' worth of ops over them. */
export function randomGraph(): fc.Arbitrary<RandomGraph> {
  const extent = fc.constantFrom(1, 2, 3, 5, 7, 13, 33);
  const fullShape = fc
    .array(extent, { minLength: 1, maxLength: 3 })
    .filter((shape) => numel(shape) <= largest / 2);
  const shapes = fullShape.chain((full) => {
    const one = fc
      .tuple(fc.nat(full.length), fc.nat(full.length))
      .map(([dropped, stretched]) => full.map((size, a) => (a === stretched ? 1 : size)).slice(dropped));
    return fc.tuple(fc.constant(full), fc.array(one, { minLength: 1, maxLength: 3 }));
  });
  const instruction = fc.record<Instruction>({
    op: fc.nat(ops.length - 1),
    operands: fc.tuple(fc.nat(60), fc.nat(60), fc.nat(60)),
    detail: fc.nat(1000),
  });
  const instructions = fc.array(instruction, { minLength: 5, maxLength: 16 });
  return fc
    .tuple(shapes, instructions, fc.nat(0xffff))
    .map(([[full, others], list, seed]) => build([full, ...others], list, seed));
}
