// Random graphs, values and gradients: WebAssembly against the float64 interpreter.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { grads } from '../../src/autodiff/index.ts';
import { evaluate } from '../../src/backend/cpu/interpreter.ts';
import { randomGraph } from '../support/random-graph.ts';
import { difference } from '../support/traces.ts';
import { evaluateOnWasm } from '../support/wasm.ts';

test('values and gradients of 500 random graphs are those of the interpreter', async () => {
  await fc.assert(
    fc.asyncProperty(randomGraph(), async ({ inputs, outputs, loss }) => {
      const [gradients] = grads(
        [loss],
        inputs.map(({ value }) => value),
      );
      const values = [loss, ...outputs, ...gradients!];
      const feeds = new Map(inputs.map(({ value, data }) => [value, data]));
      const expected = evaluate(values, feeds);
      const actual = await evaluateOnWasm(values, feeds);
      expected.forEach((want, which) => {
        expect(difference(actual[which]!, want, 2e-5), `value ${which}`).toBeUndefined();
      });
    }),
    { numRuns: 500, seed: 20260, endOnFailure: true },
  );
});
