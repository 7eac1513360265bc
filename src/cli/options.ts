// Options that several commands have.
import { basename } from 'node:path';
import { Option } from 'commander';
import {
  type Config,
  ConfigError,
  type ConfigSource,
  deviceKinds,
  readConfigSource,
  validateConfig,
} from '../config/index.ts';
import { type Device, type DeviceKind, openDevice } from '../node.ts';
import type { FolderMode } from '../run/index.ts';
import { safe } from './show.ts';

export const deviceOption = (): Option =>
  new Option('--device <kind>', 'where to compute; auto takes the fastest there is').choices([
    ...deviceKinds,
  ]);

export const jsonOption = (): Option => new Option('--json', 'print JSON, for machines');

export interface Overrides {
  readonly device?: DeviceKind;
  readonly seed?: number;
}

/** Of a command that fills a folder. */
export interface FolderOptions {
  readonly out?: string;
  readonly resume?: boolean;
  readonly force?: boolean;
}

/** The config's name, the folder to fill, `runs/NAME` unless told, and what may stand there. */
export function folderOf(
  { out, resume, force }: FolderOptions,
  config: string,
  suffix = '',
): { readonly name: string; readonly folder: string; readonly mode: FolderMode } {
  const name = basename(config).replace(/\.[^.]+$/, '');
  const mode = resume ? 'resume' : force ? 'force' : 'new';
  return { name, folder: out ?? `runs/${name}${suffix}`, mode };
}

/** How a command that was ended goes on, with the options that it was given. */
export function resumeCommand(
  command: readonly string[],
  { out, device, seed }: Overrides & { readonly out?: string },
): string {
  const words = ['fairmt', ...command, '--resume'];
  if (out !== undefined) words.push('--out', out);
  if (device !== undefined) words.push('--device', device);
  if (seed !== undefined) words.push('--seed', String(seed));
  return words.map((word) => (/^[\w./:=-]+$/.test(word) ? word : `'${safe(word)}'`)).join(' ');
}

/** The config of a file, with what the command line says instead. @throws ConfigError */
export async function readConfig(
  path: string,
  { device, seed }: Overrides,
): Promise<{ config: Config; source: ConfigSource }> {
  const source = await readConfigSource(path);
  const config = validateConfig(source);
  return { source, config: { ...config, ...(device && { device }), ...(seed !== undefined && { seed }) } };
}

/** A whole number from `least` on, for commander. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isSafeInteger(value) && value >= least && value <= 0xffffffff) return value;
    throw new ConfigError({
      file: 'command line',
      expected: `a whole number from ${least} on`,
      got: JSON.stringify(text),
      remedy: 'See --help.',
    });
  };
}

export function open(kind: DeviceKind = 'auto'): Promise<Device> {
  return openDevice(kind, { log: () => undefined });
}

export function close(device: Device): void {
  if (device.kind === 'webgpu') device.gpu.destroy();
}
