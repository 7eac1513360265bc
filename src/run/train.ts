// A training run in its folder: the unconstrained model, then the method, each to be resumed from its checkpoint.
import { existsSync } from 'node:fs';
import { type Config, type ConfigSource, fitOptions, type MethodConfig } from '../config/index.ts';
import { layOut } from '../mtl/index.ts';
import type { Device } from '../program/index.ts';
import type { EpochMetrics, Summary } from '../report/summary.ts';
import { type FitEpoch, type FitResult, type FitState, fit as runFit } from '../train/index.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { deviceFacts } from './device.ts';
import { writeJson } from './files.ts';
import { type FolderMode, RunFolder } from './folder.ts';
import { epochMetrics, MetricsLog } from './metrics.ts';
import { saveModel } from './model-file.ts';
import { fingerprint, type LoadedProblem, loadUnlessAborted, type OnLoad } from './problem.ts';
import { loadRenderer, readSummary, writeReport } from './report.ts';
import { summarise } from './summarise.ts';
import { version } from './version.ts';

export interface TrainingRun {
  readonly config: Config;
  readonly source: ConfigSource;
  /** The name of the run, for the report. */
  readonly name: string;
  readonly folder: string;
  readonly mode: FolderMode;
  readonly device: Device;
}

export interface RunHooks {
  readonly onLoad?: OnLoad;
  /** Before the first epoch of this process. */
  readonly onStart?: (problem: LoadedProblem) => void;
  readonly onEpoch?: (epoch: EpochMetrics, epochs: number) => void;
  readonly onEvaluate?: () => void;
  /** Saves a checkpoint after the steps under way and ends. */
  readonly signal?: AbortSignal;
}

/** The summary; none where the run was ended before its time, to be resumed. `at`: none before the first step. */
export type RunResult =
  | { readonly ended: 'done'; readonly summary: Summary }
  | { readonly ended: 'aborted'; readonly at?: { readonly method: string; readonly epoch: number } };

/** Checkpoints are written as often as takes this share of the time, and every so many milliseconds at least. */
const CHECKPOINT_SHARE = 0.05;
const LONGEST_PAUSE = 30_000;

/** What a phase's checkpoint holds. */
type Phase =
  | { readonly finished: false; readonly state: FitState }
  | { readonly finished: true; readonly result: FitResult };

/** @throws DataError, ConfigError, RunError for what cannot be used or written */
export async function trainRun(run: TrainingRun, hooks: RunHooks = {}): Promise<RunResult> {
  const folder = await RunFolder.check(run.folder, run.mode);
  if (run.mode === 'resume' && existsSync(folder.file('summary.json'))) {
    return { ended: 'done', summary: await readSummary(folder) };
  }
  await loadRenderer();
  const begun = performance.now();
  const loaded = await loadUnlessAborted(run.config, run.source, hooks.signal, hooks.onLoad);
  if (!loaded) return { ended: 'aborted' };
  const key = fingerprint(loaded, { version, device: deviceFacts(run.device) });
  await folder.prepare();
  const phases = await openPhases(folder, methodsOf(loaded), key);
  await writeJson(folder.file('config.json'), loaded.config);
  const metrics = metricsOf(loaded);
  const log = await MetricsLog.open(
    folder.file('metrics.jsonl'),
    phases.flatMap(({ method, saved }) => historyOf(saved).map((epoch) => metrics(method.name, epoch))),
  );
  hooks.onStart?.(loaded);

  const loadedAt = performance.now();
  const results: { method: string; result: FitResult }[] = [];
  for (const { method, saved } of phases) {
    const onEpoch = async (epoch: FitEpoch): Promise<void> => {
      const record = metrics(method.name, epoch);
      await log.append(record);
      hooks.onEpoch?.(record, loaded.config.training.epochs);
    };
    const path = folder.checkpoint(method.name);
    const result = await runPhase({ path, key, method, saved, onEpoch }, loaded, run.device, hooks);
    if (hooks.signal?.aborted) {
      const epoch = Math.min(result.history.length + 1, loaded.config.training.epochs);
      return { ended: 'aborted', at: { method: method.name, epoch } };
    }
    results.push({ method: method.name, result });
  }

  const trainedAt = performance.now();
  hooks.onEvaluate?.();
  const summary = await summarise({
    name: run.name,
    file: dataPath(run.config),
    loaded,
    device: run.device,
    results: results.map(({ method, result }) => ({
      method,
      result,
      curves: result.history.map((epoch) => metrics(method, epoch)),
    })),
    seconds: { loading: (loadedAt - begun) / 1000, training: (trainedAt - loadedAt) / 1000 },
  });
  await saveTrained(folder, loaded, results.at(-1)!);
  await writeReport(folder, summary);
  await writeJson(folder.file('summary.json'), summary); // last: where it is, the run is finished
  return { ended: 'done', summary };
}

/** The unconstrained model, unless it is the method or is not asked for; then the method. */
function methodsOf({ config: { method } }: LoadedProblem): MethodConfig[] {
  return method.compareWith === 'erm' && method.name !== 'erm' ? [{ name: 'erm' }, method] : [method];
}

interface OpenPhase {
  readonly method: MethodConfig;
  readonly saved: Phase | undefined;
}

/** Each method with what its checkpoint holds, which is nothing at first. */
async function openPhases(
  folder: RunFolder,
  methods: readonly MethodConfig[],
  key: string,
): Promise<OpenPhase[]> {
  const phases: OpenPhase[] = [];
  for (const method of methods) {
    const path = folder.checkpoint(method.name);
    const saved = existsSync(path) ? ((await readCheckpoint(path, key)) as Phase) : undefined;
    phases.push({ method, saved });
  }
  return phases;
}

function historyOf(phase: Phase | undefined): readonly FitEpoch[] {
  if (!phase) return [];
  return phase.finished ? phase.result.history : phase.state.history;
}

interface PhaseOptions extends OpenPhase {
  readonly path: string;
  readonly key: string;
  readonly onEpoch: (epoch: FitEpoch) => Promise<void>;
}

async function runPhase(
  { path, key, method, saved, onEpoch }: PhaseOptions,
  { config, problem }: LoadedProblem,
  device: Device,
  { signal }: RunHooks,
): Promise<FitResult> {
  if (saved?.finished) return saved.result;
  let last = performance.now();
  let cost = 0;
  const onCheckpoint = async (state: () => Promise<FitState>): Promise<void> => {
    const begun = performance.now();
    if (begun - last < Math.min(LONGEST_PAUSE, cost / CHECKPOINT_SHARE)) return;
    await writeCheckpoint(path, key, { finished: false, state: await state() } satisfies Phase);
    last = performance.now();
    cost = last - begun;
  };
  const hooks = { onEpoch, onCheckpoint, ...(signal && { signal }), ...(saved && { resume: saved.state }) };
  const result = await runFit(fitOptions(config, problem, method), device, hooks);
  const phase: Phase =
    result.ended === 'aborted' ? { finished: false, state: result.state } : { finished: true, result };
  await writeCheckpoint(path, key, phase);
  return result;
}

function metricsOf({ config, problem }: LoadedProblem): (method: string, epoch: FitEpoch) => EpochMetrics {
  const tasks = layOut(problem.model.tasks).slots.map(({ task }) => task);
  return (method, epoch) => epochMetrics(method, config.training.warmupEpochs, tasks, epoch);
}

function saveTrained(
  folder: RunFolder,
  { config, encoding, problem }: LoadedProblem,
  { method, result }: { method: string; result: FitResult },
): Promise<void> {
  const { delimiter, missing } = config.data;
  const facts = {
    fairmt: version,
    method,
    seed: config.seed,
    table: { ...(delimiter !== undefined && { delimiter }), missing },
    encoding,
    model: problem.model,
    fairness: problem.fairness,
    partitions: problem.partitions,
  };
  return saveModel(folder, facts, result.parameters);
}

function dataPath({ data }: Config): string {
  return typeof data === 'string' ? data : data.path;
}
