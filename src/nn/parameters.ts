// All parameters of a model in one flat state, so that an optimiser is one dispatch and a snapshot one array.
// Layers name their parameters by specs first; the store lays them out, weights before the undecayed rest.
import type { Graph } from '../graph/graph.ts';
import type { Value } from '../graph/value.ts';
import { GraphError, misuse } from '../tensor/errors.ts';
import { Random } from '../tensor/random.ts';
import { numel } from '../tensor/shape.ts';
import type { Shape } from '../tensor/types.ts';
import type { Initializer } from './initializers.ts';

export interface ParameterSpec {
  /** Unique in the model, `trunk/0/weight`. */
  readonly name: string;
  readonly shape: Shape;
  readonly init: Initializer;
  /** Whether weight decay applies: to weights, not to biases, gains and offsets. */
  readonly decay: boolean;
}

/** Anything with parameters: a layer, a head, a whole network. */
export interface Module {
  readonly parameters: readonly ParameterSpec[];
}

export interface ParameterEntry extends ParameterSpec {
  /** First element in the flat state. */
  readonly offset: number;
}

export class Parameters {
  /** All parameters, shape `[size]`. */
  readonly flat: Value;
  readonly entries: readonly ParameterEntry[];
  /** Elements `[0, decayed)` take weight decay. */
  readonly decayed: number;
  readonly #values = new Map<string, Value>();

  /**
   * Lays out the parameters of `modules`. From a seed, as a new state: the same seed gives the same bits. From a tensor
   * that holds them in this layout, as views of it: the same modules at another point.
   */
  constructor(graph: Graph, modules: readonly Module[], source: number | Value, name = 'parameters') {
    const specs = modules.flatMap((module) => module.parameters);
    const ordered = [...specs.filter((spec) => spec.decay), ...specs.filter((spec) => !spec.decay)];
    let offset = 0;
    this.entries = ordered.map((spec) => {
      const entry = { ...spec, offset };
      offset += numel(spec.shape);
      return entry;
    });
    this.decayed = ordered.filter((spec) => spec.decay).reduce((total, spec) => total + numel(spec.shape), 0);
    this.flat =
      typeof source === 'number'
        ? graph.state(name, [offset], initialize(this.entries, offset, source))
        : source;
    for (const entry of this.entries) {
      if (this.#values.has(entry.name))
        throw new GraphError(misuse('Parameters', 'unique names', `'${entry.name}' twice`));
      const end = entry.offset + numel(entry.shape);
      this.#values.set(entry.name, this.flat.slice([entry.offset], [end]).reshape(entry.shape));
    }
  }

  get(name: string): Value {
    const value = this.#values.get(name);
    if (!value)
      throw new GraphError(
        misuse('Parameters.get', `one of ${[...this.#values.keys()].join(', ')}`, `'${name}'`),
      );
    return value;
  }

  /** The parameters as separate values, in the order of `entries`: what to differentiate by. */
  get values(): Value[] {
    return this.entries.map((entry) => this.get(entry.name));
  }

  /** What belongs to `module` in a tensor of the layout of `flat`, in as few parts as it lies in. */
  partsOf(module: Module, flat: Value): Value[] {
    const names = new Set(module.parameters.map(({ name }) => name));
    const ranges: { start: number; end: number }[] = [];
    for (const { name, offset, shape } of this.entries) {
      if (!names.has(name)) continue;
      const last = ranges.at(-1);
      const end = offset + numel(shape);
      if (last?.end === offset) last.end = end;
      else ranges.push({ start: offset, end });
    }
    return ranges.map(({ start, end }) => flat.slice([start], [end]));
  }

  /** Gradients by `values`, side by side in the layout of `flat`. */
  flatten(gradients: readonly Value[]): Value {
    const [first, ...rest] = gradients.map((gradient) => gradient.reshape([-1]));
    return first!.concat(rest, 0);
  }
}

function initialize(entries: readonly ParameterEntry[], size: number, seed: number): Float32Array {
  const flat = new Float32Array(size);
  const random = new Random(seed);
  for (const { name, offset, shape, init } of entries) {
    // A stream of its own for each name: a new layer never shifts the others' numbers.
    init(flat.subarray(offset, offset + numel(shape)), shape, random.fork(name));
  }
  return flat;
}
