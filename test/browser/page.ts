// The browser's side: bundled by chromium.test.ts, which calls `runCase` for each name.
import { cases } from './cases.ts';

declare global {
  var runCase: (name: string) => Promise<void>;
}

globalThis.runCase = async (name) => {
  const found = cases.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no case is named '${name}'`);
  await found.run(navigator.gpu);
};
