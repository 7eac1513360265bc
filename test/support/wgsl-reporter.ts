// Closes a test run with the number of tests that executed WGSL: a suite that silently lost its adapter would show 0.
import type { Reporter, TestModule } from 'vitest/node';

export default class WgslReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const passed = modules.flatMap((module) => [...module.children.allTests('passed')]);
    const executed = passed.filter((test) => test.meta().executedWgsl).length;
    console.log(`${executed} of the ${passed.length} tests that passed executed WGSL\n`);
  }
}
