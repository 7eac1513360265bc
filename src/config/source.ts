// A config file as it was written: its value, and the line and column of every key, for messages.
import { readFile, stat } from 'node:fs/promises';
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
} from 'yaml';
import { quote } from '../data/errors.ts';
import { ConfigError, type ConfigProblem } from './errors.ts';

export type Path = readonly PropertyKey[];

/** Under these keys stand cells of the table, taken as they are written: `positive: 1.0` is the text `1.0`. */
const CELL_KEYS = new Set(['positive', 'order', 'classes', 'favourable', 'missing', 'values']);
const LARGEST = 1 << 20;

export class ConfigSource {
  /** As it was given, for messages. */
  readonly file: string;
  readonly value: unknown;
  readonly #document: Document;
  readonly #lines: LineCounter;

  /** @throws ConfigError for text that is no YAML (JSON is YAML) */
  constructor(file: string, text: string) {
    this.file = file;
    this.#lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: this.#lines });
    this.#document = document;
    const [error] = document.errors;
    if (error) {
      const [start] = error.linePos ?? [];
      throw new ConfigError({
        file,
        ...(start && { line: start.line, column: start.col }),
        expected: 'YAML or JSON',
        got: error.message.split(/ at line \d+/)[0]!.replace(/\s+/g, ' '),
        remedy: 'Mend the syntax there.',
      });
    }
    keepCells(document);
    this.value = this.#plain();
  }

  /** An error at the node of `path`, or at the nearest node above that is there. */
  error(path: Path, problem: Omit<ConfigProblem, 'file' | 'line' | 'column' | 'key'>): ConfigError {
    const place = this.#place(path);
    const key = showPath(path);
    return new ConfigError({ file: this.file, ...place, ...(key !== '' && { key }), ...problem });
  }

  #place(path: Path): { line: number; column: number } | undefined {
    const above = path.slice(0, -1);
    const parent = above.length === 0 ? this.#document.contents : this.#document.getIn(above, true);
    const last = path.at(-1);
    const pair = isMap(parent)
      ? (parent.items as Pair[]).find(({ key }) => isScalar(key) && key.value === last)
      : undefined;
    const node = pair?.key ?? (path.length === 0 ? parent : this.#document.getIn(path, true));
    const offset = isNode(node) ? (node as Node).range?.[0] : undefined;
    if (offset === undefined) return path.length === 0 ? undefined : this.#place(above);
    const { line, col } = this.#lines.linePos(offset);
    return { line, column: col };
  }

  #plain(): unknown {
    try {
      return this.#document.toJS({ maxAliasCount: 100 });
    } catch (error) {
      throw this.error([], {
        expected: 'plain YAML',
        got: (error as Error).message,
        remedy: 'Write the values out instead of using aliases.',
      });
    }
  }
}

/** @throws ConfigError for a file that cannot be read, or holds no text */
export async function readConfigSource(file: string): Promise<ConfigSource> {
  const fail = (got: string, remedy: string): never => {
    throw new ConfigError({ file, expected: 'a config in YAML or JSON', got, remedy });
  };
  const { size } = await stat(file).catch(() => fail('no such file', 'Make one with: fairmt init DATA'));
  if (size > LARGEST) fail(`${size} bytes`, 'Give the config, not the data.');
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) =>
    error.code === 'EISDIR'
      ? fail('a folder', 'Give a file.')
      : fail('a file that may not be read', 'Check its permissions.'),
  );
  if (bytes.includes(0)) fail('a binary file', 'Give the config, not the data or the model.');
  return new ConfigSource(file, bytes.toString('utf8').replace(/^\ufeff/, ''));
}

/** `tasks[0].notion`. */
export function showPath(path: Path): string {
  return path.reduce<string>(
    (shown, part) =>
      typeof part === 'number'
        ? `${shown}[${part}]`
        : shown === ''
          ? String(part)
          : `${shown}.${String(part)}`,
    '',
  );
}

/** A value of the config as messages show it. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' && value !== null) return 'a map of keys';
  return typeof value === 'string' ? quote(value) : String(value);
}

function keepCells(document: Document): void {
  visit(document, {
    Pair(_, pair) {
      if (!isScalar(pair.key) || !CELL_KEYS.has(String(pair.key.value)) || !isNode(pair.value)) return;
      visit(pair.value, { Scalar: (_at, scalar) => keepText(scalar) });
    },
  });
}

function keepText(scalar: Scalar): void {
  if (typeof scalar.value !== 'string' && scalar.value !== null)
    scalar.value = scalar.source ?? String(scalar.value);
}
