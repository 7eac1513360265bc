// Where the time of a training step goes: the step of a config, on its own data, kernel by kernel.
import { basename, join } from 'node:path';
import { type Config, type ConfigSource, fitOptions } from '../config/index.ts';
import type { Plan } from '../passes/plan.ts';
import { explain } from '../passes/print.ts';
import {
  type Ceilings,
  chromeTrace,
  type Device,
  type KernelOverrides,
  kernelsOf,
  measureCeilings,
  type Program,
} from '../program/index.ts';
import { ProgramError } from '../tensor/errors.ts';
import { Trainer } from '../train/index.ts';
import { RunError } from './errors.ts';
import { makeFolder, readWhole, writeWhole } from './files.ts';
import { loadProblem } from './problem.ts';

export interface Profiling {
  readonly config: Config;
  readonly source: ConfigSource;
  readonly device: Device;
  /** A file for the Chrome trace. */
  readonly trace?: string;
  /** A folder for the plan in words and the WGSL of every kernel. */
  readonly kernels?: string;
  /** Files of WGSL, named as `kernels` names them or `LABEL.wgsl`, to run in place of the originals. */
  readonly overrides?: readonly string[];
}

export interface ProfileResult {
  readonly profile: Awaited<ReturnType<Program['profile']>>;
  readonly ceilings: Ceilings;
}

/** @throws DataError, ConfigError, RunError for what cannot be used; DeviceError where the device cannot be profiled */
export async function profileStep(profiling: Profiling): Promise<ProfileResult> {
  const { config, source, device, trace, kernels, overrides = [] } = profiling;
  if (kernels !== undefined) requireWgsl(kernels, device);
  const overrideKernel = await readOverrides(overrides);
  const loaded = await loadProblem(config, source);
  const options = fitOptions(loaded.config, loaded.problem, loaded.config.method);
  const ceilings = await measureCeilings(device);
  try {
    using trainer = await Trainer.create(options, device, overrides.length > 0 ? { overrideKernel } : {});
    const { program } = trainer;
    if (kernels !== undefined) await writeKernels(kernels, program.plan!);
    trainer.beginEpoch();
    for (let run = 0; run < 3; run++) program.run(); // an overridden kernel is tried in each, before it is timed
    await program.read('losses');
    const profile = await program.profile();
    if (trace !== undefined) await writeWhole(trace, [chromeTrace(profile)]);
    return { profile, ceilings };
  } catch (error) {
    if (!(error instanceof ProgramError) || overrides.length === 0) throw error;
    throw new RunError({
      file: overrides.join(', '),
      expected: 'WGSL that computes what a kernel of this step does',
      got: `the error "${error.message}"`,
      remedy: 'fairmt profile --kernels DIR writes the kernels as they are.',
    });
  }
}

/** By the hash in the file's name where there is one, else by the label that it is named after. */
async function readOverrides(files: readonly string[]): Promise<KernelOverrides> {
  const texts = files.map(async (file) => {
    const name = basename(file, '.wgsl');
    const [, hash] = /-([0-9a-f]{8})$/.exec(name) ?? [];
    return [hash ?? name, (await readWhole(file, 'WGSL of a kernel')).toString('utf8')] as const;
  });
  return Object.fromEntries(await Promise.all(texts));
}

function requireWgsl(folder: string, { kind }: Device): void {
  if (kind === 'webgpu') return;
  throw new RunError({
    file: folder,
    expected: 'a step on WebGPU, whose kernels are WGSL',
    got: `the device '${kind}'`,
    remedy: 'Add --device webgpu.',
  });
}

async function writeKernels(folder: string, plan: Plan): Promise<void> {
  await makeFolder(folder);
  await writeWhole(join(folder, 'plan.txt'), [`${explain(plan)}\n`]);
  for (const { name, wgsl } of kernelsOf(plan)) await writeWhole(join(folder, `${name}.wgsl`), [wgsl]);
}
