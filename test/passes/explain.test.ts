// A plan explained: for people, and the same words for the same plan.
import { expect, test } from 'vitest';
import { lower } from '../../src/codegen/lower.ts';
import { newGraph, type Target } from '../../src/ops/index.ts';
import { explain } from '../../src/passes/print.ts';
import { checkSpec, type Step } from '../../src/program/executable.ts';
import { words } from '../support/models.ts';

const target: Target = {
  kernelClass: 'software',
  maxStorageBuffers: 8,
  maxInvocations: 256,
  maxWorkgroups: 65_535,
  maxBindingBytes: 2 ** 27,
};

function product(): Step {
  const graph = newGraph();
  const weight = graph.state('weight', [64, 32]);
  const result = graph.input('x', [16, 64]).matmul(weight).relu();
  return checkSpec({ outputs: { result }, updates: [{ target: weight, value: weight.mul(2) }] });
}

test('names memory, dispatches with shapes, nodes and buffers, commits and outputs', () => {
  expect(
    explain(lower(product(), target)).replaceAll(/\d+×\d+×\d+ workgroups/g, '… workgroups'),
  ).toMatchInlineSnapshot(`
    "2 dispatches of 2 kernels; 0.03 MB moved at least, 0.07 MFLOP
    buffers: input 0.00 MB in 1; state 0.01 MB in 1; output 0.00 MB in 1

      0  matmul.nn+relu  16×64, 64×32 → 16×32  0.01 MB  0.07 MFLOP  … workgroups
         computes matmul_2, relu_3
         weight, x → relu_3
      1  pw:mul  64×32, 1 → 64×32  0.02 MB  0.00 MFLOP  … workgroups
         computes mul_5
         nothing → weight

    output  result: f32[16,32] in relu_3"
  `);
});

test('is a pure function of the plan', () => {
  const once = (): string => explain(lower(checkSpec(words('adam').spec), target));
  expect(once()).toBe(once());
});

test('names every dispatch, every node and every buffer that is bound', () => {
  const plan = lower(checkSpec(words('adam').spec), target);
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
