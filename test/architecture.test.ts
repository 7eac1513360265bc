// The rules of the house, checked on the sources: arrows between rooms run downwards, and the core stands alone.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bundleCore } from '../scripts/core.mjs';

/** The rooms of src/ from the bottom up; those on one line stand side by side. */
const storeys: readonly (readonly string[])[] = [
  ['tensor'],
  ['graph'],
  ['ops'],
  ['autodiff'],
  ['passes', 'codegen'],
  ['backend'],
  ['program'],
  ['nn', 'optim'],
  ['mtl'],
  ['fairness'],
  ['train'],
  ['data', 'report'],
  ['config'],
  ['run'],
  ['index.ts', 'node.ts'],
  ['cli'],
];

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts'));

const text = (path: string): string => readFileSync(join('src', path), 'utf8');

/** `graph` for `graph/node.ts`; a file that lies in src/ itself is a room of its own. */
const roomOf = (path: string): string => path.split('/')[0]!;

const storeyOf = (room: string): number => storeys.findIndex((rooms) => rooms.includes(room));

interface Arrow {
  readonly importer: string;
  readonly imported: string;
}

/** Every import of one source file by another, imports of types included. */
function arrows(importer: string): Arrow[] {
  const specifiers = text(importer).matchAll(/\b(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g);
  return [...specifiers]
    .map(([, specifier]) => normalize(join(dirname(importer), specifier!)).replaceAll('\\', '/'))
    .filter((imported) => !imported.startsWith('..')) // shaders/ lies outside src/
    .map((imported) => ({ importer, imported }));
}

const between = sources.flatMap(arrows).filter((arrow) => roomOf(arrow.importer) !== roomOf(arrow.imported));

const show = ({ importer, imported }: Arrow): string => `${importer} -> ${imported}`;

describe('architecture', () => {
  test('every room of src/ has its storey', () => {
    expect([...new Set(sources.map(roomOf))].filter((room) => storeyOf(room) < 0)).toEqual([]);
  });

  test('arrows between rooms run downwards only', () => {
    const upwards = between.filter(
      ({ importer, imported }) => storeyOf(roomOf(importer)) < storeyOf(roomOf(imported)),
    );
    expect(upwards.map(show)).toEqual([]);
  });

  test('of two rooms on one storey, at most one imports the other', () => {
    const pairs = new Set(between.map(({ importer, imported }) => `${roomOf(importer)} ${roomOf(imported)}`));
    const mutual = [...pairs].filter((pair) => pairs.has(pair.split(' ').reverse().join(' ')));
    expect(mutual).toEqual([]);
  });

  test('the core imports no package and no node: module', async () => {
    expect((await bundleCore()).outside).toEqual([]);
  });

  test('no source file is longer than 400 lines', () => {
    const lines = (path: string): number => text(path).trimEnd().split('\n').length;
    expect(sources.filter((path) => lines(path) > 400)).toEqual([]);
  });
});
