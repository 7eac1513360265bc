// fairmt evaluate RUN DATA
import type { Command } from 'commander';
import type { DeviceKind } from '../node.ts';
import { evaluateRun, loadModel, RunFolder } from '../run/index.ts';
import type { ExitCode } from './exit.ts';
import { type Io, json, say } from './io.ts';
import { close, deviceOption, jsonOption, open } from './options.ts';
import { progress } from './progress.ts';
import { evaluationTable } from './results.ts';
import { coloursOf, count, decimal, safe } from './show.ts';

interface EvaluateOptions {
  readonly rows?: string;
  readonly images?: string;
  readonly json?: boolean;
  readonly device?: DeviceKind;
}

export function addEvaluate(program: Command, io: Io, setExit: (code: ExitCode) => void): void {
  program
    .command('evaluate')
    .summary('judge a trained model on a table, group by group')
    .description(
      'Judges the model of RUN on the rows of DATA, which has labels and groups, with 95 % intervals.',
    )
    .argument('<run>', 'a run folder')
    .argument('<data>', 'a table with the columns that the model was trained on')
    .option('--rows <condition>', 'only the rows for which this holds')
    .option('--images <file>', 'the IDX file of the pictures, for a model that looks at them')
    .addOption(deviceOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  fairmt evaluate runs/people new-people.csv
  fairmt evaluate runs/adult adult.csv.gz --rows "split = 'test'"
  fairmt evaluate runs/adult adult.csv.gz --rows "age >= 50 and sex = 'Female'" --json`,
    )
    .action(async (run: string, path: string, options: EvaluateOptions) =>
      setExit(await evaluate(io, run, path, options)),
    );
}

async function evaluate(io: Io, run: string, path: string, options: EvaluateOptions): Promise<ExitCode> {
  const { rows, images, device: kind } = options;
  const model = await loadModel(new RunFolder(run));
  const device = await open(kind);
  const bar = progress(io, 'reading   ', 100, '%');
  try {
    const result = await evaluateRun(
      model,
      {
        path,
        ...(rows !== undefined && { rows }),
        ...(images !== undefined && { images }),
        onProgress: (fraction, read) => bar.update(Math.round(100 * fraction), `${read} rows`),
      },
      device,
    );
    bar.stop();
    if (options.json) {
      json(io, result);
      return 0;
    }
    const { bold, dim } = coloursOf(io);
    const { evaluation, notices } = result;
    say(io, bold(`${result.method} on ${count(result.rows)} rows of ${safe(path)}`));
    say(io, `mean utility ${decimal(evaluation.meanUtility)}, mean gap ${decimal(evaluation.meanGap)}\n`);
    say(io, evaluationTable(evaluation));
    for (const notice of notices) say(io, `${dim('note')}  ${safe(notice)}`);
    return 0;
  } finally {
    bar.stop();
    close(device);
  }
}
