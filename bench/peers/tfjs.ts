// tfjs as its user would write the workloads: eager ops under tidy, its own losses and optimiser.
import './webgpu.ts';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { type Contender, serve, type Task } from '../engine/contender.ts';
import {
  binaryHeads,
  classes,
  type Inputs,
  learningRate,
  tinyOps,
  trunkWidths,
  type WorkloadId,
} from '../engine/workloads.ts';
import { adapterName } from './webgpu.ts';

const array = (inputs: Inputs, name: string, dtype: 'float32' | 'int32' = 'float32'): tf.Tensor => {
  const { shape, data } = inputs[name]!;
  return tf.tensor(dtype === 'int32' ? Int32Array.from(data) : data.slice(), [...shape], dtype);
};

/** The WebGPU backend computes when asked for a value; this asks for all that was queued, without reading it. */
async function finish(): Promise<void> {
  const backend = tf.backend();
  if (!(backend instanceof WebGPUBackend)) return;
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
  await backend.queue.onSubmittedWorkDone();
}

function pure(names: readonly string[], f: (...inputs: tf.Tensor[]) => tf.Tensor) {
  return (inputs: Inputs): Task => {
    const given = names.map((name) => array(inputs, name));
    let last: tf.Tensor | undefined;
    return {
      run() {
        last?.dispose();
        last = tf.tidy(() => f(...given));
        return finish();
      },
      result: () => last!.data(),
      dispose: () => tf.dispose([...given, last!]),
    };
  };
}

const product = pure(['a', 'b'], (a, b) => tf.matMul(a, b));

/** tfjs has no vmap. The product is by an explicit transpose, since `matMul(…, true)` is wrong here on WebGPU. */
function gradientsInALoop(z: tf.Tensor, w: tf.Tensor, y: tf.Tensor): tf.Tensor {
  const columns = tf.split(w, w.shape[1]!, 1);
  const labels = tf.split(y, y.shape[1]!, 1);
  const gradients = columns.map((column, t) =>
    tf.grad((x) => tf.losses.sigmoidCrossEntropy(labels[t]!, tf.matMul(x, column)))(z),
  );
  const flat = tf.reshape(tf.stack(gradients), [gradients.length, -1]);
  return tf.matMul(flat, tf.transpose(flat));
}

const { SUM_BY_NONZERO_WEIGHTS } = tf.Reduction;

function trainingStep(inputs: Inputs, stack: boolean): Task {
  const variables: tf.Variable[] = [];
  const variable = (value: tf.Tensor): tf.Variable => {
    const made = tf.variable(value);
    value.dispose();
    variables.push(made);
    return made;
  };
  const layer = (w: tf.Tensor, b: tf.Tensor) => {
    const [weight, bias] = [variable(w), variable(b)];
    return (x: tf.Tensor): tf.Tensor => tf.add(tf.matMul(x, weight), bias);
  };
  const trunk = trunkWidths
    .slice(1)
    .map((_, at) => layer(array(inputs, `trunk/${at}/weight`), array(inputs, `trunk/${at}/bias`)));
  const single = Array.from({ length: binaryHeads }, () => 1);
  const widths = [...(stack ? [binaryHeads] : single), 1, classes];
  const weights = tf.split(array(inputs, 'heads/weight'), widths, 1);
  const biases = tf.split(array(inputs, 'heads/bias'), widths);
  const heads = weights.map((w, at) => layer(w, biases[at]!));
  const binary = heads.slice(0, -2);
  const [regression, classHead] = heads.slice(-2);
  const x = array(inputs, 'x');
  const labels = tf.split(array(inputs, 'labels'), binary.length, 1);
  const masks = tf.split(array(inputs, 'mask'), binary.length, 1);
  const target = array(inputs, 'target');
  const oneHot = tf.cast(tf.oneHot(array(inputs, 'class', 'int32'), classes), 'float32');

  /** Means over each task's own labels. */
  const stackedLoss = (logits: tf.Tensor): tf.Tensor => {
    const mask = masks[0]!;
    const each = tf.losses.sigmoidCrossEntropy(labels[0]!, logits, mask, 0, tf.Reduction.NONE);
    return tf.sum(tf.div(tf.sum(each, 0), tf.maximum(tf.sum(mask, 0), 1)));
  };
  const lossOf = (): tf.Scalar => {
    const z = trunk.reduce((hidden, each) => tf.relu(each(hidden)), x);
    const losses = stack
      ? [stackedLoss(binary[0]!(z))]
      : binary.map((head, t) =>
          tf.losses.sigmoidCrossEntropy(labels[t]!, head(z), masks[t]!, 0, SUM_BY_NONZERO_WEIGHTS),
        );
    losses.push(tf.losses.softmaxCrossEntropy(oneHot, classHead!(z)));
    losses.push(tf.losses.meanSquaredError(target, regression!(z)));
    // By twos: addN of ten binds eleven buffers, more than the eight that tfjs asks the adapter for, and goes wrong.
    return losses.reduce((a, b) => tf.add(a, b)) as tf.Scalar;
  };
  const optimizer = tf.train.adam(learningRate, 0.9, 0.999, 1e-8);
  let loss: tf.Scalar | null = null;
  return {
    run() {
      loss?.dispose();
      loss = optimizer.minimize(lossOf, true, variables);
      return finish();
    },
    result: () => loss!.data(),
    dispose() {
      optimizer.dispose();
      tf.dispose([...variables, x, ...labels, ...masks, target, oneHot, loss!]);
    },
  };
}

const builders: Record<WorkloadId, ((inputs: Inputs) => Task) | undefined> = {
  matmul512: product,
  matmul1024: product,
  chain: pure(['a', 'b', 'c'], (a, b, c) => tf.mul(tf.tanh(tf.add(tf.mul(a, b), c)), a)),
  sum: pure(['x'], (x) => tf.sum(x)),
  softmax: pure(['x'], (x) => tf.softmax(x)),
  step: (inputs) => trainingStep(inputs, false),
  stackedStep: (inputs) => trainingStep(inputs, true),
  gram: undefined,
  gramLoop: pure(['z', 'w', 'y'], gradientsInALoop),
  gramShape: pure(['a', 'b'], (a, b) => tf.matMul(a, b, false, true)),
  tiny: pure(['x', 'w'], (x, w) => {
    let power = x;
    for (let op = 0; op < tinyOps; op++) power = tf.matMul(power, w);
    return power;
  }),
};

await serve(async (backend): Promise<Contender> => {
  setWasmPaths(`${process.argv[3]!}/node_modules/@tensorflow/tfjs-backend-wasm/dist/`);
  await tf.setBackend(backend);
  const where = backend === 'webgpu' ? await adapterName() : 'WebAssembly';
  return {
    about: `tfjs ${tf.version_core} on ${where}`,
    prepare: async (workload, inputs) => builders[workload]?.(inputs),
  };
});
