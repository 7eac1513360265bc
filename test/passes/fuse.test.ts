// Pointwise chains: what is fused, what must not be, and that the pieces stay in order.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { grads } from '../../src/autodiff/index.ts';
import type { Value } from '../../src/graph/index.ts';
import { activations } from '../../src/nn/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import type { Dispatch, Plan } from '../../src/passes/plan.ts';
import { labels, planOf } from '../support/plans.ts';
import { randomGraph } from '../support/random-graph.ts';

const chains = (plan: Plan): Dispatch[] => plan.dispatches.filter(({ label }) => label.startsWith('pw:'));

describe('fusion', () => {
  test('a chain of any length up to the limit is one kernel, with one load for each tensor', () => {
    const graph = newGraph();
    const [x, bias] = [graph.input('x', [40, 7]), graph.input('bias', [7])];
    const plan = planOf({ outputs: { y: activations.gelu(x.add(bias)).mul(x) } });
    expect(plan.dispatches.length).toBe(1);
    expect(plan.dispatches[0]!.bindings.length).toBe(3);
    expect(plan.dispatches[0]!.wgsl.match(/let x\d+ =/g)!.length).toBe(2);
  });

  test('values that others need leave the chain as further outputs, computed once', () => {
    const x = newGraph().input('x', [50]);
    const inner = x.exp();
    const plan = planOf({ outputs: { inner, y: inner.add(1).log(), total: inner.sum() } });
    expect(labels(plan)).toEqual(['pw:exp+add+log', 'reduce.sum']);
    expect(plan.dispatches[0]!.wgsl.match(/exp_f32\(x0\)|exp\(x0\)/g)!.length).toBe(1);
  });

  test('a value that comes back through a reduction is not fused across it', () => {
    const x = newGraph().input('x', [8, 5]);
    const exponential = x.sub(1).exp();
    const plan = planOf({ outputs: { y: exponential.div(exponential.sum(1, true)).add(exponential) } });
    expect(labels(plan)).toEqual(['pw:sub+exp', 'reduce.sum', 'pw:div+add']);
  });

  test('a value read out of step (transposed, stretched, shifted) is not fused with its reader', () => {
    const x = newGraph().input('x', [6, 6]);
    const y = x.exp();
    for (const reader of [y.transpose().add(y), y.add(y.narrow(0, 0, 1)), y.narrow(1, 1, 6).mul(2)]) {
      expect(chains(planOf({ outputs: { reader } })).length).toBe(2);
    }
    expect(chains(planOf({ outputs: { flat: y.reshape([36]).add(1) } })).length).toBe(1);
  });

  test('a circle through a unit that joins an early node and a late one is seen', () => {
    const graph = newGraph();
    const [a, b] = [graph.input('a', [4, 4]), graph.input('b', [4, 4])];
    const early = a.exp();
    const total = early.sum();
    const f = b.exp();
    const late = early.add(f.transpose());
    const plan = planOf({ outputs: { total, late, closing: f.add(total) } });
    expect(labels(plan)).toEqual(['pw:exp', 'pw:exp+add', 'reduce.sum', 'pw:add']);
  });

  test('unfused, each node is a kernel of its own', () => {
    const x = newGraph().input('x', [50]);
    const spec = { outputs: { y: x.exp().add(1).log().mul(x) } };
    expect(labels(planOf(spec))).toEqual(['pw:exp+add+log+mul']);
    expect(labels(planOf(spec, {}, { fused: false }))).toEqual(['pw:exp', 'pw:add', 'pw:log', 'pw:mul']);
  });

  test('a loss, its mask and its gradient meet in few kernels', () => {
    const graph = newGraph();
    const [logits, labels01] = [graph.input('logits', [64, 3]), graph.input('labels', [64, 3])];
    const known = graph.input('known', [64, 3], 'bool');
    const losses = known.select(logits.sigmoidCrossEntropy(labels01), 0);
    const count = known.cast('f32').sum(0).maximum(1);
    const loss = losses.sum(0).div(count).sum();
    const gradient = grads([loss], [logits])[0]![0]!;
    const plan = planOf({ outputs: { loss, gradient } });
    expect(chains(plan).length).toBeLessThanOrEqual(4);
    expect(plan.dispatches.length).toBeLessThanOrEqual(7);
  });

  test('an endless chain is cut into kernels that drivers can compile', () => {
    let x: Value = newGraph().input('x', [10]);
    for (let i = 0; i < 1000; i++) x = x.add(1).neg();
    expect(planOf({ outputs: { x } }).dispatches.length).toBe(Math.ceil(2000 / 128));
  });

  test('random graphs: each node is computed once, inputs before users, within the limit on buffers', () => {
    const property = fc.property(
      randomGraph(),
      fc.integer({ min: 4, max: 10 }),
      (graph, maxStorageBuffers) => {
        const { inputs, outputs, loss } = graph;
        const [gradients] = grads(
          [loss],
          inputs.map(({ value }) => value),
        );
        const named = [...outputs, loss, ...gradients!].map((value, i) => [`${i}`, value] as const);
        const plan = planOf({ outputs: Object.fromEntries(named) }, { maxStorageBuffers });
        const done = new Set<string>();
        const written = new Set<number>();
        for (const { nodes, bindings, label } of plan.dispatches) {
          // A concat takes the eight that WebGPU guarantees.
          expect(bindings.length).toBeLessThanOrEqual(label === 'concat' ? 8 : maxStorageBuffers);
          if (label.startsWith('pw:')) {
            for (const node of nodes) {
              expect(done.has(node)).toBe(false);
              done.add(node);
            }
          }
          for (const { buffer, access } of bindings) {
            const { role } = plan.buffers[buffer]!;
            if (access === 'read' && (role === 'temp' || role === 'output'))
              expect(written.has(buffer)).toBe(true);
          }
          for (const { buffer, access } of bindings) if (access === 'read_write') written.add(buffer);
        }
        for (const { buffer } of Object.values(plan.outputs)) expect(written.has(buffer)).toBe(true);
      },
    );
    fc.assert(property, { numRuns: 60, seed: 42 });
  });
});
