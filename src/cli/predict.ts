// fairmt predict RUN DATA
import type { Command } from 'commander';
import type { DeviceKind } from '../node.ts';
import {
  loadModel,
  predictionHeader,
  predictionLines,
  predictRun,
  RunFolder,
  WholeFile,
} from '../run/index.ts';
import type { ExitCode } from './exit.ts';
import { hint, type Io } from './io.ts';
import { close, deviceOption, open } from './options.ts';
import { progress } from './progress.ts';
import { coloursOf, count, safe } from './show.ts';

interface PredictOptions {
  readonly out?: string;
  readonly rows?: string;
  readonly images?: string;
  readonly device?: DeviceKind;
}

export function addPredict(program: Command, io: Io, setExit: (code: ExitCode) => void): void {
  program
    .command('predict')
    .summary('predict the tasks for every row of a table, as CSV')
    .description(
      'Predicts the tasks for every row of DATA, a line each in its order, as CSV. DATA may be of any size.',
    )
    .argument('<run>', 'a run folder')
    .argument('<data>', 'a table with the input columns; labels and groups are not needed')
    .option('--out <file>', 'write there instead of to the terminal')
    .option('--rows <condition>', 'only the rows for which this holds')
    .option('--images <file>', 'the IDX file of the pictures, for a model that looks at them')
    .addOption(deviceOption())
    .addHelpText(
      'after',
      `
Detection gives 1 or 0 and its probability; classification a class and the probability of each; regression the number.

Examples:
  fairmt predict runs/people new-people.csv > predictions.csv
  fairmt predict runs/people huge.csv.gz --out predictions.csv
  fairmt predict runs/adult adult.csv.gz --rows "split = 'test'" | head`,
    )
    .action(async (run: string, path: string, options: PredictOptions) =>
      setExit(await predict(io, run, path, options)),
    );
}

async function predict(io: Io, run: string, path: string, options: PredictOptions): Promise<ExitCode> {
  const { rows, images, device: kind } = options;
  const model = await loadModel(new RunFolder(run));
  const { encoding } = model.file;
  const device = await open(kind);
  const bar = progress(io, 'predicting', 100, '%');
  const table = {
    path,
    ...(rows !== undefined && { rows }),
    ...(images !== undefined && { images }),
    onProgress: (fraction: number, read: number) =>
      bar.update(Math.floor(100 * fraction), `${count(read)} rows`),
  };
  const output = options.out === undefined ? terminal(io) : await WholeFile.create(options.out);
  try {
    const batches = predictRun(model, table, device);
    let step = await batches.next(); // before the header: what is wrong with a table mostly shows at once
    await output.write(predictionHeader(encoding));
    for (; !step.done; step = await batches.next()) await output.write(predictionLines(encoding, step.value));
    await output.finish();
    bar.stop();
    const { dim } = coloursOf(io);
    for (const notice of step.value) hint(io, `${dim('note')}  ${safe(notice)}`);
    return 0;
  } catch (error) {
    await output.abandon();
    throw error;
  } finally {
    bar.stop();
    close(device);
  }
}

function terminal(io: Io): Output {
  return {
    async write(text) {
      io.out.write(text);
      await io.drained();
    },
    finish: async () => undefined,
    abandon: async () => undefined,
  };
}

interface Output {
  write(text: string): Promise<void>;
  finish(): Promise<void>;
  abandon(): Promise<void>;
}
