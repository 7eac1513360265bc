// What is compared: the workloads, and the seeded inputs that every contender gets the same.

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export type Inputs = Readonly<Record<string, Tensor>>;

export interface Workload {
  readonly name: string;
  /** Operations of one call, where a rate says more than a time. */
  readonly flops?: number;
  /** Calls whose results are compared: more than one where a call changes state. */
  readonly calls: number;
  /** Largest difference between two contenders, as a share of the largest magnitude. */
  readonly tolerance: number;
  readonly inputs: () => Inputs;
}

export const batch = 512;
export const binaryHeads = 8;
export const classes = 10;
export const headWidth = binaryHeads + 1 + classes;
export const learningRate = 1e-3;
export const trunkWidths = [128, 256, 256, 128] as const;
export const tinyOps = 500;

const million4 = 4 * 2 ** 20;
const tasks = 40;
const product = (size: number) => ({
  flops: 2 * size ** 3,
  calls: 1,
  tolerance: 1e-4,
  inputs: () => ({ a: centred([size, size], 1), b: centred([size, size], 2) }),
});
const gradients = { calls: 1, tolerance: 1e-3, inputs: taskInputs };
const step = { calls: 3, tolerance: 1e-3, inputs: stepInputs };

export const workloads = {
  matmul512: { name: 'matmul 512', ...product(512) },
  matmul1024: { name: 'matmul 1024', ...product(1024) },
  chain: {
    ...{ name: '`tanh(a·b + c)·a`, 4M', calls: 1, tolerance: 1e-4 },
    inputs: () => ({ a: centred([million4], 1), b: centred([million4], 2), c: centred([million4], 3) }),
  },
  sum: {
    ...{ name: 'sum, 4M', calls: 1, tolerance: 1e-3 },
    inputs: () => ({ x: uniform([million4], 1) }),
  },
  softmax: {
    ...{ name: 'softmax, 4096 × 1024', calls: 1, tolerance: 1e-4 },
    inputs: () => ({ x: centred([4096, 1024], 1, 8) }),
  },
  /** Input 128 → 256 → 256 → 128, ReLU; 8 binary heads with masks, one 10-class head, one regression head; Adam. */
  step: { name: 'training step', ...step },
  stackedStep: { name: 'training step, 8 heads stacked by hand', ...step },
  /** Gradients of 40 linear binary heads by the representation they share, and their Gram matrix. */
  gram: { name: '40 task gradients + Gram', ...gradients },
  gramLoop: { name: '40 task gradients + Gram, each gradient made', ...gradients },
  /** tfjs 4.22 on WebGPU gets `matMul(A, B, false, true)` wrong from K = 2000 on, where the product is small. */
  gramShape: {
    ...{ name: '`A·Bᵀ`, [40, 4096] × [40, 4096]', flops: 2 * 40 * 40 * 4096, calls: 1, tolerance: 1e-4 },
    inputs: () => ({ a: centred([40, 4096], 1), b: centred([40, 4096], 2) }),
  },
  tiny: {
    ...{ name: `${tinyOps} products 8 × 8, one after another`, calls: 1, tolerance: 1e-3 },
    inputs: () => ({ x: centred([8, 8], 1), w: reflection(8) }),
  },
} satisfies Record<string, Workload>;

export type WorkloadId = keyof typeof workloads;

function stepInputs(): Inputs {
  const flags = (shape: readonly number[], seed: number, share: number): Tensor =>
    mapped(uniform(shape, seed), (value) => (value < share ? 1 : 0));
  const layers = trunkWidths.slice(1).flatMap((outputs, at) => {
    const inputs = trunkWidths[at]!;
    return [
      [`trunk/${at}/weight`, centred([inputs, outputs], 10 + at, Math.sqrt(24 / inputs))],
      [`trunk/${at}/bias`, zeros([outputs])],
    ] as const;
  });
  const width = trunkWidths[trunkWidths.length - 1]!;
  return {
    ...Object.fromEntries(layers),
    'heads/weight': centred([width, headWidth], 20, 0.2),
    'heads/bias': zeros([headWidth]),
    x: centred([batch, trunkWidths[0]], 1, 2),
    labels: flags([batch, binaryHeads], 2, 0.4),
    mask: flags([batch, binaryHeads], 3, 0.8),
    target: centred([batch, 1], 4, 2),
    class: mapped(uniform([batch], 5), (value) => Math.floor(classes * value)),
  };
}

function taskInputs(): Inputs {
  return {
    z: centred([1024, 256], 1, 2),
    w: centred([256, tasks], 2, 0.2),
    y: mapped(uniform([1024, tasks], 3), (value) => (value < 0.4 ? 1 : 0)),
  };
}

const numel = (shape: readonly number[]): number => shape.reduce((total, extent) => total * extent, 1);
const zeros = (shape: readonly number[]): Tensor => ({ shape, data: new Float32Array(numel(shape)) });
const mapped = ({ shape, data }: Tensor, f: (value: number) => number): Tensor => ({
  shape,
  data: data.map(f),
});

/** In [−width/2, width/2). */
function centred(shape: readonly number[], seed: number, width = 1): Tensor {
  return mapped(uniform(shape, seed), (value) => width * (value - 0.5));
}

/** In [0, 1), by a xorshift generator (Marsaglia 2003), which is fast enough for millions. */
function uniform(shape: readonly number[], seed: number): Tensor {
  let state = Math.imul(seed, 0x9e3779b9) | 1;
  const data = new Float32Array(numel(shape));
  for (let at = 0; at < data.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    data[at] = (state >>> 8) / 2 ** 24;
  }
  return { shape, data };
}

/** `I − 2/n`: an orthogonal matrix, so that repeated products neither grow nor vanish. */
function reflection(size: number): Tensor {
  const data = Float32Array.from(
    { length: size * size },
    (_, at) => (at % (size + 1) === 0 ? 1 : 0) - 2 / size,
  );
  return { shape: [size, size], data };
}
