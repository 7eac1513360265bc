// A fused chain of pointwise nodes as one WGSL kernel: loads, one `let` a node, stores. Values keep their names
// v0, v1 … whatever the graph, so that equal chains give equal text and share a pipeline.
import type { Node } from '../graph/node.ts';
import type { View } from '../ops/index.ts';
import type { Memory } from '../passes/arrange.ts';
import { bytesPerElement } from '../passes/place.ts';
import { type Dispatch, type PlanBinding, shapesOf } from '../passes/plan.ts';
import { loweringOf } from '../passes/views.ts';
import { numel } from '../tensor/shape.ts';
import type { DType } from '../tensor/types.ts';
import { functionsFor } from './library.ts';
import { bitsHelper, printLiteral } from './literal.ts';
import { coordinate, elementIndex, type PrintOffset } from './position.ts';

export const workgroupSize = 64;

export interface Chain {
  /** In topological order. */
  readonly nodes: readonly Node[];
  /** Those whose values are stored. */
  readonly stored: readonly Node[];
  readonly memory: Pick<Memory, 'access' | 'locate'>;
}

export function generatePointwise(chain: Chain, maxWorkgroups: number): Dispatch {
  const text = new ChainText(chain);
  const size = numel(chain.nodes[0]!.shape);
  const groups = Math.ceil(size / workgroupSize);
  const rows = Math.ceil(groups / maxWorkgroups);
  const columns = Math.ceil(groups / rows);
  const main = [
    `@compute @workgroup_size(${workgroupSize})`,
    'fn main(@builtin(global_invocation_id) id: vec3<u32>) {',
    `  let i = ${rows === 1 ? 'id.x' : `id.x + id.y * ${columns * workgroupSize}u`};`,
    `  if (i >= ${size}u) { return; }`,
    ...text.lines,
    '}\n',
  ].join('\n');
  return {
    label: `pw:${opsOf(chain.nodes)}`,
    nodes: chain.nodes.map((node) => node.name),
    shapes: shapesOf(chain.nodes),
    wgsl: [...text.functions(), text.declarations, main].join('\n\n'),
    entryPoint: 'main',
    constants: {},
    bindings: text.bindings,
    workgroups: [columns, rows, 1],
    bytes: text.elementsMoved * bytesPerElement,
    flops: size * chain.nodes.length,
  };
}

/** The last ops of a chain, as a label shows them. */
export function opsOf(nodes: readonly Node[]): string {
  return [...new Set(nodes.map((node) => node.op))].slice(-4).join('+');
}

/** What a chain finds in the kernel that it stands in. */
export interface Surroundings {
  /** Nodes whose values stand in variables already. */
  readonly given?: ReadonlyMap<Node, string>;
  readonly firstBinding?: number;
  readonly printOffset?: PrintOffset;
}

const literally: PrintOffset = (elements) => `${elements}u`;

/** What a chain does with element `i`, and the buffers that it binds. */
export class ChainText {
  /** Those that the chain itself needs, numbered from `firstBinding`. */
  readonly bindings: PlanBinding[] = [];
  /** One statement each. */
  readonly lines: string[] = [];
  elementsMoved = 0;
  readonly #chain: Chain;
  readonly #firstBinding: number;
  readonly #printOffset: PrintOffset;
  readonly #names: Map<Node, string>;
  readonly #loaded = new Map<string, string>();
  readonly #types: DType[] = [];

  constructor(
    chain: Chain,
    { given = new Map(), firstBinding = 0, printOffset = literally }: Surroundings = {},
  ) {
    this.#chain = chain;
    this.#firstBinding = firstBinding;
    this.#printOffset = printOffset;
    this.#names = new Map(given);
    chain.nodes.filter((node) => !given.has(node)).forEach((node, at) => void this.#compute(node, `v${at}`));
    for (const node of chain.stored) this.#store(node);
  }

  get declarations(): string {
    return this.bindings
      .map(({ access }, at) => {
        const [slot, type] = [this.#firstBinding + at, storageType(this.#types[at]!)];
        return `@group(0) @binding(${slot}) var<storage, ${access}> b${slot}: array<${type}>;`;
      })
      .join('\n');
  }

  /** The functions that the lines call. */
  functions(): string[] {
    const text = this.lines.join('\n');
    return [...functionsFor(text), ...(text.includes('f32_from_bits') ? [bitsHelper] : [])];
  }

  #compute(node: Node, name: string): void {
    const lowering = loweringOf(node);
    if (lowering.kind !== 'pointwise') throw new Error(`${node.op} is not pointwise`);
    const args = node.inputs.map((input) => this.#read(input, node));
    const at = { linear: 'i', coordinate: (axis: number) => coordinate(node.shape, axis) };
    this.#names.set(node, name);
    this.#line(`let ${name} = ${lowering.wgsl(args, node, at)};`);
  }

  #store(node: Node): void {
    const { buffer, base } = this.#chain.memory.locate(node);
    const name = this.#names.get(node)!;
    const value = node.dtype === 'bool' ? `select(0u, 1u, ${name})` : name;
    const index = base === 0 ? 'i' : `i + ${this.#printOffset(base)}`;
    this.#line(`${this.#bind(buffer, node.dtype, 'read_write')}[${index}] = ${value};`);
    this.elementsMoved += numel(node.shape);
  }

  #line(statement: string): void {
    this.lines.push(`  ${statement}`);
  }

  /** The expression for `input`'s element at the index of `user`. */
  #read(input: Node, user: Node): string {
    const { source, view } = this.#chain.memory.access.get(input)!;
    if (source.op === 'literal') return printLiteral(source.attrs.value, source.dtype);
    const computed = this.#names.get(source);
    if (computed !== undefined) return computed;
    const { buffer, base } = this.#chain.memory.locate(source);
    const array = this.#bind(buffer, source.dtype, 'read');
    const index = elementIndex({ ...view, offset: view.offset + base }, user.shape, this.#printOffset);
    const key = `${array} ${index}`;
    let name = this.#loaded.get(key);
    if (name === undefined) {
      name = `x${this.#loaded.size}`;
      this.#loaded.set(key, name);
      const element = `${array}[${index}]`;
      this.#line(`let ${name} = ${source.dtype === 'bool' ? `(${element} != 0u)` : element};`);
      this.elementsMoved += distinctElements(view);
    }
    return name;
  }

  /** The variable of a buffer. */
  #bind(buffer: number, dtype: DType, access: PlanBinding['access']): string {
    let at = this.bindings.findIndex((binding) => binding.buffer === buffer);
    if (at < 0) {
      this.#types.push(dtype);
      at = this.bindings.push({ buffer, access }) - 1;
    } else if (access === 'read_write') this.bindings[at] = { buffer, access };
    return `b${this.#firstBinding + at}`;
  }
}

/** A stretched axis reads the same elements again. */
function distinctElements({ shape, strides }: View): number {
  return numel(shape.filter((_, axis) => strides[axis] !== 0));
}

function storageType(dtype: DType): string {
  return dtype === 'bool' ? 'u32' : dtype;
}
