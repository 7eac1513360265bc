// A step as one WebAssembly module: an exported function for each unit of the schedule. All tensors lie in one memory
// of fixed size, at addresses printed into the code. (A call from JavaScript costs some 20 ns, so a step needs no
// function that calls them all.)

import { opsOf } from '../../codegen/pointwise.ts';
import type { OpName } from '../../graph/attrs.ts';
import type { Node, NodeWith } from '../../graph/node.ts';
import { arrange, isMadeInPlace, type Layout, type Memory, type StepSpec } from '../../passes/arrange.ts';
import type { Unit } from '../../passes/fuse.ts';
import { bytesPerElement } from '../../passes/place.ts';
import { type PlanBuffer, type PlanTensor, shapesOf } from '../../passes/plan.ts';
import { DeviceError, misuse } from '../../tensor/errors.ts';
import { numel } from '../../tensor/shape.ts';
import {
  type FunctionBuilder,
  i32,
  ModuleBuilder,
  memory as memoryInstruction,
  pageBytes,
} from './assembler/index.ts';
import { emitChain } from './chain.ts';
import { Faults, noteWords } from './faults.ts';
import type { Site } from './kernels/site.ts';
import { type Row, table } from './table.ts';

/** A custom kernel, which the host calls. */
export interface HostCall {
  readonly node: NodeWith<'customKernel'>;
  readonly inputs: readonly PlanTensor[];
  readonly output: PlanTensor;
}

/** One call of a step. */
export interface Call {
  readonly label: string;
  /** Names of the graph nodes that it computes. */
  readonly nodes: readonly string[];
  readonly shapes: string;
  /** The function's name among the module's exports, or what the host does. */
  readonly run: string | HostCall;
  /** Bytes that it must at least read and write. */
  readonly bytes: number;
  readonly flops: number;
}

export interface Generated {
  readonly layout: Layout;
  readonly module: Uint8Array<ArrayBuffer>;
  /** The byte address of each of the layout's buffers. */
  readonly addresses: readonly number[];
  readonly calls: readonly Call[];
  readonly faults: Faults;
}

/** Vectors may be read up to 12 bytes beyond the last tensor. */
const tailBytes = 16;
const mostPages = 65535;
const cacheLine = 64;
/** A chain may touch many tensors at once here; more than this would only spill registers. */
const maxTensors = 32;

export function generate(spec: StepSpec): Generated {
  const writer = new ModuleWriter();
  const limits = {
    maxStorageBuffers: maxTensors,
    epilogues: false,
    maxBindingBytes: mostPages * pageBytes,
  };
  const layout = arrange(spec, limits, (unit, stored, memory) => writer.write(unit, stored, memory));
  return writer.finish(layout);
}

class ModuleWriter {
  readonly #module = new ModuleBuilder();
  readonly #faults = new Faults();
  readonly #addresses: number[] = [];
  readonly #calls: Call[] = [];
  #end = cacheLine * Math.ceil((bytesPerElement * noteWords) / cacheLine);

  write(unit: Unit, stored: readonly Node[], memory: Memory): void {
    if (unit.kind === 'pointwise') {
      this.#chain(unit, stored, memory);
      return;
    }
    const node = unit.kernel;
    if (isMadeInPlace(node, memory)) return;
    const row = rowOf(node);
    if (row.kind === 'kernel') this.#kernel(node, row.emit, memory);
    else if (node.op === 'customKernel') this.#hostCall(node, memory);
    else throw new Error(`${node.op} is a ${row.kind}, and has no kernel`);
  }

  finish(layout: Layout): Generated {
    if (layout.copies.length > 0) this.#commit(layout);
    for (const buffer of layout.buffers.keys()) this.#address(layout.buffers, buffer);
    const pages = Math.ceil((this.#end + tailBytes) / pageBytes);
    if (pages > mostPages) {
      const limit = `at most ${mostPages * pageBytes} bytes of tensors in WebAssembly`;
      throw new DeviceError(misuse('compile', limit, `${this.#end} bytes`));
    }
    return {
      layout,
      module: this.#module.bytes(pages),
      addresses: this.#addresses,
      calls: this.#calls,
      faults: this.#faults,
    };
  }

  #chain({ nodes }: Unit, stored: readonly Node[], memory: Memory): void {
    const addressOf = (source: Node): number => {
      const { buffer, base } = memory.locate(source);
      return this.#address(memory.buffers, buffer) + bytesPerElement * base;
    };
    const label = `pw:${opsOf(nodes)}`;
    const elements = numel(nodes[0]!.shape);
    const sources = new Set(
      nodes.flatMap((node) => node.inputs.map((input) => memory.access.get(input)!.source)),
    );
    const read = [...sources].filter((source) => source.op !== 'literal' && !nodes.includes(source));
    const moved = read.reduce((sum, source) => sum + numel(source.shape), stored.length * elements);
    this.#define(label, nodes, moved, nodes.length * elements, (f) => {
      emitChain(f, { nodes, stored, access: memory.access, addressOf });
    });
  }

  #kernel(node: Node, emit: (site: Site, node: never) => void, memory: Memory): void {
    const addressOf = ({ buffer, offset }: PlanTensor): number =>
      this.#address(memory.buffers, buffer) + bytesPerElement * offset;
    const moved = [node, ...node.inputs].reduce((sum, { shape }) => sum + numel(shape), 0);
    const label = node.op === 'matmul' ? matmulLabel(node) : node.op;
    this.#define(label, [node], moved, flopsOf(node), (f) => {
      const site: Site = {
        module: this.#module,
        f,
        inputs: node.inputs.map((input) => addressOf(memory.tensor(input))),
        output: addressOf(memory.tensor(node)),
        scratch: (elements) => this.#address(memory.buffers, memory.borrow(elements)),
        fault: (position, index) => this.#faults.emit(f, node, position, index),
      };
      emit(site, node as never);
    });
  }

  #hostCall(node: NodeWith<'customKernel'>, memory: Memory): void {
    const inputs = node.inputs.map((input) => memory.tensor(input));
    const run = { node, inputs, output: memory.tensor(node) };
    const moved = [node, ...node.inputs].reduce((sum, { shape }) => sum + numel(shape), 0);
    this.#calls.push({
      label: node.attrs.label,
      nodes: [node.name],
      shapes: shapesOf([node]),
      run,
      bytes: bytesPerElement * moved,
      flops: 0,
    });
  }

  /** Updates whose value could not be made in the state's own place. */
  #commit({ copies, buffers }: Layout): void {
    const moved = copies.reduce((sum, { bytes }) => sum + (2 * bytes) / bytesPerElement, 0);
    this.#define('commit', [], moved, 0, (f) => {
      for (const { from, to, bytes } of copies) {
        const [source, target] = [this.#address(buffers, from), this.#address(buffers, to)];
        f.emit(memoryInstruction.copy(i32.const(target), i32.const(source), i32.const(bytes)));
      }
    });
  }

  #define(
    label: string,
    nodes: readonly Node[],
    moved: number,
    flops: number,
    build: (f: FunctionBuilder) => void,
  ): void {
    const run = `${this.#calls.length} ${label}`;
    this.#module.define(run, [], build, { exported: true });
    this.#calls.push({
      label,
      nodes: nodes.map(({ name }) => name),
      shapes: nodes.length > 0 ? shapesOf(nodes) : '',
      run,
      bytes: bytesPerElement * moved,
      flops,
    });
  }

  /** Buffers get their addresses in order, an odd number of cache lines apart: equal offsets do not share a set. */
  #address(buffers: readonly PlanBuffer[], buffer: number): number {
    while (this.#addresses.length <= buffer) {
      const { bytes } = buffers[this.#addresses.length]!;
      this.#addresses.push(this.#end);
      const lines = Math.ceil(bytes / cacheLine);
      this.#end += cacheLine * (lines + 1 + (lines % 2));
    }
    return this.#addresses[buffer]!;
  }
}

/** Row and node belong together by construction: `table[op]` is the row of exactly that op. */
function rowOf(node: Node): Row<OpName> {
  return table[node.op] as unknown as Row<OpName>;
}

function matmulLabel({ attrs }: NodeWith<'matmul'>): string {
  return `matmul.${attrs.transA ? 't' : 'n'}${attrs.transB ? 't' : 'n'}`;
}

/** Operations on floats: of a product, two an element and step; of other kernels, one an element read. */
function flopsOf(node: Node): number {
  const read = node.inputs.reduce((sum, { shape }) => sum + numel(shape), 0);
  if (node.op !== 'matmul') return read;
  return 2 * numel(node.shape) * node.inputs[0]!.shape.at(node.attrs.transA ? -2 : -1)!;
}
