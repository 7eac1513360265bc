// A module of functions without results over one memory, which it exports as `memory`.

import type { ValueType } from './encoding.ts';
import { type Code, flatten, section, sized, text, unsigned, valueTypeByte, vector } from './encoding.ts';
import { FunctionBuilder } from './function.ts';

export const pageBytes = 65536;

const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const sections = { custom: 0, type: 1, function: 3, memory: 5, export: 7, code: 10 } as const;
const kinds = { function: 0, memory: 2 } as const;

export class ModuleBuilder {
  readonly #functions: FunctionBuilder[] = [];
  readonly #exports: Code[] = [];
  readonly #shared = new Map<string, number>();

  /** Adds a function and returns its index. `name` is what a profiler shows. */
  define(
    name: string,
    parameters: readonly ValueType[],
    build: (f: FunctionBuilder) => void,
    { exported = false } = {},
  ): number {
    const f = new FunctionBuilder(name, parameters);
    build(f);
    const index = this.#functions.push(f) - 1;
    if (exported) this.#exports.push([text(name), kinds.function, unsigned(index)]);
    return index;
  }

  /** As `define`, but a second function of the same name is the first: the name must say all that differs. */
  share(name: string, parameters: readonly ValueType[], build: (f: FunctionBuilder) => void): number {
    const known = this.#shared.get(name);
    if (known !== undefined) return known;
    const index = this.define(name, parameters, build);
    this.#shared.set(name, index);
    return index;
  }

  /** The binary module with a fixed memory of `pages` × 64 KiB. */
  bytes(pages: number): Uint8Array<ArrayBuffer> {
    const functions = this.#functions;
    const signature = (f: FunctionBuilder): Code => [
      0x60,
      vector(f.parameters.map((type) => valueTypeByte[type])),
      vector([]),
    ];
    const names = functions.map((f, index) => [unsigned(index), text(f.name)]);
    const memoryExport = [text('memory'), kinds.memory, 0];
    const fixedLimits = [1, unsigned(pages), unsigned(pages)];
    const module = [
      header,
      section(sections.type, vector(functions.map(signature))),
      section(sections.function, vector(functions.map((_, index) => unsigned(index)))),
      section(sections.memory, vector([fixedLimits])),
      section(sections.export, vector([memoryExport, ...this.#exports])),
      section(sections.code, vector(functions.map((f) => sized(f.bytes())))),
      section(sections.custom, [text('name'), section(1, vector(names))]),
    ];
    return flatten(module);
  }
}
