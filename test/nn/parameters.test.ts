// The flat layout of parameters: which elements belong to which module.
import { expect, test } from 'vitest';
import { evaluate } from '../../src/backend/cpu/interpreter.ts';
import { linear, mlp, Parameters } from '../../src/nn/index.ts';
import { newGraph } from '../../src/ops/index.ts';

test('the parts of a module are its parameters, in the order of the layout and in as few runs as they lie in', () => {
  const graph = newGraph();
  const trunk = mlp('trunk', { inputs: 3, widths: [4, 2] });
  const head = linear('head', { inputs: 2, outputs: 5 });
  const parameters = new Parameters(graph, [trunk, head], 1);
  const parts = parameters.partsOf(trunk, parameters.flat);
  expect(parts).toHaveLength(2); // weights, which decay, then biases
  const own = new Set(trunk.parameters.map(({ name }) => name));
  const entries = parameters.entries.filter(({ name }) => own.has(name));
  const expected = entries.flatMap(({ name }) => [...evaluate([parameters.get(name)], new Map())[0]!]);
  expect(evaluate(parts, new Map()).flatMap((part) => [...part])).toEqual(expected);
});
