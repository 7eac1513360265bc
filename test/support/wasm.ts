// Values of a graph and traces of programs by WebAssembly, for comparison with the interpreter.
import { WasmExecutable } from '../../src/backend/wasm/index.ts';
import { topologicalOrder, type Value } from '../../src/graph/index.ts';
import { checkSpec } from '../../src/program/executable.ts';
import type { HostArray } from '../../src/tensor/types.ts';
import { play, type Scenario, type Trace } from './traces.ts';

/** As the interpreter's `evaluate`; inputs alone are fed. */
export async function evaluateOnWasm(
  values: readonly Value[],
  feeds: ReadonlyMap<Value, HostArray> = new Map(),
): Promise<HostArray[]> {
  const outputs = Object.fromEntries(values.map((value, at) => [`${at}`, value.node]));
  const reached = new Set(topologicalOrder(Object.values(outputs)));
  const executable = await WasmExecutable.create({ outputs, updates: [] });
  for (const [{ node }, data] of feeds) if (reached.has(node)) executable.write(node.name, data);
  executable.run();
  const results = await Promise.all(values.map((_, at) => executable.readOutput(`${at}`)));
  executable.dispose();
  return results;
}

export async function traceOnWasm(scenario: Scenario): Promise<Trace> {
  const step = checkSpec(scenario.spec);
  return play(step, await WasmExecutable.create(step), scenario);
}
