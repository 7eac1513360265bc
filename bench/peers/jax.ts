// jax-js as its user would write the workloads: everything under jit, arrays owned by whom they are passed to.
import './webgpu.ts';
import {
  blockUntilReady,
  type Device,
  defaultDevice,
  grad,
  init,
  jit,
  nn,
  numpy as np,
  tree,
  valueAndGrad,
  vmap,
} from '@jax-js/jax';
import { type Contender, serve, type Task } from '../engine/contender.ts';
import {
  binaryHeads,
  type Inputs,
  learningRate,
  type Tensor,
  tinyOps,
  trunkWidths,
  type WorkloadId,
} from '../engine/workloads.ts';
import { adapterName } from './webgpu.ts';

const array = ({ shape, data }: Tensor): np.Array => np.array(data.slice()).reshape([...shape]);

/** A pure function of some inputs under jit. */
function pure(names: readonly string[], f: (...inputs: np.Array[]) => np.Array) {
  return (inputs: Inputs): Task => {
    const compiled = jit(f);
    const given = names.map((name) => array(inputs[name]!));
    let last: np.Array | undefined;
    return {
      async run() {
        last?.dispose();
        last = compiled(...given.map((each) => each.ref));
        await blockUntilReady(last.ref);
      },
      result: async () => Float32Array.from(await last!.ref.data()),
      dispose() {
        for (const each of [...given, last]) each?.dispose();
        compiled.dispose();
      },
    };
  };
}

const product = pure(['a', 'b'], (a, b) => np.matmul(a, b));

/** Mean over the batch of the cross-entropy of a logit: softplus(o) − y·o. */
const crossEntropy = (logits: np.Array, labels: np.Array): np.Array =>
  nn.softplus(logits.ref).sub(logits.mul(labels));

const gramOf = (gradients: np.Array): np.Array => {
  const flat = gradients.reshape([gradients.shape[0]!, -1]);
  return np.matmul(flat.ref, flat.transpose());
};

/** The loss of one linear head as a function of the representation. */
const headLoss = (z: np.Array, w: np.Array, y: np.Array): np.Array =>
  np.mean(crossEntropy(np.matmul(z, w), y));

const taskGradients = {
  vmap: (z: np.Array, w: np.Array, y: np.Array): np.Array =>
    gramOf(vmap(grad(headLoss), [null, 1, 1])(z, w, y) as np.Array),
  loop(z: np.Array, w: np.Array, y: np.Array): np.Array {
    const columns = np.unstack(w, 1);
    const labels = np.unstack(y, 1);
    const gradients = columns.map((column, t) => grad(headLoss)(z.ref, column, labels[t]!) as np.Array);
    z.dispose();
    return gramOf(np.stack(gradients));
  },
};

// Types, not interfaces: only those fit jax-js's tree types.
type Layer = { w: np.Array; b: np.Array };
type Model = Record<string, Layer>;
type Batch = Record<'x' | 'labels' | 'mask' | 'target' | 'class', np.Array>;
type State = { loss: np.Array; model: Model; mean: Model; square: Model; count: np.Array };

const mapModel = (f: (...leaves: np.Array[]) => np.Array, ...models: [Model, ...Model[]]): Model =>
  tree.map(f, ...models) as unknown as Model;

const apply = ({ w, b }: Layer, x: np.Array): np.Array => np.matmul(x, w).add(b);

const stacked = (model: Model, z: np.Array, { labels, mask }: Batch): np.Array => {
  const each = crossEntropy(apply(model['binary']!, z), labels);
  const counts = np.maximum(np.sum(mask.ref, 0), 1);
  return np.sum(np.sum(np.where(mask.greater(0), each, 0), 0).div(counts));
};

const separate = (model: Model, z: np.Array, batch: Batch): np.Array => {
  const labels = np.unstack(batch.labels, 1);
  const masks = np.unstack(batch.mask, 1);
  const losses = labels.map((label, t) => {
    const each = crossEntropy(np.squeeze(apply(model[`binary ${t}`]!, z.ref), 1), label);
    const count = np.maximum(np.sum(masks[t]!.ref), 1);
    return np.sum(np.where(masks[t]!.greater(0), each, 0)).div(count);
  });
  z.dispose();
  return losses.reduce((total, loss) => total.add(loss));
};

const lossOf = (binaryLoss: typeof stacked) => (model: Model, batch: Batch) => {
  let z = batch.x;
  for (let at = 0; at < trunkWidths.length - 1; at++) z = nn.relu(apply(model[`trunk ${at}`]!, z));
  const logProbabilities = nn.logSoftmax(apply(model['class']!, z.ref));
  const classLoss = np
    .sum(logProbabilities.mul(nn.oneHot(batch.class, 10)), -1)
    .mean()
    .neg();
  const regressionLoss = np.mean(np.square(apply(model['regression']!, z.ref).sub(batch.target)));
  return binaryLoss(model, z, batch).add(classLoss).add(regressionLoss);
};

function adamStep(binaryLoss: typeof stacked) {
  const lossAndGradients = valueAndGrad(lossOf(binaryLoss));
  return jit((state: State, batch: Batch): State => {
    const { model, loss: previous } = state;
    previous.dispose();
    const [loss, gradients] = lossAndGradients(tree.ref(model), batch) as [np.Array, Model];
    const count = state.count.add(1);
    const correction1 = np.subtract(1, np.power(0.9, count.ref));
    const correction2 = np.subtract(1, np.power(0.999, count.ref));
    const mean = mapModel((m, g) => m!.mul(0.9).add(g!.mul(0.1)), state.mean, tree.ref(gradients));
    const square = mapModel(
      (v, g) => v!.mul(0.999).add(np.square(g!).mul(0.001)),
      ...([state.square, gradients] as const),
    );
    const next = mapModel(
      (p, m, v) => {
        const direction = m!.div(correction1.ref).div(np.sqrt(v!.div(correction2.ref)).add(1e-8));
        return p!.sub(direction.mul(learningRate));
      },
      ...([model, tree.ref(mean), tree.ref(square)] as const),
    );
    correction1.dispose();
    correction2.dispose();
    return { loss, model: next, mean, square, count };
  });
}

/** `heads/weight` holds 8 binary columns, then the regression's, then 10 of the classes. */
function modelOf(inputs: Inputs, stack: boolean): Model {
  const layer = (w: np.Array, b: np.Array): Layer => ({ w, b });
  const trunk = trunkWidths
    .slice(1)
    .map((_, at) => layer(array(inputs[`trunk/${at}/weight`]!), array(inputs[`trunk/${at}/bias`]!)));
  const weights = np.split(array(inputs['heads/weight']!), [binaryHeads, binaryHeads + 1], 1);
  const biases = np.split(array(inputs['heads/bias']!), [binaryHeads, binaryHeads + 1]);
  const [binary, regression, classes] = weights.map((w, at) => layer(w, biases[at]!));
  const heads = (): Layer[] => {
    const columns = np.split(binary!.w, binaryHeads, 1);
    const offsets = np.split(binary!.b, binaryHeads);
    return columns.map((w, t) => layer(w, offsets[t]!));
  };
  return {
    ...Object.fromEntries(trunk.map((each, at) => [`trunk ${at}`, each])),
    ...(stack ? { binary: binary! } : Object.fromEntries(heads().map((each, t) => [`binary ${t}`, each]))),
    regression: regression!,
    class: classes!,
  };
}

const trainingStep = (stack: boolean) => {
  return (inputs: Inputs): Task => {
    const step = adamStep(stack ? stacked : separate);
    const model = modelOf(inputs, stack);
    const zeros = (): Model => mapModel((p) => np.zerosLike(p!), tree.ref(model));
    let state: State = { loss: np.array(0), model, mean: zeros(), square: zeros(), count: np.array(0) };
    const batch: Batch = {
      x: array(inputs['x']!),
      labels: array(inputs['labels']!),
      mask: array(inputs['mask']!),
      target: array(inputs['target']!),
      class: array(inputs['class']!).astype(np.int32),
    };
    return {
      async run() {
        state = step(state, tree.ref(batch)) as State;
        await blockUntilReady(tree.ref(state));
      },
      result: async () => Float32Array.from(await state.loss.ref.data()),
      dispose() {
        tree.dispose([state, batch]);
        step.dispose();
      },
    };
  };
};

const builders: Record<WorkloadId, (inputs: Inputs) => Task> = {
  matmul512: product,
  matmul1024: product,
  chain: pure(['a', 'b', 'c'], (a, b, c) => np.tanh(a.ref.mul(b).add(c)).mul(a)),
  sum: pure(['x'], (x) => np.sum(x)),
  softmax: pure(['x'], (x) => nn.softmax(x, -1)),
  step: trainingStep(false),
  stackedStep: trainingStep(true),
  gram: pure(['z', 'w', 'y'], taskGradients.vmap),
  gramLoop: pure(['z', 'w', 'y'], taskGradients.loop),
  gramShape: pure(['a', 'b'], (a, b) => np.matmul(a, b.transpose())),
  tiny: pure(['x', 'w'], (x, w) => {
    let power = x;
    for (let op = 0; op < tinyOps; op++) power = np.matmul(power, w.ref);
    w.dispose();
    return power;
  }),
};

await serve(async (backend): Promise<Contender> => {
  await init(backend as Device);
  defaultDevice(backend as Device);
  const where = backend === 'webgpu' ? await adapterName() : 'WebAssembly';
  return {
    about: `jax-js 0.1.25 on ${where}`,
    prepare: async (workload, inputs) => builders[workload](inputs),
  };
});
