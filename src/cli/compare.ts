// fairmt compare CONFIG
import type { Command } from 'commander';
import { ConfigError, type MethodConfig } from '../config/index.ts';
import { didYouMean } from '../data/index.ts';
import type { DeviceKind } from '../node.ts';
import { compareMethods, meanAndDeviation, nameOf, type Score } from '../run/index.ts';
import { methods } from '../train/index.ts';
import type { ExitCode } from './exit.ts';
import { hint, type Io, json, say } from './io.ts';
import {
  close,
  deviceOption,
  type FolderOptions,
  folderOf,
  jsonOption,
  open,
  readConfig,
  resumeCommand,
  wholeNumber,
} from './options.ts';
import { progress } from './progress.ts';
import { decimal, safe, table } from './show.ts';

interface CompareOptions extends FolderOptions {
  readonly methods: readonly string[];
  readonly seeds: number;
  readonly seed?: number;
  readonly device?: DeviceKind;
  readonly json?: boolean;
}

const weighted = ['symmetric', 'worst-group'] as const;

export function addCompare(program: Command, io: Io, setExit: (code: ExitCode) => void): void {
  program
    .command('compare')
    .summary('set methods against each other over several seeds')
    .description(
      "Trains the config's model by several methods with several seeds, and shows all in one table.",
    )
    .argument('<config>', 'a YAML or JSON file')
    .option(
      '--methods <names...>',
      `of ${Object.keys(methods).join(', ')}, symmetric:WEIGHT, worst-group:WEIGHT`,
      ['erm', 'fairmt'],
    )
    .option('--seeds <count>', 'how many seeds; each splits the rows anew, too', wholeNumber(1), 3)
    .option('--seed <number>', 'the first seed', wholeNumber(0))
    .option(
      '--out <folder>',
      'keeps what is finished (default: runs/NAME-comparison, by the name of the config)',
    )
    .option('--resume', 'go on with a comparison that was ended, or with more methods or seeds')
    .option('--force', 'replace a comparison that is there')
    .addOption(deviceOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  fairmt compare people.yaml
  fairmt compare people.yaml --methods erm mgda fairmt symmetric:1 --seeds 5
  fairmt compare people.yaml --resume       after Ctrl-C, a crash or a power cut: ends in the same table
  fairmt compare people.yaml --json > comparison.json`,
    )
    .action(async (path: string, options: CompareOptions) => setExit(await compare(io, path, options)));
}

async function compare(io: Io, path: string, options: CompareOptions): Promise<ExitCode> {
  const { config, source } = await readConfig(path, options);
  const chosen = options.methods.map(parseMethod);
  const first = config.seed ?? 1;
  const seeds = Array.from({ length: options.seeds }, (_, at) => first + at);
  const { folder, mode } = folderOf(options, path, '-comparison');
  const interruption = new AbortController();
  const restore = io.onInterrupt(() => {
    hint(io, 'Ending; Ctrl-C again ends at once.');
    interruption.abort();
  });
  const device = await open(config.device);
  const bar = progress(io, 'comparing ', 1000, '‰');
  try {
    const scores = await compareMethods(
      { config, source, folder, mode, methods: chosen, seeds, device },
      {
        signal: interruption.signal,
        onProgress: (done, method, seed) => bar.update(Math.floor(1000 * done), `${method}, seed ${seed}`),
      },
    );
    bar.stop();
    if (options.json) json(io, scores);
    else say(io, scoreTable(chosen.map(nameOf), scores));
    const all = chosen.length * seeds.length;
    if (scores.length === all) return 0;
    const command = ['compare', path, '--methods', ...options.methods, '--seeds', String(options.seeds)];
    hint(io, `Ended after ${scores.length} of ${all} trials, which are kept in ${safe(folder)}.`);
    hint(io, `Go on with: ${resumeCommand(command, options)}`);
    return 1;
  } finally {
    bar.stop();
    restore();
    close(device);
  }
}

/** @throws ConfigError for a name that is none, or a weight that is missing or idle */
function parseMethod(text: string): MethodConfig {
  const [name = '', weight] = text.split(':');
  const plain = Object.keys(methods).find((known) => known === name) as keyof typeof methods | undefined;
  if (plain && weight === undefined) return { name: plain };
  const penalty = weighted.find((known) => known === name);
  if (penalty && Number(weight) > 0) return { name: penalty, weight: Number(weight) };
  const known = [...Object.keys(methods), ...weighted];
  throw new ConfigError({
    file: 'command line',
    key: '--methods',
    expected: `one of ${Object.keys(methods).join(', ')}, symmetric:WEIGHT or worst-group:WEIGHT`,
    got: JSON.stringify(text),
    remedy: penalty ? 'Give a weight above 0, such as symmetric:1.' : `Correct it.${didYouMean(name, known)}`,
  });
}

const measures = {
  'mean utility': 'meanUtility',
  'worst utility': 'worstUtility',
  'mean gap': 'meanGap',
  'worst gap': 'worstGap',
  'levelling down': 'levellingDown',
} as const satisfies Record<string, keyof Score>;

function scoreTable(names: readonly string[], scores: readonly Score[]): string {
  const rows = names.map((name) => {
    const own = scores.filter(({ method }) => method === name);
    const cells = Object.values(measures).map((measure) => {
      const { mean, deviation } = meanAndDeviation(own.map((score) => score[measure]));
      return deviation === undefined ? decimal(mean) : `${decimal(mean)} ± ${decimal(deviation)}`;
    });
    return [name, String(own.length), ...cells];
  });
  const header = ['method', 'seeds', ...Object.keys(measures)];
  return table(header, rows, ['left', 'right', 'right', 'right', 'right', 'right', 'right']);
}
