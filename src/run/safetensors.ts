// The safetensors format (github.com/huggingface/safetensors): 8 bytes of header length, a JSON header, then the
// tensors. Small enough to write down here; no JavaScript package of it is kept well.
import type { HostArray } from '../tensor/types.ts';
import { RunError } from './errors.ts';
import { readWhole, writeWhole } from './files.ts';

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: HostArray;
}

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const types = {
  F32: Float32Array,
  F64: Float64Array,
  I32: Int32Array,
  U32: Uint32Array,
  U8: Uint8Array,
} as const;

type TypeName = keyof typeof types;

interface HeaderEntry {
  readonly dtype: TypeName;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [start: number, end: number];
}

const METADATA = '__metadata__';
/** As the reference implementation has it. */
const LONGEST_HEADER = 100_000_000;

/** Writes the file whole or not at all. @throws RunError for what the file system refuses */
export async function writeSafetensors(path: string, { tensors, metadata }: SafetensorsFile): Promise<void> {
  const header: Record<string, unknown> = { [METADATA]: metadata };
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const [name, { shape, data }] of byWidth(tensors)) {
    header[name] = {
      dtype: nameOf(data),
      shape,
      data_offsets: [offset, offset + data.byteLength],
    } satisfies HeaderEntry;
    parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    offset += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padding = (8 - (json.length % 8)) % 8;
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(json.length + padding), true);
  await writeWhole(path, [new Uint8Array(length.buffer), json, ' '.repeat(padding), ...parts]);
}

/** Wide elements first, so that each tensor starts at a multiple of its element's size. */
function byWidth(tensors: ReadonlyMap<string, Tensor>): [string, Tensor][] {
  return [...tensors].sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
}

function nameOf(data: HostArray): TypeName {
  return (Object.keys(types) as TypeName[]).find((name) => data instanceof types[name])!;
}

/** @param what the file is for, in messages. @throws RunError for a file that is missing, cut off or of another kind */
export async function readSafetensors(path: string, what: string): Promise<SafetensorsFile> {
  const bytes = await readWhole(path, what);
  const fail = (got: string): never => {
    throw new RunError({ file: path, expected: what, got, remedy: 'Train again, or copy the file anew.' });
  };
  if (bytes.length < 8) fail(`${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const start = 8 + Number(view.getBigUint64(0, true));
  if (start > LONGEST_HEADER || start <= 8) fail('a file of another kind');
  if (start > bytes.length) fail('a file that breaks off in its header');
  const header = parseHeader(bytes.subarray(8, start)) ?? fail('a header that is no safetensors header');
  const tensors = new Map<string, Tensor>();
  for (const [name, entry] of Object.entries(header.entries)) {
    const { dtype, shape, data_offsets: offsets } = entry;
    const Type = types[dtype];
    const [from, to] = offsets;
    if (start + to > bytes.length) fail('a file that breaks off in its tensors');
    const elements = shape.reduce((product, size) => product * size, 1);
    if (elements * Type.BYTES_PER_ELEMENT !== to - from)
      fail(`a tensor '${name}' of another size than its shape`);
    const copy = bytes.buffer.slice(
      bytes.byteOffset + start + from,
      bytes.byteOffset + start + to,
    ) as ArrayBuffer;
    tensors.set(name, { shape, data: new Type(copy) });
  }
  return { tensors, metadata: header.metadata };
}

function parseHeader(
  bytes: Uint8Array,
): { entries: Record<string, HeaderEntry>; metadata: Record<string, string> } | undefined {
  try {
    const { [METADATA]: metadata = {}, ...entries } = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(bytes),
    ) as {
      [METADATA]?: Record<string, string>;
    };
    return Object.values(entries).every(isEntry)
      ? { entries: entries as Record<string, HeaderEntry>, metadata }
      : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is HeaderEntry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Partial<HeaderEntry>;
  const areSizes = (numbers: unknown): numbers is number[] =>
    Array.isArray(numbers) && numbers.every((number) => Number.isSafeInteger(number) && number >= 0);
  return (
    typeof dtype === 'string' &&
    Object.hasOwn(types, dtype) &&
    areSizes(shape) &&
    areSizes(offsets) &&
    offsets.length === 2 &&
    offsets[0]! <= offsets[1]!
  );
}
