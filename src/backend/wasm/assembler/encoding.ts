// Bytes of the WebAssembly binary format (https://webassembly.github.io/spec/core/binary): numbers, vectors, sections.
// Code is kept as a rope, so that expressions nest without copying, and is flattened once.

/** Bytes in order, nested at will. */
export type Code = number | Uint8Array | readonly Code[];

export type ValueType = 'i32' | 'v128';

export const valueTypeByte = { i32: 0x7f, v128: 0x7b } as const satisfies Record<ValueType, number>;

export function flatten(code: Code): Uint8Array<ArrayBuffer> {
  let bytes = new Uint8Array(256);
  let length = 0;
  const reserve = (count: number): void => {
    if (length + count <= bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * bytes.length, length + count));
    larger.set(bytes);
    bytes = larger;
  };
  const write = (part: Code): void => {
    if (typeof part === 'number') {
      reserve(1);
      bytes[length++] = part;
    } else if (part instanceof Uint8Array) {
      reserve(part.length);
      bytes.set(part, length);
      length += part.length;
    } else part.forEach(write);
  };
  write(code);
  return bytes.slice(0, length);
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

/** A constant's bytes: WebAssembly and typed arrays (on all machines that have it) are little-endian. */
export function bytesOf(values: Float32Array | Float64Array | Int32Array | Uint32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
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
  return sized(new TextEncoder().encode(value));
}

export function section(id: number, content: Code): Code {
  return [id, sized(content)];
}
