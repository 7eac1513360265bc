// A fused chain of pointwise nodes as one WGSL kernel: loads, one `let` a node, stores. Values keep their names
// v0, v1 … whatever the graph, so that equal chains give equal text and share a pipeline.
import type { Node } from '../graph/node.ts';
import type { View } from '../ops/index.ts';
import type { Memory } from '../passes/arrange.ts';
import { type Dispatch, type PlanBinding, shapesOf } from '../passes/plan.ts';
import { loweringOf } from '../passes/views.ts';
import { numel } from '../tensor/shape.ts';
import type { DType } from '../tensor/types.ts';
import { functionsFor } from './library.ts';
import { bitsHelper, printLiteral } from './literal.ts';
import { coordinate, elementIndex } from './position.ts';

export const workgroupSize = 64;

export interface Chain {
  readonly nodes: readonly Node[];
  /** Those among `nodes` whose values are stored. */
  readonly stored: readonly Node[];
  readonly memory: Pick<Memory, 'access' | 'locate'>;
  readonly maxWorkgroups: number;
}

export function generatePointwise(chain: Chain): Dispatch {
  const body = new Body(chain);
  for (const node of chain.nodes) body.compute(node);
  for (const node of chain.stored) body.store(node);
  const size = numel(chain.nodes[0]!.shape);
  const groups = Math.ceil(size / workgroupSize);
  const rows = Math.ceil(groups / chain.maxWorkgroups);
  const columns = Math.ceil(groups / rows);
  return {
    label: `pw:${[...new Set(chain.nodes.map((node) => node.op))].slice(-4).join('+')}`,
    nodes: chain.nodes.map((node) => node.name),
    shapes: shapesOf(chain.nodes),
    wgsl: body.module(size, rows === 1 ? 'id.x' : `id.x + id.y * ${columns * workgroupSize}u`),
    entryPoint: 'main',
    constants: {},
    bindings: body.bindings,
    workgroups: [columns, rows, 1],
    bytes: body.elementsMoved * 4,
    flops: size * chain.nodes.length,
  };
}

class Body {
  readonly bindings: PlanBinding[] = [];
  elementsMoved = 0;
  readonly #chain: Chain;
  readonly #lines: string[] = [];
  readonly #names = new Map<Node, string>();
  readonly #loaded = new Map<string, string>();
  readonly #types: DType[] = [];

  constructor(chain: Chain) {
    this.#chain = chain;
  }

  compute(node: Node): void {
    const lowering = loweringOf(node);
    if (lowering.kind !== 'pointwise') throw new Error(`${node.op} is not pointwise`);
    const args = node.inputs.map((input) => this.#read(input, node));
    const at = { linear: 'i', coordinate: (axis: number) => coordinate(node.shape, axis) };
    const name = `v${this.#names.size}`;
    this.#names.set(node, name);
    this.#lines.push(`let ${name} = ${lowering.wgsl(args, node, at)};`);
  }

  store(node: Node): void {
    const { buffer, base } = this.#chain.memory.locate(node);
    const slot = this.#bind(buffer, node.dtype, 'read_write');
    const name = this.#names.get(node)!;
    const value = node.dtype === 'bool' ? `select(0u, 1u, ${name})` : name;
    this.#lines.push(`b${slot}[${base === 0 ? 'i' : `i + ${base}u`}] = ${value};`);
    this.elementsMoved += numel(node.shape);
  }

  /** `index`: the element of this invocation, by its `id`. */
  module(size: number, index: string): string {
    const declarations = this.bindings.map(
      ({ access }, at) =>
        `@group(0) @binding(${at}) var<storage, ${access}> b${at}: array<${storageType(this.#types[at]!)}>;`,
    );
    const text = this.#lines.map((line) => `  ${line}`).join('\n');
    const main = [
      `@compute @workgroup_size(${workgroupSize})`,
      'fn main(@builtin(global_invocation_id) id: vec3<u32>) {',
      `  let i = ${index};`,
      `  if (i >= ${size}u) { return; }`,
      text,
      '}\n',
    ].join('\n');
    const helper = text.includes('f32_from_bits') ? [bitsHelper] : [];
    return [...functionsFor(text), ...helper, declarations.join('\n'), main].join('\n\n');
  }

  /** The expression for `input`'s element at the index of `user`. */
  #read(input: Node, user: Node): string {
    const { source, view } = this.#chain.memory.access.get(input)!;
    if (source.op === 'literal') return printLiteral(source.attrs.value, source.dtype);
    const computed = this.#names.get(source);
    if (computed !== undefined) return computed;
    const { buffer, base } = this.#chain.memory.locate(source);
    const slot = this.#bind(buffer, source.dtype, 'read');
    const index = elementIndex(view, user.shape, base);
    const key = `${slot} ${index}`;
    let name = this.#loaded.get(key);
    if (name === undefined) {
      name = `x${this.#loaded.size}`;
      this.#loaded.set(key, name);
      const element = `b${slot}[${index}]`;
      this.#lines.push(`let ${name} = ${source.dtype === 'bool' ? `(${element} != 0u)` : element};`);
      this.elementsMoved += distinctElements(view);
    }
    return name;
  }

  #bind(buffer: number, dtype: DType, access: PlanBinding['access']): number {
    const known = this.bindings.findIndex((binding) => binding.buffer === buffer);
    if (known < 0) {
      this.#types.push(dtype);
      return this.bindings.push({ buffer, access }) - 1;
    }
    if (access === 'read_write') this.bindings[known] = { buffer, access };
    return known;
  }
}

/** A stretched axis reads the same elements again. */
function distinctElements({ shape, strides }: View): number {
  return numel(shape.filter((_, axis) => strides[axis] !== 0));
}

function storageType(dtype: DType): string {
  return dtype === 'bool' ? 'u32' : dtype;
}
