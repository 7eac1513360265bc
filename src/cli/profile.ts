// fairmt profile CONFIG
import type { Command } from 'commander';
import { type DeviceKind, drawProfile, formatProfile, summariseProfile } from '../node.ts';
import { profileStep } from '../run/index.ts';
import type { ExitCode } from './exit.ts';
import { hint, type Io, json, say } from './io.ts';
import { close, deviceOption, jsonOption, open, readConfig } from './options.ts';
import { safe } from './show.ts';

interface ProfileOptions {
  readonly device?: DeviceKind;
  readonly trace?: string;
  readonly kernels?: string;
  readonly overrideKernel?: readonly string[];
  readonly json?: boolean;
}

export function addProfile(program: Command, io: Io, setExit: (code: ExitCode) => void): void {
  program
    .command('profile')
    .summary('show where the time of a training step goes')
    .description(
      'Times the training step that CONFIG describes, kernel by kernel, against what the device itself reaches.',
    )
    .argument('<config>', 'a YAML or JSON file; fairmt init writes one')
    .addOption(deviceOption())
    .option('--trace <file>', 'write a Chrome trace; open it at ui.perfetto.dev')
    .option('--kernels <folder>', 'write the plan and the WGSL of every kernel (WebGPU)')
    .option(
      '--override-kernel <file...>',
      'run WGSL in place of the kernel that the file is named after (WebGPU)',
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  fairmt profile adult.yaml
  fairmt profile adult.yaml --device webgpu --trace step.json
  fairmt profile adult.yaml --device webgpu --kernels kernels
  fairmt profile adult.yaml --device webgpu --override-kernel kernels/matmul.nn-1a2b3c4d.wgsl`,
    )
    .action(async (path: string, options: ProfileOptions) => setExit(await profile(io, path, options)));
}

async function profile(io: Io, path: string, options: ProfileOptions): Promise<ExitCode> {
  const { config, source } = await readConfig(path, options);
  const { trace, kernels, overrideKernel: overrides } = options;
  const device = await open(config.device);
  try {
    const { profile: measured, ceilings } = await profileStep({
      ...{ config, source, device },
      ...(trace !== undefined && { trace }),
      ...(kernels !== undefined && { kernels }),
      ...(overrides && { overrides }),
    });
    if (options.json) json(io, { ...measured, ceilings, kernels: summariseProfile(measured, ceilings) });
    else say(io, `${formatProfile(measured, ceilings)}\n\n${drawProfile(measured, ceilings)}`);
    if (overrides) hint(io, `Checked: ${overrides.map(safe).join(', ')} computes what the original does.`);
    if (trace !== undefined) hint(io, `The trace is in ${safe(trace)}: open it at ui.perfetto.dev`);
    if (kernels !== undefined) hint(io, `The plan and its kernels are in ${safe(kernels)}`);
    return 0;
  } finally {
    close(device);
  }
}
