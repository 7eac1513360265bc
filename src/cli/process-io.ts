// The input and output of the process that a command runs in.
import { once } from 'node:events';
import type { Io } from './io.ts';

export function processIo(): Io {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  const terminals = process.stdout.isTTY === true && process.stderr.isTTY === true;
  return {
    out: process.stdout,
    err: process.stderr,
    interactive: process.stderr.isTTY === true,
    colour: FORCE_COLOR ? true : !NO_COLOR && terminals,
    onInterrupt(listener) {
      process.once('SIGINT', listener); // once: the next one ends the process, whatever it is at
      return () => void process.off('SIGINT', listener);
    },
    async drained() {
      if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
    },
  };
}
