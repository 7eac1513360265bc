#!/usr/bin/env node
// The `fairmt` command in a process of its own.
import { runCli } from './cli.ts';
import { processIo } from './process-io.ts';

// A reader that has seen enough (`fairmt predict … | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runCli(process.argv.slice(2), processIo());
