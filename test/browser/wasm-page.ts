// What the WebAssembly tests call inside a browser.
import { openDevice } from '../../src/program/index.ts';
import { twoTasks, words } from '../support/models.ts';
import { define, traceDifference } from '../support/traces.ts';
import { traceOnWasm } from '../support/wasm.ts';

declare global {
  /** Where twenty steps of two models differ from the interpreter's by more than 1e-4, if anywhere. */
  var trainOnWasm: () => Promise<string | undefined>;
  /** What `auto` picks without WebGPU, and what it says. */
  var openAuto: () => Promise<{ kind: string; said: string }>;
}

globalThis.trainOnWasm = async () => {
  for (const training of [twoTasks(), words('adamw')]) {
    const scenario = { ...training, runs: 20 };
    const found = traceDifference(await traceOnWasm(scenario), await define(scenario), 1e-4);
    if (found !== undefined) return found;
  }
  return undefined;
};

globalThis.openAuto = async () => {
  const lines: string[] = [];
  // An adapter is never found: this is about what comes after.
  const gpu = { requestAdapter: () => Promise.resolve(null) } as unknown as GPU;
  const { kind } = await openDevice('auto', { gpu, log: (line) => lines.push(line) });
  return { kind, said: lines.join('\n') };
};
