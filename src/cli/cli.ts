// The command line: its commands, and how every failure becomes one line and an exit code.
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config/index.ts';
import { DataError } from '../data/index.ts';
import { RunError, version } from '../run/index.ts';
import { DeviceError } from '../tensor/errors.ts';
import { addCompare } from './compare.ts';
import { addDevices } from './devices.ts';
import { addEvaluate } from './evaluate.ts';
import type { ExitCode } from './exit.ts';
import { addInit } from './init.ts';
import { hint, type Io } from './io.ts';
import { addPredict } from './predict.ts';
import { addProfile } from './profile.ts';
import { addReport } from './report.ts';
import { coloursOf, safe } from './show.ts';
import { addTrain } from './train.ts';

/** @param args without `node` and the script. Never throws. */
export async function runCli(args: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = 0;
  const program = commandLine(io, (exit) => {
    code = exit;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    return report(error, io);
  }
}

function commandLine(io: Io, setExit: (code: ExitCode) => void): Command {
  const program = new Command('fairmt')
    .description('Trains multi-task models that are fair to groups, and shows whether they are.')
    .version(version, '-V, --version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.out.write(text),
      writeErr: (text) => void io.err.write(text),
      getOutHasColors: () => io.colour,
      getErrHasColors: () => io.colour,
    })
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      `
Examples:
  fairmt init people.csv           guesses the columns' roles and writes people.yaml
  fairmt train people.yaml         trains, compares with a model without fairness, writes runs/people
  fairmt evaluate runs/people new.csv
  fairmt predict runs/people new.csv > predictions.csv

Exit codes: 0 all is well, 1 something failed or was ended, 2 the input cannot be used.`,
    );
  for (const add of [
    addInit,
    addTrain,
    addEvaluate,
    addPredict,
    addCompare,
    addReport,
    addProfile,
    addDevices,
  ])
    add(program, io, setExit);
  return program;
}

/** One line for what the user can mend; the stack for what only we can. */
function report(error: unknown, io: Io): ExitCode {
  const { red } = coloursOf(io);
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has said it already
  if (isMendable(error)) {
    hint(io, `${red('fairmt:')} ${safe(error.message)}`);
    return 2;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  hint(io, `${red('fairmt: unexpected error.')} Please report it with what you did.\n${text}`);
  return 1;
}

function isMendable(error: unknown): error is Error {
  return [DataError, ConfigError, RunError, DeviceError].some((type) => error instanceof type);
}
