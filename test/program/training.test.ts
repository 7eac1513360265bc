// A program is the interpreter, replayed: the same numbers over 20 steps while rates and weights change half-way.
import { beforeAll, describe, expect, test } from 'vitest';
import { lower } from '../../src/codegen/lower.ts';
import { newGraph } from '../../src/ops/index.ts';
import type { Plan } from '../../src/passes/plan.ts';
import { checkSpec } from '../../src/program/executable.ts';
import { gpu } from '../support/gpu.ts';
import { optimizers, type Training, twoTasks, words } from '../support/models.ts';
import { define, expectTrace, type GpuTarget, openTarget, type Trace, trace } from '../support/programs.ts';

const runs = 20;
const named = Object.keys(optimizers) as (keyof typeof optimizers)[];

describe.skipIf(!gpu)('twenty steps, with rates and weights changed at step 10 (rules 1 and 7)', () => {
  let software: GpuTarget;
  beforeAll(async () => {
    software = await openTarget();
  });

  const steps = (training: Training): Promise<Trace> => trace({ ...training, runs }, software);

  test('AdamW on two tasks: WebGPU gives the numbers of the float64 interpreter', async () => {
    const definition = await define({ ...twoTasks(), runs });
    expectTrace(await steps(twoTasks()), definition, 1e-4);
    expectTrace(
      await trace({ ...twoTasks(), runs }, software, { fused: false }),
      definition,
      1e-4,
      'unfused',
    );
  });

  test('the same by the kernels for discrete adapters', async () => {
    expectTrace(
      await trace({ ...twoTasks(), runs }, await openTarget('discrete')),
      await define({ ...twoTasks(), runs }),
      1e-4,
    );
  });

  for (const optimizer of named) {
    test(`${optimizer} on embeddings, layer norm and dropout: WebGPU gives the numbers of the interpreter`, async () => {
      expectTrace(await steps(words(optimizer)), await define({ ...words(optimizer), runs }), 1e-4);
    });
  }

  test('a scalar changed at step 10 changes step 10 and leaves the nine before it alone', async () => {
    const changed = await steps(twoTasks());
    const unchanged = await steps({ ...twoTasks(), scalars: () => ({}) });
    expect(changed.slice(0, 10)).toEqual(unchanged.slice(0, 10));
    expect(changed[10]!['loss']).not.toEqual(unchanged[10]!['loss']);
    expect(changed[10]!['first']).toEqual(unchanged[10]!['first']);
    expect(changed[11]!['first']).not.toEqual(unchanged[11]!['first']);
  });

  test('the initial value of a scalar is in the plan’s buffer and in no kernel', () => {
    const planOf = (rate: number): Plan => {
      const graph = newGraph();
      const x = graph.state('x', [100]);
      const value = x.sub(graph.input('g', [100]).mul(graph.scalar('rate', rate)));
      return lower(checkSpec({ outputs: {}, updates: [{ target: x, value }] }), software.gpu.target);
    };
    expect(planOf(0.5).dispatches).toEqual(planOf(0.125).dispatches);
    expect(planOf(0.5).buffers).not.toEqual(planOf(0.125).buffers);
  });
});

describe.skipIf(!gpu)('determinism (rule 5)', () => {
  test('two runs are equal bit for bit: outputs, parameters, moments, generator', async () => {
    const target = await openTarget();
    for (const training of [twoTasks, () => words('adam')]) {
      expect(await trace({ ...training(), runs }, target)).toEqual(
        await trace({ ...training(), runs }, target),
      );
    }
  });

  test('two devices of one adapter are equal bit for bit', async () => {
    const [one, other] = [await openTarget(), await openTarget()];
    const scenario = { ...words('adamw'), runs };
    expect(await trace(scenario, one)).toEqual(await trace(scenario, other));
  });
});
