// fairmt devices
import type { Command } from 'commander';
import type { DeviceKind } from '../node.ts';
import { deviceFacts } from '../run/index.ts';
import { DeviceError } from '../tensor/errors.ts';
import type { ExitCode } from './exit.ts';
import { type Io, json, say } from './io.ts';
import { close, jsonOption, open } from './options.ts';
import { safe, table } from './show.ts';

interface Found {
  readonly kind: DeviceKind;
  /** The adapter, or what the device is made of. */
  readonly name?: string;
  /** Why it cannot be had. */
  readonly problem?: string;
  /** Whether `--device auto` takes it. */
  readonly auto: boolean;
}

export function addDevices(program: Command, io: Io, setExit: (code: ExitCode) => void): void {
  program
    .command('devices')
    .summary('list where fairmt can compute')
    .description('Lists where fairmt can compute, and which one it takes by itself.')
    .addOption(jsonOption())
    .addHelpText('after', '\nExamples:\n  fairmt devices\n  fairmt devices --json')
    .action(async (options: { json?: boolean }) => {
      const found = await findDevices();
      if (options.json) json(io, found);
      else say(io, deviceTable(found));
      setExit(0);
    });
}

async function findDevices(): Promise<Found[]> {
  const best = await open('auto');
  close(best);
  const kinds = ['webgpu', 'wasm', 'cpu'] as const;
  return Promise.all(kinds.map((kind) => find(kind, kind === best.kind)));
}

async function find(kind: DeviceKind, auto: boolean): Promise<Found> {
  try {
    const device = await open(kind);
    const { name } = deviceFacts(device);
    close(device);
    return { kind, name, auto };
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    return { kind, problem: error.message, auto };
  }
}

function deviceTable(found: readonly Found[]): string {
  const rows = found.map(({ kind, name, problem, auto }) => [
    kind,
    auto ? 'taken by auto' : problem === undefined ? 'available' : 'not available',
    safe(name ?? problem ?? ''),
  ]);
  return table(['device', '', ''], rows, ['left', 'left', 'left']);
}
