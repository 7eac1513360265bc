// Operands of a concat that are made where they belong: what needs no copy, what must not lie there, and equal answers.
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { grads } from '../../src/autodiff/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import { gpu } from '../support/gpu.ts';
import { labels, planOf } from '../support/plans.ts';
import { expectAgreement, type GpuTarget, openTarget, ramp } from '../support/programs.ts';

describe('pieces of a concat', () => {
  test('made by chains, products and sums need no copy, and read right where others read them', () => {
    const graph = newGraph();
    const [a, b] = [graph.input('a', [6, 5]), graph.input('b', [5, 3])];
    const pieces = [a.exp().reshape([-1]), a.matmul(b).reshape([-1]), a.sum(0)] as const;
    const whole = pieces[0].concat(pieces.slice(1), 0);
    const plan = planOf({ outputs: { length: whole.square().sum(), also: pieces[2].mul(2) } });
    expect(labels(plan)).not.toContain('concat');
  });

  test('that outlive the step, stand twice, or are leaves are copied, several in one dispatch', () => {
    const graph = newGraph();
    const [a, b] = [graph.input('a', [7]), graph.input('b', [3])];
    const twice = a.exp();
    const kept = b.exp();
    const whole = a.concat([twice, twice, kept, b], 0);
    const plan = planOf({ outputs: { y: whole.log().sum(), kept } });
    expect(labels(plan).filter((label) => label === 'concat')).toHaveLength(1);
  });

  test('are not made there where a kernel would read and write one buffer', () => {
    const graph = newGraph();
    const a = graph.input('a', [6, 6]);
    const first = a.exp();
    const second = first.matmul(a); // reads the first, makes the second
    const whole = first.concat([second], 0);
    const plan = planOf({ outputs: { y: whole.sum() } });
    for (const { bindings } of plan.dispatches) {
      const written = bindings.filter(({ access }) => access === 'read_write').map(({ buffer }) => buffer);
      for (const { buffer, access } of bindings) if (access === 'read') expect(written).not.toContain(buffer);
    }
    expect(labels(plan)).toContain('concat');
  });

  test('gradients of a tensor that was read slice by slice are put side by side, not padded and added', () => {
    const graph = newGraph();
    const x = graph.input('x', [20, 9]);
    const parts = [
      x.narrow(1, 0, 4).tanh().sum(),
      x.narrow(1, 4, 5).exp().sum(),
      x.narrow(1, 5, 9).square().sum(),
    ];
    const loss = parts[0]!.add(parts[1]!).add(parts[2]!);
    const names = labels(planOf({ outputs: { gradient: grads([loss], [x])[0]![0]! } }));
    expect(names).toContain('concat');
    expect(names).not.toContain('pad');
  });
});

describe.skipIf(!gpu)('on the device', () => {
  let targets: readonly GpuTarget[];
  beforeAll(async () => {
    targets = [await openTarget('software'), await openTarget('discrete')];
  });

  test('pieces at any offset, of whole vectors or not, agree with the definition', async () => {
    const extent = fc.constantFrom(1, 3, 4, 8, 12, 17);
    const property = fc.asyncProperty(
      extent,
      extent,
      extent,
      fc.constantFrom(1, 2, 4),
      fc.nat(1),
      async (n, k, m, first, which) => {
        const graph = newGraph();
        const [x, y] = [graph.input('x', [n, k]), graph.input('y', [k, m])];
        const head = graph.input('head', [first]).mul(3);
        const product = x.matmul(y);
        const rest = [product.reshape([-1]), x.sum(0), product.sum(0).exp(), product.max(1)];
        const whole = head.concat(rest, 0);
        const outputs = { whole: whole.add(1), total: whole.sum(), again: rest[1]!.mul(rest[1]!) };
        const feeds = { x: ramp(n * k), y: ramp(k * m), head: ramp(first) };
        await expectAgreement({ spec: { outputs }, feeds }, targets[which]!);
      },
    );
    await fc.assert(property, { numRuns: 15, seed: 8 });
  });

  test('more operands than a kernel takes, of any dtype and along any axis, agree with the definition', async () => {
    const graph = newGraph();
    const parts = Array.from({ length: 9 }, (_, i) => graph.input(`x${i}`, [3, i + 1, 2]));
    const [first, ...rest] = parts;
    const whole = first!.concat(rest, 1);
    const flags = first!.gt(0).concat(
      rest.map((part) => part.lt(0.1)),
      1,
    );
    const feeds = Object.fromEntries(parts.map((_, i) => [`x${i}`, ramp(6 * (i + 1), i + 1)]));
    for (const target of targets)
      await expectAgreement({ spec: { outputs: { whole: whole.mul(2), flags } }, feeds }, target);
  });
});
