// Bytes of the WebAssembly binary format (https://webassembly.github.io/spec/core/binary): numbers, vectors, sections.
// Code is kept as a rope, so that expressions nest without copying, and is flattened once.

/** Bytes in order, nested at will. */
export type Code = number | readonly Code[];

export type ValueType = 'i32' | 'f32' | 'f64' | 'v128';

export const valueTypeByte = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const satisfies Record<
  ValueType,
  number
>;

export function flatten(code: Code): number[] {
  const bytes: number[] = [];
  const visit = (part: Code): void => {
    if (typeof part === 'number') bytes.push(part);
    else for (const inner of part) visit(inner);
  };
  visit(code);
  return bytes;
}

/** LEB128 of an integer in 0 … 2^32 − 1. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}

/** Signed LEB128 of a 32-bit integer. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  while (rest < -0x40 || rest > 0x3f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  bytes.push(rest & 0x7f);
  return bytes;
}

export function bytesOfFloats(values: Float32Array | Float64Array | Int32Array | Uint32Array): number[] {
  return [...new Uint8Array(values.buffer, values.byteOffset, values.byteLength)];
}

/** A length and the items. */
export function vector(items: readonly Code[]): Code {
  return [unsigned(items.length), items];
}

/** A length in bytes and the content. */
export function sized(content: Code): Code {
  const bytes = flatten(content);
  return [unsigned(bytes.length), bytes];
}

export function text(value: string): Code {
  return sized([...new TextEncoder().encode(value)]);
}

export function section(id: number, content: Code): Code {
  return [id, sized(content)];
}
