// The same script in several processes: the first hands out work, the others do it and send back results.
import { fork } from 'node:child_process';

const isWorker = process.send !== undefined && process.argv.includes('--worker');

/** Answers the work that comes, if this process is a worker. Returns whether it is one. */
export function serveAsWorker<Work, Result>(work: (item: Work) => Promise<Result>): boolean {
  if (!isWorker) return false;
  process.on('message', async (item: Work) => {
    process.send!(await work(item));
  });
  return true;
}

/** Does `items` in `processes` copies of this process; results in the order of the items. */
export async function inProcesses<Work, Result>(
  items: readonly Work[],
  processes: number,
  onResult: (item: Work, result: Result) => void,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  let next = 0;
  const lane = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = fork(process.argv[1]!, [...process.argv.slice(2), '--worker']);
      let at = -1;
      const advance = (): void => {
        at = next++;
        if (at < items.length) worker.send(items[at] as object);
        else worker.disconnect();
      };
      worker.on('message', (result) => {
        results[at] = result as Result;
        onResult(items[at]!, result as Result);
        advance();
      });
      worker.on('error', reject);
      worker.on('exit', (code) =>
        code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`)),
      );
      advance();
    });
  await Promise.all(Array.from({ length: Math.min(processes, items.length) }, lane));
  return results;
}
