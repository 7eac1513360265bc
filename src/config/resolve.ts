// From a config as written to one with every choice made: what is left out is guessed from the table, and said so.
import { dirname, resolve } from 'node:path';
import { quote, quoteList } from '../data/errors.ts';
import type { DerivedColumn, GroupSpec, InputSpec, SplitSpec } from '../data/index.ts';
import {
  type ColumnProfile,
  didYouMean,
  guessRoles,
  profileTable,
  type Table,
  type TableGuess,
} from '../data/index.ts';
import { namesIn } from '../data/table/expression.ts';
import { resolveMethod, resolveModel, resolveTraining } from './defaults.ts';
import type { ResolvedConfig, ResolvedTask } from './resolved.ts';
import type { Config } from './schema.ts';
import type { ConfigSource, Path } from './source.ts';
import { labelColumns, labelConditions, resolveTasks, taskConfigOf } from './tasks.ts';

/** The table is judged by so many of its first rows. */
const PROFILED_ROWS = 200_000;

/** All but the numbers of training that follow from the number of training rows. */
export type Unsized = Omit<ResolvedConfig, 'training'>;

export interface Resolution {
  readonly config: Unsized;
  /** What was guessed, a line each. */
  readonly guesses: readonly string[];
}

/** Where the config's table is, and how it is to be read. */
export function tableOf(config: Config, source: ConfigSource) {
  const data = typeof config.data === 'string' ? { path: config.data } : config.data;
  const at = (path: string) => resolve(dirname(source.file), path);
  return {
    path: at(data.path),
    ...(data.delimiter !== undefined && { delimiter: data.delimiter }),
    missing: (data.missing ?? []).map(String),
    ...(data.rows !== undefined && { rows: data.rows }),
    ...(data.images !== undefined && { images: at(data.images) }),
  };
}

/**
 * @param table as `tableOf` says, without derived columns
 * @throws ConfigError for names and values that do not fit the table
 */
export async function resolveConfig(config: Config, source: ConfigSource, table: Table): Promise<Resolution> {
  return new Resolver(config, source, table).resolve();
}

/** Adds the numbers of training that follow from the number of training rows. */
export function sizeConfig(config: Unsized, training: Config['training'], rows: number): ResolvedConfig {
  return { ...config, training: resolveTraining(training ?? {}, rows) };
}

class Resolver {
  readonly #config: Config;
  readonly #source: ConfigSource;
  readonly #table: Table;
  readonly #guesses: string[] = [];
  #profiles: Promise<readonly ColumnProfile[]> | undefined;

  constructor(config: Config, source: ConfigSource, table: Table) {
    this.#config = config;
    this.#source = source;
    this.#table = table;
  }

  async resolve(): Promise<Resolution> {
    const config = this.#config;
    const derived = this.#derived();
    const tasks = await this.#tasks();
    const groups = await this.#groups();
    const all = [...derived, ...groups.derived];
    const split = await this.#split();
    const inputs = await this.#inputs(tasks, split);
    this.#checkColumns(tasks, groups.groups, all, split);
    return {
      config: {
        data: { ...tableOf(config, this.#source), derived: all, split },
        inputs,
        tasks,
        groups: groups.groups,
        model: resolveModel(config.model ?? {}),
        method: resolveMethod(config.method),
        seed: config.seed ?? 1,
        device: config.device ?? 'auto',
      },
      guesses: this.#guesses,
    };
  }

  get #data() {
    const { data } = this.#config;
    return typeof data === 'string' ? { path: data } : data;
  }

  #profile(): Promise<readonly ColumnProfile[]> {
    this.#profiles ??= profileTable(this.#table, PROFILED_ROWS);
    return this.#profiles;
  }

  async #guess(labels?: readonly string[]): Promise<TableGuess> {
    return guessRoles(await this.#profile(), labels);
  }

  #derived(): DerivedColumn[] {
    return (this.#data.derived ?? []).map(({ name, column, bins, names, when }, at) => {
      if (when !== undefined && column === undefined && bins === undefined) return { name, when };
      if (when === undefined && column !== undefined && bins !== undefined)
        return { name, column, bins, ...(names && { names }) };
      throw this.#source.error(['data', 'derived', at], {
        expected: 'either column and bins, or when',
        got: when === undefined ? 'neither' : 'both',
        remedy: 'Example: {name: age band, column: age, bins: [30, 50]}.',
      });
    });
  }

  async #tasks(): Promise<ResolvedTask[]> {
    const written = this.#config.tasks;
    if (written) return resolveTasks(written, this.#source, () => this.#profile());
    const { tasks } = await this.#guess();
    if (tasks.length === 0) {
      throw this.#source.error([], {
        expected: 'tasks: what to predict',
        got: 'none, and no column that looks like a label',
        remedy: 'Add tasks: [{name: …, type: …, column: …}].',
      });
    }
    for (const { spec, reason } of tasks)
      this.#guesses.push(`task ${quote(spec.name)} (${spec.type}): ${reason}`);
    const specs = tasks.map(({ spec }) => taskConfigOf(spec));
    return resolveTasks(specs, this.#source, () => this.#profile());
  }

  async #groups(): Promise<{ groups: GroupSpec[]; derived: DerivedColumn[] }> {
    const written = this.#config.groups;
    if (!written) {
      const { groups, derived } = await this.#guess();
      for (const { spec, reason } of groups) this.#guesses.push(`groups by ${quote(spec.name)}: ${reason}`);
      return { groups: groups.map(({ spec }) => spec), derived: [...derived] };
    }
    const derived: DerivedColumn[] = [];
    const groups = written.map((group, at): GroupSpec => {
      if (typeof group === 'string') return { name: group, columns: [group] };
      const { name, column, columns, bins } = group;
      if (column !== undefined && columns !== undefined)
        throw this.#either(['groups', at], 'column', 'columns');
      if (!bins) return { name, columns: columns ?? [column ?? name] };
      if (columns !== undefined) throw this.#either(['groups', at], 'bins', 'columns');
      const band = `${column ?? name} band`;
      derived.push({ name: band, column: column ?? name, bins });
      return { name, columns: [band] };
    });
    return { groups, derived };
  }

  #either(path: Path, one: string, other: string) {
    return this.#source.error([...path, other], {
      expected: `${one} or ${other}`,
      got: 'both',
      remedy: 'Remove one of them.',
    });
  }

  async #split(): Promise<SplitSpec> {
    const split = this.#data.split;
    if (!split) {
      const guess = await this.#guess();
      if (guess.split.spec.by === 'column') this.#guesses.push(`split: ${guess.split.reason}`);
      return guess.split.spec;
    }
    const { by, column, values = {}, test, validation = 0.15, stratify = true, subject } = split;
    const common = { validation, stratify, ...(subject !== undefined && { subject }) };
    const byColumn = by === 'column' || column !== undefined;
    if (!byColumn) {
      const share = test ?? 0.2;
      if (share + validation < 1) return { by: 'ratio', test: share, ...common };
      throw this.#source.error(['data', 'split'], {
        expected: 'shares of test and validation below 1 together',
        got: `${share + validation}`,
        remedy: 'Leave some rows for training.',
      });
    }
    if (column === undefined || test !== undefined || by === 'ratio') {
      throw this.#source.error(['data', 'split'], {
        expected: 'either a column, or a share for the test',
        got: column === undefined ? 'by: column without one' : 'both',
        remedy: 'Remove one of them.',
      });
    }
    const listed = (cells: (typeof values)['train'], otherwise: string[]) =>
      cells === undefined ? otherwise : [cells].flat().map(String);
    return {
      by: 'column',
      column,
      values: {
        train: listed(values.train, ['train', 'training']),
        validation: listed(values.validation, ['validation', 'valid', 'val', 'dev']),
        test: listed(values.test, ['test']),
      },
      ...common,
    };
  }

  async #inputs(tasks: readonly ResolvedTask[], split: SplitSpec): Promise<InputSpec[]> {
    const written = this.#config.inputs;
    if (Array.isArray(written) && written.every((input) => typeof input !== 'string'))
      return written.map(fullInput);
    const labels = tasks.flatMap(labelColumns);
    const guess = await this.#guess(labels);
    const guessed = new Map(guess.inputs.map(({ spec }) => [spec.column, spec]));
    if (Array.isArray(written))
      return written.map((input, at) =>
        typeof input === 'string' ? this.#named(input, guessed, guess, at) : fullInput(input),
      );
    const except = written?.except ?? [];
    except.forEach((column, at) => {
      this.#requireColumn(['inputs', 'except', at], column, this.#table.columns);
    });
    const used = new Set([
      ...except,
      ...labels,
      ...tasks.flatMap(labelConditions).flatMap(namesIn),
      ...(split.by === 'column' ? [split.column] : []),
      ...(split.subject === undefined ? [] : [split.subject]),
    ]);
    const inputs = [...guessed.values()].filter(({ column }) => !used.has(column));
    if (inputs.length === 0 && this.#data.images === undefined) {
      throw this.#source.error(['inputs'], {
        expected: 'columns that the model can see',
        got: 'none besides labels, identifiers and constants',
        remedy: 'Name them: inputs: [COLUMN, …].',
      });
    }
    this.#guesses.push(`inputs: ${inputs.map(({ column, role }) => `${column} (${role})`).join(', ')}`);
    for (const { column, reason } of guess.leftOut) {
      if (!used.has(column)) this.#guesses.push(`${quote(column)} is no input: ${reason}`);
    }
    return inputs;
  }

  /** An input of which only the column is given. */
  #named(column: string, guessed: ReadonlyMap<string, InputSpec>, guess: TableGuess, at: number): InputSpec {
    const input = guessed.get(column);
    if (input) return input;
    const derived = (this.#data.derived ?? []).some(({ name }) => name === column);
    if (derived) return { role: 'categorical', column, minCount: 5 };
    this.#requireColumn(['inputs', at], column, this.#table.columns);
    const reason = guess.leftOut.find((out) => out.column === column)?.reason ?? 'it is a label';
    throw this.#source.error(['inputs', at], {
      expected: 'a column that can be an input',
      got: `${quote(column)}: ${reason}`,
      remedy: 'Remove it, or give its role: {role: categorical, column: …}.',
    });
  }

  #checkColumns(
    tasks: readonly ResolvedTask[],
    groups: readonly GroupSpec[],
    derived: readonly DerivedColumn[],
    split: SplitSpec,
  ): void {
    const columns = [...this.#table.columns, ...derived.map(({ name }) => name)];
    const { tasks: writtenTasks, groups: writtenGroups } = this.#config;
    tasks.forEach((task, at) => {
      for (const column of labelColumns(task))
        this.#requireColumn(writtenTasks ? ['tasks', at] : [], column, columns);
    });
    groups.forEach((group, at) => {
      for (const column of group.columns)
        this.#requireColumn(writtenGroups ? ['groups', at] : [], column, columns);
    });
    if (split.by === 'column') this.#requireColumn(['data', 'split', 'column'], split.column, columns);
    if (split.subject !== undefined)
      this.#requireColumn(['data', 'split', 'subject'], split.subject, columns);
  }

  #requireColumn(path: Path, column: string, columns: readonly string[]): void {
    if (columns.includes(column)) return;
    throw this.#source.error(path, {
      expected: `a column of ${this.#table.name}: ${quoteList(columns, 12)}`,
      got: quote(column),
      remedy: `Correct the name.${didYouMean(column, columns)}`,
    });
  }
}

type WrittenInput = Exclude<Extract<NonNullable<Config['inputs']>, readonly unknown[]>[number], string>;

function fullInput(input: WrittenInput): InputSpec {
  switch (input.role) {
    case 'numeric':
      return { role: input.role, column: input.column };
    case 'ordinal':
      return { role: input.role, column: input.column, order: input.order.map(String) };
    case 'categorical':
      return { role: input.role, column: input.column, minCount: input.minCount ?? 5 };
    case 'text': {
      const { role, column, buckets = 2 ** 14, maxTokens = 64, ngrams = 2 } = input;
      return { role, column, buckets, maxTokens, ngrams };
    }
  }
}
