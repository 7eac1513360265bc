// fairmt train CONFIG
import { join } from 'node:path';
import type { Command } from 'commander';
import type { DeviceKind } from '../node.ts';
import { trainRun } from '../run/index.ts';
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
import { type Progress, progress } from './progress.ts';
import { showSummary } from './results.ts';
import { coloursOf, decimal, safe } from './show.ts';

interface TrainOptions extends FolderOptions {
  readonly json?: boolean;
  readonly device?: DeviceKind;
  readonly seed?: number;
}

export function addTrain(program: Command, io: Io, setExit: (code: ExitCode) => void): void {
  program
    .command('train')
    .summary('train a model, and the same without fairness to compare')
    .description(
      'Trains the model that CONFIG describes, and before it the same without fairness, to compare.',
    )
    .argument('<config>', 'a YAML or JSON file; fairmt init writes one')
    .option('--out <folder>', 'the run folder (default: runs/NAME, by the name of the config)')
    .option('--resume', 'go on with a run that was ended; begin where there is none')
    .option('--force', 'replace a run that is there')
    .addOption(deviceOption())
    .option('--seed <number>', 'of every random choice', wholeNumber(0))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  fairmt train adult.yaml
  fairmt train adult.yaml --seed 2 --out runs/adult-2
  fairmt train adult.yaml --resume          after Ctrl-C, a crash or a power cut: ends in the same numbers
  fairmt train adult.yaml --json > summary.json`,
    )
    .action(async (path: string, options: TrainOptions) => setExit(await train(io, path, options)));
}

async function train(io: Io, path: string, options: TrainOptions): Promise<ExitCode> {
  const { config, source } = await readConfig(path, options);
  const { name, folder, mode } = folderOf(options, path);
  const interruption = new AbortController();
  const restore = io.onInterrupt(() => {
    hint(io, 'Saving; Ctrl-C again ends at once.');
    interruption.abort();
  });
  const device = await open(config.device);
  const bars = new Bars(io);
  try {
    const result = await trainRun(
      { config, source, name, folder, mode, device },
      {
        signal: interruption.signal,
        onLoad: (fraction, rows) =>
          bars.show('reading', 100, '%', Math.round(100 * fraction), `${rows} rows`),
        onStart: ({ guesses }) => {
          bars.stop();
          if (io.interactive) showGuesses(io, guesses);
        },
        onEpoch: ({ method, epoch, validation }, epochs) =>
          bars.show(
            method,
            epochs,
            'epochs',
            epoch,
            validation && `utility ${decimal(validation.meanUtility)}`,
          ),
        onEvaluate: () => bars.stop(),
      },
    );
    bars.stop();
    if (result.ended === 'aborted') {
      const { at } = result;
      if (at) {
        hint(io, `Ended in epoch ${at.epoch} of ${at.method}; all is saved in ${safe(folder)}.`);
        hint(io, `Go on with: ${resumeCommand(['train', path], options)}`);
      } else hint(io, 'Ended while the data were read; nothing was changed.');
      return 1;
    }
    if (options.json) json(io, result.summary);
    else {
      showSummary(io, result.summary);
      say(io, `\nThe report is ${safe(join(folder, 'report.html'))}.`);
      say(io, `Next: fairmt evaluate ${safe(folder)} DATA, or fairmt predict ${safe(folder)} DATA`);
    }
    return 0;
  } finally {
    bars.stop();
    restore();
    close(device);
  }
}

function showGuesses(io: Io, guesses: readonly string[]): void {
  const { dim } = coloursOf(io);
  for (const guess of guesses) hint(io, dim(`guessed  ${safe(guess)}`));
}

/** One bar at a time: a new title ends the one before. */
class Bars {
  readonly #io: Io;
  #bar: Progress | undefined;
  #title = '';

  constructor(io: Io) {
    this.#io = io;
  }

  show(title: string, total: number, unit: string, done: number, detail?: string): void {
    if (title !== this.#title) {
      this.stop();
      this.#title = title;
      this.#bar = progress(this.#io, title.padEnd(10), total, unit);
    }
    this.#bar?.update(done, detail);
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
    this.#title = '';
  }
}
