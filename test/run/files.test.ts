import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { readCheckpoint, writeCheckpoint } from '../../src/run/checkpoint.ts';
import { RunError } from '../../src/run/errors.ts';
import { WholeFile, writeWhole } from '../../src/run/files.ts';
import { RunFolder } from '../../src/run/folder.ts';
import { readSafetensors, type Tensor, writeSafetensors } from '../../src/run/safetensors.ts';

const folder = mkdtempSync(join(tmpdir(), 'fairmt-run-'));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
const fresh = (name: string): string => join(folder, `${count++}-${name}`);

/** The one line that a `RunError` says, without the folder of the tests. */
async function complaint(action: Promise<unknown>): Promise<string> {
  const error = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RunError);
  const { message } = error as RunError;
  expect(message).not.toMatch(/[\n\r]/);
  return message.replace(/^.*\/\d+-/, '');
}

const tensors: ReadonlyMap<string, Tensor> = new Map([
  ['bytes', { shape: [3], data: Uint8Array.of(1, 2, 255) }],
  ['trunk/0/weight', { shape: [2, 2], data: Float32Array.of(1.5, -0, Number.NaN, Number.POSITIVE_INFINITY) }],
  ['wide', { shape: [1], data: Float64Array.of(Math.PI) }],
  ['whole', { shape: [2], data: Int32Array.of(-1, 7) }],
  ['counts', { shape: [0], data: new Uint32Array() }],
]);

async function saved(): Promise<string> {
  const path = fresh('model.safetensors');
  await writeSafetensors(path, { tensors, metadata: { format: 'test' } });
  return path;
}

describe('a safetensors file', () => {
  test('gives back every tensor, to the bit', async () => {
    const read = await readSafetensors(await saved(), 'a test');
    expect(read.metadata).toEqual({ format: 'test' });
    expect(new Map([...read.tensors].sort())).toEqual(new Map([...tensors].sort()));
  });

  test('has the layout of the format: a length, a JSON header padded to eight bytes, aligned tensors', async () => {
    const bytes = readFileSync(await saved());
    const length = Number(bytes.readBigUInt64LE(0));
    expect(length % 8).toBe(0);
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<
      string,
      { dtype: string; shape: number[]; data_offsets: [number, number] }
    >;
    expect(header['trunk/0/weight']).toMatchObject({ dtype: 'F32', shape: [2, 2] });
    const [from] = header['trunk/0/weight']!.data_offsets;
    expect(bytes.readFloatLE(8 + length + from)).toBe(1.5);
    expect(header['wide']!.data_offsets[0] % 8).toBe(0);
  });

  test.each([
    ['nothing', () => Buffer.alloc(0), 'got 0 bytes'],
    ['text', () => Buffer.from('epoch,loss\n1,0.5\n'), 'got a file of another kind'],
    ['a length of nothing', () => Buffer.alloc(16), 'got a file of another kind'],
    [
      'a header cut off',
      (whole: Buffer) => whole.subarray(0, 40),
      'got a file that breaks off in its header',
    ],
    [
      'tensors cut off',
      (whole: Buffer) => whole.subarray(0, -1),
      'got a file that breaks off in its tensors',
    ],
    [
      'a header of zeros',
      (whole: Buffer) => Buffer.from(whole).fill(0, 8, 60),
      'got a header that is no safetensors header',
    ],
    [
      'a type that is none',
      (whole: Buffer) => Buffer.from(whole.toString('latin1').replace('F32', 'F99'), 'latin1'),
      'got a header that is no safetensors header',
    ],
    [
      'a shape of another size',
      (whole: Buffer) => Buffer.from(whole.toString('latin1').replace('[2,2]', '[2,3]'), 'latin1'),
      "got a tensor 'trunk/0/weight' of another size than its shape",
    ],
  ])('that holds %s is refused in one line', async (_, spoil, got) => {
    const path = await saved();
    writeFileSync(path, spoil(readFileSync(path)));
    expect(await complaint(readSafetensors(path, 'the parameters'))).toBe(
      `model.safetensors: expected the parameters, ${got}. Train again, or copy the file anew.`,
    );
  });

  test('with any bytes ends in tensors or a RunError', async () => {
    const whole = readFileSync(await saved());
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), async (at, byte) => {
        const path = join(folder, 'fuzzed.safetensors');
        writeFileSync(path, Buffer.from(whole).fill(byte, at, at + 1));
        await readSafetensors(path, 'a test').catch((error: unknown) =>
          expect(error).toBeInstanceOf(RunError),
        );
      }),
    );
  });
});

describe('a checkpoint', () => {
  const state = {
    epoch: 3,
    snapshot: { parameters: Float32Array.of(0.1, -0), counter: Uint32Array.of(1, 2) },
    history: [{ values: { losses: Float32Array.of(Number.NaN, 2) }, gap: Number.NaN }, { none: null }],
    ended: false,
  };

  test('gives back what was written, arrays and odd numbers to the bit', async () => {
    const path = fresh('checkpoint');
    await writeCheckpoint(path, 'run 1', state);
    expect(await readCheckpoint(path, 'run 1')).toEqual(state);
  });

  test('of another run is refused', async () => {
    const path = fresh('checkpoint');
    await writeCheckpoint(path, 'run 1', state);
    expect(await complaint(readCheckpoint(path, 'run 2'))).toBe(
      'checkpoint: expected a checkpoint of this very run, got one of another config, other data, another version or another device. Start anew with --force, or train into another folder with --out.',
    );
  });

  test('that is another safetensors file is refused', async () => {
    expect(await complaint(readCheckpoint(await saved(), 'run 1'))).toContain(
      'expected a checkpoint of fairmt, got a safetensors file of another kind',
    );
  });

  test('with a flipped bit in a tensor is refused', async () => {
    const path = fresh('checkpoint');
    await writeCheckpoint(path, 'run 1', state);
    const bytes = readFileSync(path);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path, bytes);
    expect(await complaint(readCheckpoint(path, 'run 1'))).toContain(
      'expected a checkpoint of fairmt, got a damaged one',
    );
  });
});

describe('a file that is written whole', () => {
  test('keeps its old content until it is finished', async () => {
    const path = fresh('file');
    await writeWhole(path, ['old']);
    const file = await WholeFile.create(path);
    await file.write('new');
    expect(readFileSync(path, 'utf8')).toBe('old');
    await file.write(' and more');
    await file.finish();
    expect(readFileSync(path, 'utf8')).toBe('new and more');
  });

  test('that is abandoned leaves nothing behind', async () => {
    const place = fresh('place');
    mkdirSync(place);
    const file = await WholeFile.create(join(place, 'file'));
    await file.write('half');
    await file.abandon();
    expect(readdirSync(place)).toEqual([]);
  });

  test('in a folder that is not there is refused in one line', async () => {
    expect(await complaint(writeWhole(join(fresh('none'), 'file'), ['x']))).toBe(
      'none/file: expected to write it, got no such file or folder. Check the path.',
    );
  });

  test('in a file instead of a folder is refused in one line', async () => {
    const path = fresh('file');
    writeFileSync(path, '');
    expect(await complaint(writeWhole(join(path, 'file'), ['x']))).toBe(
      'file/file: expected to write it, got a file where a folder is due. Choose another folder with --out.',
    );
  });

  test('in place of a folder is refused in one line, and leaves nothing beside it', async () => {
    const path = fresh('folder');
    mkdirSync(path);
    expect(await complaint(writeWhole(path, ['x']))).toBe(
      'folder: expected to write it, got a folder where a file is due. Choose another name.',
    );
    expect(existsSync(`${path}.partial`)).toBe(false);
  });
});

describe('a run folder', () => {
  test('that is new is made only when it is prepared', async () => {
    const path = fresh('run');
    const run = await RunFolder.check(path, 'new');
    expect(existsSync(path)).toBe(false);
    await run.prepare();
    expect(existsSync(run.file('checkpoint'))).toBe(true);
  });

  test('with a run in it is not overwritten', async () => {
    const path = fresh('run');
    await (await RunFolder.check(path, 'new')).prepare();
    expect(await complaint(RunFolder.check(path, 'new'))).toBe(
      'run: expected a new folder for the run, got a run that was begun. Go on with --resume, replace it with --force, or choose another folder with --out.',
    );
    writeFileSync(join(path, 'summary.json'), '{}');
    expect(await complaint(RunFolder.check(path, 'new'))).toContain('got a run that is finished');
  });

  test('is replaced when that is wanted, and only then', async () => {
    const path = fresh('run');
    await (await RunFolder.check(path, 'new')).prepare();
    writeFileSync(join(path, 'model.json'), '{}');
    await (await RunFolder.check(path, 'resume')).prepare();
    expect(existsSync(join(path, 'model.json'))).toBe(true);
    await (await RunFolder.check(path, 'force')).prepare();
    expect(existsSync(join(path, 'model.json'))).toBe(false);
  });

  test('with the files of others in it is never touched', async () => {
    const path = fresh('run');
    mkdirSync(path);
    writeFileSync(join(path, 'thesis.docx'), 'years of work');
    for (const mode of ['new', 'resume', 'force'] as const) {
      expect(await complaint(RunFolder.check(path, mode))).toBe(
        'run: expected a new folder, or one of a run, got a folder with other files (thesis.docx). Choose another one with --out.',
      );
    }
  });

  test('that is a file is refused in one line', async () => {
    const path = fresh('run');
    writeFileSync(path, '');
    expect(await complaint(RunFolder.check(path, 'force'))).toBe(
      'run: expected a folder for the run, got a file where a folder is due. Choose another folder with --out.',
    );
    expect(await complaint(new RunFolder(path, 'run', true).prepare())).toBe(
      'run/summary.json: expected to replace it, got a file where a folder is due. Choose another folder with --out.',
    );
    expect(await complaint(new RunFolder(join(path, 'in', 'it')).prepare())).toBe(
      'run/in/it/checkpoint: expected to make the folder, got a file where a folder is due. Choose another folder with --out.',
    );
  });

  test('is made with the folders that it lies in', async () => {
    const path = join(fresh('runs'), 'of', 'today');
    await new RunFolder(path).prepare();
    await new RunFolder(path).prepare();
    expect(readdirSync(path)).toEqual(['checkpoint']);
  });
});
