// fairmt init DATA
import { existsSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { draftConfig } from '../config/index.ts';
import { openTable } from '../data/files/index.ts';
import { guessRoles, profileTable } from '../data/index.ts';
import { RunError, writeWhole } from '../run/index.ts';
import type { ExitCode } from './exit.ts';
import { type Io, json, say } from './io.ts';
import { jsonOption } from './options.ts';
import { safe } from './show.ts';

interface InitOptions {
  readonly out?: string;
  readonly delimiter?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Roles are guessed from so many of the first rows. */
const PROFILED_ROWS = 200_000;

export function addInit(program: Command, io: Io, setExit: (code: ExitCode) => void): void {
  program
    .command('init')
    .summary("guess a table's columns and write a config")
    .description(
      'Reads DATA, guesses what its columns are for, and writes a config with its reasons, to be corrected.',
    )
    .argument('<data>', 'a .csv, .tsv, .jsonl (each also .gz) or .parquet file')
    .option('--out <file>', 'the config (default: NAME.yaml, by the name of the table)')
    .option('--delimiter <character>', 'what parts the cells of a CSV file (default: a comma)')
    .option('--force', 'replace a config that is there')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  fairmt init people.csv                   writes people.yaml
  fairmt init people.csv --delimiter ";"
  fairmt init people.parquet --out configs/people.yaml`,
    )
    .action(async (path: string, options: InitOptions) => setExit(await init(io, path, options)));
}

async function init(io: Io, path: string, options: InitOptions): Promise<ExitCode> {
  const { delimiter, force = false } = options;
  const name = basename(path).replace(/(\.[a-z0-9]+)(\.gz)?$/i, '');
  const out = options.out ?? `${name}.yaml`;
  if (existsSync(out) && !force) {
    throw new RunError({
      file: out,
      expected: 'a new file for the config',
      got: 'one that is there',
      remedy: 'Replace it with --force, or name another one with --out.',
    });
  }
  const table = await openTable(path, delimiter === undefined ? {} : { delimiter });
  const profiles = await profileTable(table, PROFILED_ROWS);
  const guess = guessRoles(profiles);
  const data = relative(dirname(resolve(out)), resolve(path));
  const rows = Math.max(0, ...profiles.map((profile) => profile.rows));
  await writeWhole(out, [
    draftConfig({ path: data, ...(delimiter !== undefined && { delimiter }) }, guess, rows),
  ]);
  if (options.json) {
    json(io, { config: out, ...guess });
    return 0;
  }
  say(io, `Wrote ${safe(out)}:`);
  const list = (what: string, names: readonly string[]) =>
    say(io, `  ${what.padEnd(8)} ${safe(names.join(', ') || 'none')}`);
  list(
    'tasks',
    guess.tasks.map(({ spec }) => `${spec.name} (${spec.type})`),
  );
  list(
    'groups',
    guess.groups.map(({ spec }) => spec.name),
  );
  list(
    'inputs',
    guess.inputs.map(({ spec }) => spec.column),
  );
  list(
    'left out',
    guess.leftOut.map(({ column }) => column),
  );
  const next =
    guess.tasks.length > 0 ? 'read and correct the file' : 'name a task in the file, for none was found';
  say(io, `These are guesses: ${next}, then run: fairmt train ${safe(out)}`);
  return 0;
}
