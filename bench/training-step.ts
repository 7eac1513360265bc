// The training step of the comparison with other libraries: input 128 → 256 → 256 → 128, ReLU; 8 binary heads with
// masks, one 10-class head, one regression head; batch 512; Adam.
import { grads } from '../src/autodiff/index.ts';
import { linear, mlp, Parameters } from '../src/nn/index.ts';
import { newGraph } from '../src/ops/index.ts';
import { adam } from '../src/optim/index.ts';
import { checkSpec, type ProgramSpec, type Step } from '../src/program/executable.ts';

export const batch = 512;
export const width = 128;
export const binaryHeads = 8;

export function trainingStep(): ProgramSpec {
  const graph = newGraph();
  const x = graph.input('x', [batch, width]);
  const labels = graph.input('labels', [batch, binaryHeads]);
  const mask = graph.input('mask', [batch, binaryHeads], 'bool');
  const classes = graph.input('class', [batch], 'u32');
  const target = graph.input('target', [batch, 1]);
  const rate = graph.scalar('rate', 1e-3);
  const trunk = mlp('trunk', { inputs: width, widths: [256, 256, 128] });
  const heads = Array.from({ length: binaryHeads }, (_, t) =>
    linear(`binary ${t}`, { inputs: width, outputs: 1 }),
  );
  const classHead = linear('class', { inputs: width, outputs: 10 });
  const regression = linear('regression', { inputs: width, outputs: 1 });
  const parameters = new Parameters(graph, [trunk, ...heads, classHead, regression], 1);
  const z = trunk.apply(parameters, x);
  const losses = heads.map((head, t) => {
    const seen = mask.narrow(1, t, t + 1);
    const each = head.apply(parameters, z).sigmoidCrossEntropy(labels.narrow(1, t, t + 1));
    return seen.select(each, 0).sum().div(seen.cast('f32').sum().maximum(1));
  });
  losses.push(classHead.apply(parameters, z).softmaxCrossEntropy(classes).mean());
  losses.push(regression.apply(parameters, z).sub(target).square().mean());
  const loss = losses.reduce((a, b) => a.add(b));
  const [gradients] = grads([loss], parameters.values);
  const updates = adam([parameters.flat], [parameters.flatten(gradients!)], { learningRate: rate });
  return { outputs: { loss }, updates };
}

export function trainingStepNodes(): Step {
  return checkSpec(trainingStep());
}
