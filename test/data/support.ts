// Files and tables for the tests of data.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { DataError, type DataSpec, type Row, type Table, tableOfRows } from '../../src/data/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'fairmt-data-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A file of this name and content in a folder of the test's own; its path. */
export function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

export const folderOf = (): string => folder;

/** A table from its header and rows, written as CSV without quotes. */
export function table(header: string, ...rows: string[]): Table {
  return tableOfRows(
    'people.csv',
    header.split(','),
    rows.map((row) => row.split(',')),
  );
}

export async function rowsOf(source: Table): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const batch of source.batches()) rows.push(...batch.rows);
  return rows;
}

/** The one-line message of the `DataError` that `action` ends in, without the folder of the tests. */
export async function messageOf(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    expect(error).toBeInstanceOf(DataError);
    const { message } = error as DataError;
    expect(message).not.toMatch(/[\n\r]/);
    return message.replaceAll(`${folder}/`, '').replaceAll(folder, 'the folder');
  }
  throw new Error('nothing was thrown');
}

/** The column "side" says where each row belongs. */
export const bySide = {
  by: 'column',
  column: 'side',
  values: { train: ['train'], validation: ['dev'], test: ['test'] },
  validation: 0,
  stratify: false,
} as const;

/** A spec without inputs, tasks and groups. */
export const nothing = { derived: [], inputs: [], tasks: [], groups: [], split: bySide } satisfies DataSpec;

export const list = (values: ArrayLike<number>): number[] => Array.from(values);
