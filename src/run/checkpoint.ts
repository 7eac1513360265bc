// A checkpoint: plain data with typed arrays in it, as one safetensors file. The arrays become tensors; the rest is JSON
// in the metadata, with the tensors' names where they stood.
import { createHash } from 'node:crypto';
import type { HostArray } from '../tensor/types.ts';
import { RunError } from './errors.ts';
import { readSafetensors, type Tensor, writeSafetensors } from './safetensors.ts';

const FORMAT = 'fairmt-checkpoint-2';

/** @param fingerprint of all that the state depends on; a checkpoint of another one cannot be read */
export async function writeCheckpoint(path: string, fingerprint: string, state: unknown): Promise<void> {
  const tensors = new Map<string, Tensor>();
  const json = JSON.stringify(pack(state, '', tensors));
  const metadata = { format: FORMAT, fingerprint, state: json, sha256: digest(tensors) };
  await writeSafetensors(path, { tensors, metadata });
}

/** Of all tensors, by name. */
export function digest(tensors: ReadonlyMap<string, Tensor>): string {
  const hash = createHash('sha256');
  for (const name of [...tensors.keys()].sort()) {
    const { data } = tensors.get(name)!;
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}

/**
 * @returns what was written, to be trusted as far as the fingerprint goes
 * @throws RunError for a file that is broken, no checkpoint, or one of another run
 */
export async function readCheckpoint(path: string, fingerprint: string): Promise<unknown> {
  const what = 'a checkpoint of fairmt';
  const { tensors, metadata } = await readSafetensors(path, what);
  const fail = (expected: string, got: string): never => {
    const remedy = 'Start anew with --force, or train into another folder with --out.';
    throw new RunError({ file: path, expected, got, remedy });
  };
  if (metadata['format'] !== FORMAT) fail(what, 'a safetensors file of another kind');
  if (metadata['fingerprint'] !== fingerprint) {
    fail(
      'a checkpoint of this very run',
      'one of another config, other data, another version or another device',
    );
  }
  if (metadata['sha256'] !== digest(tensors)) fail(what, 'a damaged one');
  try {
    return unpack(JSON.parse(metadata['state'] ?? ''), tensors);
  } catch {
    return fail(what, 'a broken one');
  }
}

interface Reference {
  readonly $tensor: string;
}

interface Odd {
  /** NaN or an infinity, which JSON has not. */
  readonly $number: string;
}

function pack(value: unknown, path: string, tensors: Map<string, Tensor>): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) } satisfies Odd;
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) {
    const data = value as HostArray;
    tensors.set(path, { shape: [data.length], data });
    return { $tensor: path } satisfies Reference;
  }
  const join = (key: string | number) => (path === '' ? String(key) : `${path}/${key}`);
  if (Array.isArray(value)) return value.map((item, at) => pack(item, join(at), tensors));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, pack(item, join(key), tensors)]),
  );
}

function unpack(value: unknown, tensors: ReadonlyMap<string, Tensor>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => unpack(item, tensors));
  if ('$number' in value) return Number(value.$number);
  if ('$tensor' in value) {
    const tensor = tensors.get(String(value.$tensor));
    if (!tensor) throw new Error(`no tensor ${String(value.$tensor)}`);
    return tensor.data;
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unpack(item, tensors)]));
}
