// A plan explained: for people, and the same words for the same plan.
import { expect, test } from 'vitest';
import { lower } from '../../src/codegen/lower.ts';
import { newGraph } from '../../src/ops/index.ts';
import { explain } from '../../src/passes/print.ts';
import { checkSpec, type Step } from '../../src/program/executable.ts';
import { words } from '../support/models.ts';
import { software } from '../support/plans.ts';

function product(): Step {
  const graph = newGraph();
  const weight = graph.state('weight', [64, 32]);
  const result = graph.input('x', [16, 64]).matmul(weight).relu();
  return checkSpec({ outputs: { result }, updates: [{ target: weight, value: weight.mul(2) }] });
}

test('names memory, dispatches with shapes, nodes and buffers, commits and outputs', () => {
  expect(
    explain(lower(product(), software)).replaceAll(/\d+×\d+×\d+ workgroups/g, '… workgroups'),
  ).toMatchInlineSnapshot(`
    "2 dispatches of 2 kernels; 30.7 kB moved at least, 68.1 kFLOP
    buffers: input 4.1 kB in 1; state 8.19 kB in 1; output 2.05 kB in 1

      0  matmul.nn+relu  16×64, 64×32 → 16×32  14.3 kB  66 kFLOP  … workgroups
         computes matmul_2, relu_3
         weight, x → relu_3
      1  pw:mul  64×32, 1 → 64×32  16.4 kB  2.05 kFLOP  … workgroups
         computes mul_5
         nothing → weight

    output  result: f32[16,32] in relu_3"
  `);
});

test('is a pure function of the plan', () => {
  const once = (): string => explain(lower(checkSpec(words('adam').spec), software));
  expect(once()).toBe(once());
});

test('names every dispatch, every node and every buffer that is bound', () => {
  const plan = lower(checkSpec(words('adam').spec), software);
  const text = explain(plan);
  for (const { label, nodes, bindings } of plan.dispatches) {
    expect(text).toContain(label);
    for (const node of nodes) expect(text).toContain(node);
    for (const { buffer } of bindings) {
      const { role, label: name } = plan.buffers[buffer]!;
      expect(text).toContain(role === 'temp' ? `temp ${buffer}` : name);
    }
  }
});
