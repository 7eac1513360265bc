// Updates see the states as they were before the step, whichever of them the planner makes in place.
import { beforeAll, describe, expect, test } from 'vitest';
import { lower } from '../../src/codegen/lower.ts';
import type { Graph, Value } from '../../src/graph/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import type { Plan } from '../../src/passes/plan.ts';
import { checkSpec } from '../../src/program/executable.ts';
import { compile, type ProgramSpec } from '../../src/program/index.ts';
import { gpu } from '../support/gpu.ts';
import { expectAgreement, type GpuTarget, openTarget, ramp } from '../support/programs.ts';

const length = 130;

/** `a` and `b` with different contents. */
function twoStates(graph: Graph, shape: readonly number[] = [length]): [Value, Value] {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return [graph.state('a', shape, ramp(size)), graph.state('b', shape, ramp(size, -3))];
}

describe.skipIf(!gpu)('updates (rule 4: a buffer is read and written by one dispatch only in place)', () => {
  let target: GpuTarget;
  beforeAll(async () => {
    target = await openTarget();
  });

  const planOf = (spec: ProgramSpec): Plan => lower(checkSpec(spec), target.gpu.target);
  const agree = (spec: ProgramSpec): Promise<void> => expectAgreement({ spec, runs: 3 }, target);

  test('exchange two states', async () => {
    const [a, b] = twoStates(newGraph());
    const updates = [
      { target: a, value: b },
      { target: b, value: a },
    ];
    await agree({ outputs: { sum: a.add(b) }, updates });
    await agree({ outputs: {}, updates });
  });

  test('rotate three states in a circle', async () => {
    const graph = newGraph();
    const [a, b] = twoStates(graph);
    const c = graph.state('c', [length], ramp(length, 10));
    const updates = [
      { target: a, value: b.mul(2) },
      { target: b, value: c.add(1) },
      { target: c, value: a.neg() },
    ];
    await agree({ outputs: { total: a.add(b).add(c).sum() }, updates });
  });

  test('may read the old value of a state that another update changes', async () => {
    const [a, b] = twoStates(newGraph());
    const updates = [
      { target: a, value: a.add(1) },
      { target: b, value: b.add(a) },
    ];
    await agree({ outputs: {}, updates });
    await agree({ outputs: {}, updates: updates.toReversed() });
  });

  test('may read the new value of another state', async () => {
    const [a, b] = twoStates(newGraph());
    const next = a.mul(0.5).add(1);
    await agree({
      outputs: {},
      updates: [
        { target: a, value: next },
        { target: b, value: b.add(next) },
      ],
    });
  });

  test('give one value to two states', async () => {
    const [a, b] = twoStates(newGraph());
    const next = a.add(b);
    await agree({
      outputs: {},
      updates: [
        { target: a, value: next },
        { target: b, value: next },
      ],
    });
  });

  test('wait for readers that come late: transposed, reduced, in a product, as an output', async () => {
    const [a, b] = twoStates(newGraph(), [13, 13]);
    const next = a.mul(0.9).add(0.1);
    await agree({
      outputs: {
        transposed: a.transpose().add(next),
        total: a.sum().mul(next.sum()),
        product: next.matmul(a),
        old: a,
        slice: a.slice([2, 3], [5, 13]),
      },
      updates: [
        { target: a, value: next },
        { target: b, value: a.matmul(b) },
      ],
    });
  });

  test('may read their own state out of step', async () => {
    const [a, b] = twoStates(newGraph(), [12, 12]);
    await agree({
      outputs: {},
      updates: [
        { target: a, value: a.transpose().add(a) },
        { target: b, value: b.slice([0, 0], [1, 12]).add(b) },
      ],
    });
  });

  test('take a kernel’s result, a slice that does not begin its buffer, a reshape, a constant, an input', async () => {
    const graph = newGraph();
    const x = graph.input('x', [6]);
    const states = ['product', 'slice', 'reshape', 'constant', 'input', 'stretched'].map((name, i) =>
      graph.state(name, name === 'product' ? [6, 6] : [6], ramp(name === 'product' ? 36 : 6, i + 1)),
    );
    const [product, slice, reshape, constant, input, stretched] = states as [
      Value,
      Value,
      Value,
      Value,
      Value,
      Value,
    ];
    const twice = slice.concat([x], 0).mul(2);
    const spec = {
      outputs: { all: states.map((state) => state.sum()).reduce((sum, part) => sum.add(part)) },
      updates: [
        { target: product, value: product.matmul(product) },
        { target: slice, value: twice.slice([5], [11]) },
        { target: reshape, value: reshape.reshape([2, 3]).add(1).reshape([6]) },
        { target: constant, value: graph.constant([1, 2, 3, 4, 5, 6], [6]) },
        { target: input, value: x },
        { target: stretched, value: graph.literal(7).expand([6]) },
      ],
    };
    await expectAgreement({ spec, feeds: (run) => ({ x: ramp(6, run + 1) }), runs: 3 }, target);
  });

  test('of an AdamW-like chain happen in place: no copy, and the state is bound once', () => {
    const [a, b] = twoStates(newGraph());
    const gradient = a.graph.input('g', [length]);
    const velocity = b.mul(0.9).add(gradient);
    const plan = planOf({
      outputs: {},
      updates: [
        { target: b, value: velocity },
        { target: a, value: a.sub(velocity.mul(0.1)) },
      ],
    });
    expect(plan.dispatches.length).toBe(1);
    expect(plan.copies).toEqual([]);
    expect(plan.dispatches[0]!.bindings.map(({ access }) => access).sort()).toEqual([
      'read',
      'read_write',
      'read_write',
    ]);
  });

  test('never bind a buffer twice in a dispatch that writes it', () => {
    const [a, b] = twoStates(newGraph(), [12, 12]);
    const plan = planOf({
      outputs: { c: a.transpose().matmul(b) },
      updates: [
        { target: a, value: b.transpose().add(a) },
        { target: b, value: a.add(b).tanh() },
      ],
    });
    for (const { bindings } of plan.dispatches) {
      const written = bindings.filter(({ access }) => access === 'read_write').map(({ buffer }) => buffer);
      for (const buffer of written)
        expect(bindings.filter((binding) => binding.buffer === buffer).length).toBe(1);
    }
  });

  test('an output that is also an update’s value outlives a restore', async () => {
    const [a] = twoStates(newGraph());
    const next = a.add(1);
    using program = await compile({ outputs: { next }, updates: [{ target: a, value: next }] }, target);
    const before = await program.save();
    program.run();
    program.restore(before);
    expect((await program.read('next'))[0]).toBeCloseTo(ramp(length)[0]! + 1);
    expect(await program.readState('a')).toEqual(ramp(length));
  });
});
