// A library on one of its backends, in a process of its own: it serves the driver (main.ts) over Node's channel.
import { type Census, installCensus, takeCensus } from './census.ts';
import { type Inputs, type WorkloadId, workloads } from './workloads.ts';

/** A workload made ready. */
export interface Task {
  /** One call, until the device is done. */
  run(): void | Promise<void>;
  /** What the last call computed. */
  result(): Promise<ArrayLike<number>>;
  dispose(): void | Promise<void>;
}

export interface Contender {
  /** Versions and the adapter, in words. */
  readonly about: string;
  /** Undefined where it has nothing to show. */
  prepare(workload: WorkloadId, inputs: Inputs): Promise<Task | undefined>;
}

export type Request =
  | { readonly do: 'prepare'; readonly workload: WorkloadId }
  | { readonly do: 'run'; readonly calls: number }
  | { readonly do: 'dispose' };

export type Reply =
  | { readonly is: 'about'; readonly about: string }
  /** Time of the first call with all compilation, milliseconds, and a sample of each compared call's result. */
  | {
      readonly is: 'prepared';
      readonly first: number;
      readonly results: readonly Float64Array[];
      readonly census: Census;
    }
  | { readonly is: 'absent' }
  /** Time a call, and the part of it until the call returned with all work handed over; milliseconds. */
  | { readonly is: 'timed'; readonly time: number; readonly host: number }
  | { readonly is: 'disposed' }
  | { readonly is: 'failed'; readonly error: string };

export async function serve(open: (backend: string) => Promise<Contender>): Promise<void> {
  const contender = await open(process.argv[2]!);
  installCensus();
  const send = (reply: Reply): void => void process.send!(reply);
  let task: Task | undefined;
  process.on('message', async (request: Request) => {
    try {
      switch (request.do) {
        case 'prepare': {
          const prepared = await prepare(contender, request.workload);
          task = prepared?.task;
          send(prepared ? { is: 'prepared', ...prepared.reply } : { is: 'absent' });
          break;
        }
        case 'run':
          send({ is: 'timed', ...(await time(task!, request.calls)) });
          break;
        case 'dispose':
          await task!.dispose();
          send({ is: 'disposed' });
      }
    } catch (error) {
      send({ is: 'failed', error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  send({ is: 'about', about: contender.about });
}

async function prepare(contender: Contender, workload: WorkloadId) {
  const { calls, inputs: make } = workloads[workload];
  const inputs = make();
  const begin = performance.now();
  const task = await contender.prepare(workload, inputs);
  if (!task) return undefined;
  await task.run();
  const first = performance.now() - begin;
  const results = [sample(await task.result())];
  while (results.length < calls) {
    await task.run();
    results.push(sample(await task.result()));
  }
  takeCensus();
  await task.run();
  return { task, reply: { first, results, census: takeCensus() } };
}

async function time(task: Task, calls: number): Promise<{ time: number; host: number }> {
  const begin = performance.now();
  let host = 0;
  for (let call = 0; call < calls; call++) {
    const called = performance.now();
    const done = task.run();
    host += performance.now() - called;
    // Awaiting nothing would still cost a turn of the event loop, which a synchronous backend should not pay.
    if (done) await done;
  }
  return { time: (performance.now() - begin) / calls, host: host / calls };
}

const mostSampled = 4096;

/** Elements evenly spread over all. */
function sample(values: ArrayLike<number>): Float64Array {
  const length = Math.min(values.length, mostSampled);
  return Float64Array.from({ length }, (_, at) => values[Math.floor((at * values.length) / length)]!);
}
