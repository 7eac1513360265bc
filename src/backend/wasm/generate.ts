// A step as one WebAssembly module: a function for each unit of the schedule, and functions that call them in order.
// All tensors lie in one memory of fixed size, at addresses printed into the code.

import type { OpName } from '../../graph/attrs.ts';
import type { Node } from '../../graph/node.ts';
import { arrange, type Layout, type Memory, type StepSpec } from '../../passes/arrange.ts';
import type { Unit } from '../../passes/fuse.ts';
import { bytesPerElement } from '../../passes/place.ts';
import type { PlanBuffer, PlanTensor } from '../../passes/plan.ts';
import { DeviceError, misuse } from '../../tensor/errors.ts';
import {
  type FunctionBuilder,
  i32,
  ModuleBuilder,
  memory as memoryInstruction,
  pageBytes,
} from './assembler/index.ts';
import { emitChain } from './chain.ts';
import { Faults, noteBytes } from './faults.ts';
import { type Row, table } from './table.ts';

/** A custom kernel, which the host calls between two segments. */
export interface HostCall {
  readonly node: Node & { readonly op: 'customKernel' };
  readonly inputs: readonly PlanTensor[];
  readonly output: PlanTensor;
}

/** Part of a step: an exported function of the module, or a call of the host. */
export type Segment = string | HostCall;

export interface Generated {
  readonly layout: Layout;
  readonly module: Uint8Array<ArrayBuffer>;
  /** The byte address of each of the layout's buffers. */
  readonly addresses: readonly number[];
  readonly segments: readonly Segment[];
  readonly faults: Faults;
}

/** Vectors may be read up to 12 bytes beyond the last tensor. */
const tailBytes = 16;
const largestMemory = 65536 * pageBytes;
const cacheLine = 64;
/** A chain may touch many tensors at once here; more than this would only spill registers. */
const maxTensors = 32;

export function generate(spec: StepSpec): Generated {
  const writer = new ModuleWriter();
  const limits = { maxStorageBuffers: maxTensors, maxBindingBytes: largestMemory };
  const layout = arrange(spec, limits, (unit, stored, memory) => writer.write(unit, stored, memory));
  return writer.finish(layout);
}

class ModuleWriter {
  readonly #module = new ModuleBuilder();
  readonly #faults = new Faults();
  readonly #addresses: number[] = [];
  readonly #segments: Segment[] = [];
  #functions: number[] = [];
  #end = cacheLine * Math.ceil(noteBytes / cacheLine);

  write(unit: Unit, stored: readonly Node[], memory: Memory): void {
    const [node] = unit.nodes as readonly [Node];
    const row = rowOf(node);
    if (row.kind === 'host') this.#hostCall(node, memory);
    else if (unit.kind === 'pointwise') this.#chain(unit, stored, memory);
    else if (row.kind === 'kernel') this.#kernel(node, row, memory);
    else throw new Error(`${node.op} is a ${row.kind}, and has no kernel`);
  }

  finish(layout: Layout): Generated {
    this.#functions.push(
      this.#module.define('commit', [], (f) => {
        for (const { from, to, bytes } of layout.copies) {
          const [source, target] = [this.#address(layout.buffers, from), this.#address(layout.buffers, to)];
          f.emit(memoryInstruction.copy(i32.const(target), i32.const(source), i32.const(bytes)));
        }
      }),
    );
    this.#endSegment();
    for (const buffer of layout.buffers.keys()) this.#address(layout.buffers, buffer);
    const pages = Math.ceil((this.#end + tailBytes) / pageBytes);
    if (pages * pageBytes > largestMemory) {
      throw new DeviceError(
        misuse('compile', 'at most 4 GiB of tensors in WebAssembly', `${this.#end} bytes`),
      );
    }
    return {
      layout,
      module: this.#module.bytes(pages),
      addresses: this.#addresses,
      segments: this.#segments,
      faults: this.#faults,
    };
  }

  #chain(unit: Unit, stored: readonly Node[], memory: Memory): void {
    const addressOf = (source: Node): number => {
      const { buffer, base } = memory.locate(source);
      return this.#address(memory.buffers, buffer) + bytesPerElement * base;
    };
    const label = `pw:${[...new Set(unit.nodes.map((node) => node.op))].slice(-4).join('+')}`;
    this.#functions.push(
      this.#module.define(label, [], (f) => {
        emitChain(f, { nodes: unit.nodes, stored, access: memory.access, addressOf });
      }),
    );
  }

  #kernel(node: Node, row: Row<OpName> & { kind: 'kernel' }, memory: Memory): void {
    const addressOf = ({ buffer, offset }: PlanTensor): number =>
      this.#address(memory.buffers, buffer) + bytesPerElement * offset;
    this.#functions.push(
      this.#module.define(node.op, [], (f) => {
        const site = {
          module: this.#module,
          f,
          inputs: node.inputs.map((input) => addressOf(memory.tensor(input))),
          output: addressOf(memory.tensor(node)),
          scratch: (elements: number) => this.#address(memory.buffers, memory.borrow(elements)),
          fault: this.#faults.emit.bind(this.#faults, f, node),
        };
        row.emit(site, node as never);
      }),
    );
  }

  #hostCall(node: Node, memory: Memory): void {
    if (node.op !== 'customKernel') throw new Error(`${node.op} cannot be called on the host`);
    this.#endSegment();
    const inputs = node.inputs.map((input) => memory.tensor(input));
    this.#segments.push({ node, inputs, output: memory.tensor(node) });
  }

  #endSegment(): void {
    if (this.#functions.length === 0) return;
    const functions = this.#functions;
    const name = `step ${this.#segments.length}`;
    const callAll = (f: FunctionBuilder): void => {
      for (const index of functions) f.call(index);
    };
    this.#module.define(name, [], callAll, { exported: true });
    this.#segments.push(name);
    this.#functions = [];
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
