// The static graph: an append-only list of nodes, made by `apply` under each op's shape rule.
import { GraphError, Mismatch, misuse } from '../tensor/errors.ts';
import { numel } from '../tensor/shape.ts';
import {
  allocate,
  type DType,
  formatType,
  type HostArray,
  type Shape,
  type TensorType,
} from '../tensor/types.ts';
import type { OpAttrs, OpName } from './attrs.ts';
import type { Node } from './node.ts';
import { callSite, Site } from './site.ts';
import { type Operand, Value } from './value.ts';

/** What the graph must know of the ops: their shape rules. The full rows live in `ops/`. */
export type OpTable = {
  readonly [K in OpName]: { infer(inputs: readonly TensorType[], attrs: OpAttrs[K]): TensorType };
};

const dtypes: readonly DType[] = ['f32', 'i32', 'u32', 'bool'];

export class Graph {
  readonly nodes: Node[] = [];
  readonly #ops: OpTable;
  readonly #leaves = new Map<string, Value>();
  readonly #scopes: string[] = [];

  constructor(ops: OpTable) {
    this.#ops = ops;
  }

  /** A tensor that the host writes before a run. */
  input(name: string, shape: Shape, dtype: DType = 'f32'): Value {
    return this.#leaf('input', name, { shape, dtype }, { name: this.#qualify(name) });
  }

  /** A persistent tensor: a parameter, a moment, a running statistic. Starts as `init` (zeros where left out). */
  state(name: string, shape: Shape, init?: HostArray | readonly number[], dtype: DType = 'f32'): Value {
    const data = allocate(dtype, numel(shape));
    if (init !== undefined) {
      if (init.length !== data.length) {
        throw new GraphError(
          misuse(`state('${name}')`, `${data.length} initial elements`, `${init.length}`, callSite()),
        );
      }
      data.set(init);
    }
    return this.#leaf('state', name, { shape, dtype }, { name: this.#qualify(name), init: data });
  }

  /** A float that the host may set between runs: a learning rate, a weight, a temperature. */
  scalar(name: string, init: number): Value {
    return this.#leaf('scalar', name, { shape: [], dtype: 'f32' }, { name: this.#qualify(name), init });
  }

  constant(values: HostArray | readonly number[], shape: Shape, dtype: DType = 'f32'): Value {
    const data = allocate(dtype, numel(shape), values instanceof Float64Array ? 'f64' : 'f32');
    if (values.length !== data.length) {
      throw new GraphError(
        misuse(
          'constant',
          `${data.length} elements for ${formatType({ shape, dtype })}`,
          `${values.length}`,
          callSite(),
        ),
      );
    }
    data.set(values);
    return this.#append('constant', [], { data }, { shape, dtype }, '');
  }

  literal(value: number, dtype: DType = 'f32'): Value {
    if ((dtype === 'i32' || dtype === 'u32') && !Number.isInteger(value)) {
      throw new GraphError(misuse('literal', `a whole number for ${dtype}`, `${value}`, callSite()));
    }
    return this.#append('literal', [], { value }, { shape: [], dtype }, '');
  }

  /** `0, 1, 2 …` along `axis` of `shape`, as u32. */
  iota(shape: Shape, axis = 0): Value {
    return this.apply('iota', [], { shape, axis });
  }

  /** Appends a node. Throws `GraphError` where the op's shape rule does not hold. */
  apply<K extends OpName>(op: K, inputs: readonly Operand[], attrs: OpAttrs[K]): Value {
    const anchor = inputs.find((input): input is Value => input instanceof Value);
    const values = inputs.map((input) =>
      input instanceof Value
        ? this.#own(op, input)
        : this.literal(input, anchor?.dtype === 'bool' ? 'f32' : anchor?.dtype),
    );
    try {
      const type = this.#ops[op].infer(
        values.map((value) => value.node),
        attrs,
      );
      return this.#append(
        op,
        values.map((value) => value.node),
        attrs,
        type,
        '',
      );
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      throw new GraphError(misuse(op, error.expected, error.got, callSite()));
    }
  }

  /** Names made inside `build` begin with `name/`. */
  scope<T>(name: string, build: () => T): T {
    this.#scopes.push(name);
    try {
      return build();
    } finally {
      this.#scopes.pop();
    }
  }

  /** The leaf of that (qualified) name. */
  leaf(name: string): Value | undefined {
    return this.#leaves.get(name);
  }

  /** One line a node: `%3 f32[4,8] = matmul %1 %2 {"transA":false,…}  # mlp/matmul_3`. */
  print(): string {
    return this.nodes.map(formatNode).join('\n');
  }

  #qualify(name: string): string {
    return [...this.#scopes, name].join('/');
  }

  #leaf<K extends 'input' | 'state' | 'scalar'>(
    op: K,
    name: string,
    type: TensorType,
    attrs: OpAttrs[K],
  ): Value {
    const full = this.#qualify(name);
    if (name === '') throw new GraphError(misuse(op, 'a name', "''", callSite()));
    if (this.#leaves.has(full))
      throw new GraphError(misuse(`${op}('${full}')`, 'a name not yet taken', 'a second leaf', callSite()));
    if (!dtypes.includes(type.dtype)) {
      throw new GraphError(
        misuse(`${op}('${full}')`, `a dtype of ${dtypes.join(', ')}`, String(type.dtype), callSite()),
      );
    }
    if (!type.shape.every((extent) => Number.isInteger(extent) && extent > 0)) {
      throw new GraphError(
        misuse(`${op}('${full}')`, 'positive whole extents', `[${type.shape.join(',')}]`, callSite()),
      );
    }
    const value = this.#append(op, [], attrs, type, full);
    this.#leaves.set(full, value);
    return value;
  }

  #own(call: string, value: Value): Value {
    if (value.graph === this) return value;
    throw new GraphError(
      misuse(call, 'values of one graph', `'${value.node.name}' of another graph`, callSite()),
    );
  }

  #append<K extends OpName>(
    op: K,
    inputs: readonly Node[],
    attrs: OpAttrs[K],
    type: TensorType,
    leafName: string,
  ): Value {
    const id = this.nodes.length;
    const node = Object.freeze({
      id,
      op,
      inputs: Object.freeze([...inputs]),
      attrs: Object.freeze(attrs),
      shape: Object.freeze([...type.shape]),
      dtype: type.dtype,
      name: leafName || this.#qualify(`${op}_${id}`),
      site: new Site(),
    }) as unknown as Node;
    this.nodes.push(node);
    return new Value(this, node);
  }
}

export function formatNode(node: Node): string {
  const inputs = node.inputs.map((input) => ` %${input.id}`).join('');
  const attrs = JSON.stringify(node.attrs, (_, value) =>
    ArrayBuffer.isView(value)
      ? `<${(value as Uint8Array).length} elements>`
      : typeof value === 'function'
        ? '<function>'
        : value,
  );
  return `%${node.id} ${formatType(node)} = ${node.op}${inputs}${attrs === '{}' ? '' : ` ${attrs}`}  # ${node.name}`;
}
