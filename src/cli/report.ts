// fairmt report RUN
import type { Command } from 'commander';
import { RunFolder, readSummary, writeReport } from '../run/index.ts';
import type { ExitCode } from './exit.ts';
import { type Io, json, say } from './io.ts';
import { jsonOption } from './options.ts';
import { showSummary } from './results.ts';
import { safe } from './show.ts';

export function addReport(program: Command, io: Io, setExit: (code: ExitCode) => void): void {
  program
    .command('report')
    .summary("show a run's results, and write its report anew")
    .description('Shows the results of RUN, and writes report.html and report.md anew from its summary.json.')
    .argument('<run>', 'a run folder')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  fairmt report runs/people\n  fairmt report runs/people --json > summary.json',
    )
    .action(async (run: string, options: { json?: boolean }) => {
      const folder = new RunFolder(run);
      const summary = await readSummary(folder);
      await writeReport(folder, summary);
      if (options.json) json(io, summary);
      else {
        showSummary(io, summary);
        say(io, `\nThe report is ${safe(folder.file('report.html'))}.`);
      }
      setExit(0);
    });
}
