#!/usr/bin/env node
// The `fairmt` command in a process of its own.
import { once } from 'node:events';
import { runCli } from './cli.ts';

// A reader that has seen enough (`fairmt predict … | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const { NO_COLOR, FORCE_COLOR } = process.env;

process.exitCode = await runCli(process.argv.slice(2), {
  out: process.stdout,
  err: process.stderr,
  interactive: process.stderr.isTTY === true,
  colour: FORCE_COLOR ? true : !NO_COLOR && process.stdout.isTTY === true && process.stderr.isTTY === true,
  onInterrupt(listener) {
    process.once('SIGINT', listener);
    return () => void process.off('SIGINT', listener);
  },
  async drained() {
    if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
  },
});
