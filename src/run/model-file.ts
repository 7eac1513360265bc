// model.safetensors and model.json: the parameters by name, and all else that prediction and evaluation need.
import { columnNames } from '../config/index.ts';
import type { Encoding } from '../data/index.ts';
import type { FairnessSpec, Partition } from '../fairness/index.ts';
import { layOut, makeHeads } from '../mtl/index.ts';
import { type ParameterEntry, Parameters } from '../nn/index.ts';
import { newGraph } from '../ops/index.ts';
import { numel } from '../tensor/shape.ts';
import { featureTrunk, type ModelSpec } from '../train/index.ts';
import { digest } from './checkpoint.ts';
import { RunError } from './errors.ts';
import { readJson, writeJson } from './files.ts';
import type { RunFolder } from './folder.ts';
import { readSafetensors, type Tensor, writeSafetensors } from './safetensors.ts';

const FORMAT = 'fairmt-model';
const VERSION = 1;
const WHAT = 'a model of fairmt';

export interface ModelFile {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  /** The version of fairmt that wrote it. */
  readonly fairmt: string;
  readonly method: string;
  readonly seed: number;
  /** How tables are to be read. */
  readonly table: { readonly delimiter?: string; readonly missing: readonly string[] };
  readonly encoding: Encoding;
  readonly model: ModelSpec;
  readonly fairness: Readonly<Record<string, FairnessSpec>>;
  readonly partitions: readonly Partition[];
  /** What each output stands for, by task. */
  readonly outputs: Readonly<Record<string, readonly string[]>>;
  /** SHA-256 of the parameters. */
  readonly sha256: string;
}

export interface SavedModel {
  readonly file: ModelFile;
  /** Flat, as a training step has them. */
  readonly parameters: Float32Array;
}

export type ModelFacts = Omit<ModelFile, 'format' | 'version' | 'outputs' | 'sha256'>;

/** The parameters first: model.json, which names their digest, is there only when they are. */
export async function saveModel(
  folder: RunFolder,
  facts: ModelFacts,
  flat: Float32Array | Float64Array,
): Promise<void> {
  const tensors = new Map(
    parameterEntries(facts.model).map(({ name, shape, offset }): [string, Tensor] => {
      const data = Float32Array.from(flat.subarray(offset, offset + numel(shape)));
      return [name, { shape, data }];
    }),
  );
  await writeSafetensors(folder.file('model.safetensors'), { tensors, metadata: { format: FORMAT } });
  const outputs = Object.fromEntries(facts.encoding.tasks.map((task) => [task.name, columnNames(task)]));
  const file: ModelFile = { format: FORMAT, version: VERSION, ...facts, outputs, sha256: digest(tensors) };
  await writeJson(folder.file('model.json'), file);
}

/** @throws RunError for a folder without a model, or with a broken or foreign one */
export async function loadModel(folder: RunFolder): Promise<SavedModel> {
  const path = folder.file('model.json');
  const file = (await readJson(path, WHAT)) as Partial<ModelFile> | null;
  const fail = (at: string, expected: string, got: string): never => {
    throw new RunError({ file: at, expected, got, remedy: 'Train again, or take a folder of this version.' });
  };
  if (file?.format !== FORMAT) fail(path, WHAT, 'JSON of another kind');
  if (file?.version !== VERSION)
    fail(path, `${WHAT} in version ${VERSION}`, `version ${String(file?.version)}`);
  const known = file as ModelFile;
  const weights = folder.file('model.safetensors');
  const { tensors } = await readSafetensors(weights, 'the parameters of a model');
  if (digest(tensors) !== known.sha256) {
    fail(weights, 'the parameters that model.json speaks of', 'others, or damaged ones');
  }
  return { file: known, parameters: flatten(parameterEntries(known.model), tensors) };
}

function flatten(entries: readonly ParameterEntry[], tensors: ReadonlyMap<string, Tensor>): Float32Array {
  const last = entries.at(-1)!;
  const flat = new Float32Array(last.offset + numel(last.shape));
  for (const { name, offset } of entries) flat.set(tensors.get(name)!.data, offset);
  return flat;
}

/** Names, shapes and places of a model's parameters in the flat array. */
export function parameterEntries(model: ModelSpec): readonly ParameterEntry[] {
  const trunk = featureTrunk(model.features, model.trunk);
  const heads = makeHeads(layOut(model.tasks), { inputs: trunk.width, hidden: model.headWidths });
  return new Parameters(newGraph(), [trunk, heads], 0).entries;
}
