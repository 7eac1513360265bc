// A model's description, and predictions from its parameters: plain data that a file can hold.
import { type Heads, layOut, makeHeads, type Task, type TaskLayout } from '../mtl/index.ts';
import { Parameters } from '../nn/index.ts';
import { newGraph } from '../ops/index.ts';
import { compile, type Device, type Program } from '../program/index.ts';
import { type FeatureArrays, writeFeatures } from './data.ts';
import { type FeatureShape, featureInputs, featureTrunk, type TrunkOptions } from './features.ts';

export interface ModelSpec {
  readonly tasks: readonly Task[];
  readonly features: FeatureShape;
  readonly trunk: TrunkOptions;
  /** Widths of the heads' hidden layers; none makes them linear. */
  readonly headWidths: readonly number[];
}

/** Predictions by task name, row-major. */
export interface TaskPrediction {
  /**
   * Detection: probabilities `[rows, attributes]`. Classification: probabilities `[rows, classes]`. Regression:
   * standardised values `[rows, outputs]`.
   */
  readonly values: Float64Array;
  readonly width: number;
}

export type Predictions = Readonly<Record<string, TaskPrediction>>;

/** Runs a model forward in batches of fixed size. Owns device memory: dispose of it. */
export class Predictor {
  readonly #spec: ModelSpec;
  readonly #layout: TaskLayout;
  readonly #program: Program;
  readonly #batch: number;

  static async create(spec: ModelSpec, device: Device, batch = 1024): Promise<Predictor> {
    const layout = layOut(spec.tasks);
    const graph = newGraph();
    const trunk = featureTrunk(spec.features, spec.trunk);
    const heads: Heads = makeHeads(layout, { inputs: trunk.width, hidden: spec.headWidths });
    const parameters = new Parameters(graph, [trunk, heads], 0);
    const features = featureInputs(graph, spec.features, batch);
    const outputs = heads.apply(parameters, trunk.apply(parameters, features));
    return new Predictor(spec, layout, await compile({ outputs: { outputs } }, device), batch);
  }

  private constructor(spec: ModelSpec, layout: TaskLayout, program: Program, batch: number) {
    this.#spec = spec;
    this.#layout = layout;
    this.#program = program;
    this.#batch = batch;
  }

  /** `parameters`: the flat state of a training step of the same model. */
  async predict(parameters: Float32Array | Float64Array, data: FeatureArrays): Promise<Predictions> {
    this.#program.restore({ parameters });
    const { slots, outputs: columns } = this.#layout;
    const widths = slots.map(({ outputs }) => outputs.end - outputs.start);
    const values = widths.map((width) => new Float64Array(data.rows * width));
    for (let from = 0; from < data.rows; from += this.#batch) {
      writeFeatures(this.#program, this.#spec.features, data, from, this.#batch);
      this.#program.run();
      const batch = await this.#program.read('outputs');
      const count = Math.min(this.#batch, data.rows - from);
      slots.forEach(({ task, outputs: { start } }, at) => {
        const width = widths[at]!;
        for (let i = 0; i < count; i++) {
          const row = values[at]!.subarray((from + i) * width, (from + i + 1) * width);
          for (let c = 0; c < width; c++) row[c] = batch[i * columns + start + c]!;
          if (task.kind === 'detection') sigmoidInPlace(row);
          if (task.kind === 'classification') softmaxInPlace(row);
        }
      });
    }
    return Object.fromEntries(
      slots.map(({ task }, at) => [task.name, { values: values[at]!, width: widths[at]! }]),
    );
  }

  dispose(): void {
    this.#program.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function sigmoidInPlace(row: Float64Array): void {
  for (let c = 0; c < row.length; c++) row[c] = 1 / (1 + Math.exp(-row[c]!));
}

function softmaxInPlace(row: Float64Array): void {
  const largest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  let total = 0;
  for (let c = 0; c < row.length; c++) {
    row[c] = Math.exp(row[c]! - largest);
    total += row[c]!;
  }
  for (let c = 0; c < row.length; c++) row[c] = row[c]! / total;
}
