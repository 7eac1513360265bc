// Reshape, permute, expand and slice are ways to read a buffer: no consumer may see anything but the values.
import { beforeAll, describe, expect, test } from 'vitest';
import { lower } from '../../src/codegen/lower.ts';
import type { Graph, Value } from '../../src/graph/index.ts';
import { newGraph } from '../../src/ops/index.ts';
import { checkSpec } from '../../src/program/executable.ts';
import { gpu } from '../support/gpu.ts';
import { expectAgreement, type GpuTarget, openTarget, ramp } from '../support/programs.ts';

/** Views of a `[4, 6, 10]` value: transposed, sliced off its beginning, stretched, and several at once. */
const views: Record<string, (x: Value) => Value> = {
  transpose: (x) => x.transpose(),
  'permute all': (x) => x.permute([2, 0, 1]),
  'slice inner': (x) => x.slice([0, 0, 3], [4, 6, 8]),
  'slice outer': (x) => x.slice([2, 0, 0], [4, 6, 10]),
  'slice all': (x) => x.slice([1, 2, 3], [3, 5, 4]),
  'expand leading': (x) => x.slice([1, 0, 0], [2, 6, 10]).expand([3, 6, 10]),
  'expand inner': (x) => x.narrow(2, 9, 10).expand([4, 6, 5]),
  'reshape of contiguous': (x) => x.reshape([24, 10]),
  'reshape of transposed': (x) => x.transpose().reshape([40, 6]),
  'reshape of sliced': (x) => x.narrow(2, 1, 9).reshape([24, 2, 4]),
  'transpose of slice of transpose': (x) => x.transpose().narrow(1, 2, 7).transpose(),
  'expand of permuted slice': (x) => x.narrow(0, 3, 4).permute([1, 0, 2]).expand([6, 7, 10]),
};

const sources: Record<string, (graph: Graph) => Value> = {
  computed: (graph) => graph.input('x', [4, 6, 10]).mul(2),
  input: (graph) => graph.input('x', [4, 6, 10]),
  state: (graph) => graph.state('s', [4, 6, 10], ramp(240)),
  constant: (graph) => graph.constant(ramp(240), [4, 6, 10]),
  'slice of a flat state': (graph) =>
    graph.state('s', [300], ramp(300)).slice([45], [285]).reshape([4, 6, 10]),
};

describe.skipIf(!gpu)('views', () => {
  let target: GpuTarget;
  beforeAll(async () => {
    target = await openTarget();
  });

  for (const [source, make] of Object.entries(sources)) {
    test(`of ${source} feed outputs, chains, reductions, products and moves`, async () => {
      const graph = newGraph();
      const x = make(graph);
      const outputs = Object.entries(views).flatMap(([name, view]): [string, Value][] => {
        const seen = view(x);
        const matrix = seen.rank > 2 ? seen : seen.unsqueeze(0);
        return [
          [name, seen],
          [
            `${name}: chain`,
            seen
              .mul(3)
              .add(seen.narrow(0, 0, 1))
              .tanh(),
          ],
          [`${name}: sum`, seen.sum(-1)],
          [`${name}: product`, matrix.matmul(matrix, { transB: true })],
          [`${name}: concat`, seen.concat([seen.narrow(-1, 0, 1)], -1)],
          [`${name}: softmax`, seen.softmax()],
        ];
      });
      const spec = { outputs: Object.fromEntries(outputs) };
      await expectAgreement({ spec, feeds: { x: ramp(240) } }, target);
    });
  }

  test('of literals, scalars, bools and integers', async () => {
    const graph = newGraph();
    const scalar = graph.scalar('rate', 2.5);
    const counts = graph.constant(
      Int32Array.from({ length: 12 }, (_, i) => i - 5),
      [3, 4],
      'i32',
    );
    const flags = graph.constant([1, 0, 0, 1, 1, 0], [2, 3], 'bool');
    const outputs = {
      literal: graph.literal(1.5).expand([2, 3]).transpose(),
      'literal into a kernel': graph
        .literal(1.5)
        .expand([2, 3])
        .matmul(graph.literal(2).expand([3, 5])),
      scalar: scalar.expand([4]),
      'scalar into a kernel': scalar.reshape([1, 1]).concat([scalar.expand([1, 2])], 1),
      integers: counts.transpose(),
      'integers sliced': counts.narrow(1, 1, 3).add(counts.narrow(1, 2, 4)),
      bools: flags.transpose().not(),
      'bools moved': flags.concat([flags.narrow(0, 1, 2)], 0),
      'bools chosen by': flags
        .narrow(1, 1, 3)
        .select(scalar.expand([2, 2]), graph.iota([2, 2], 1).cast('f32')),
    };
    await expectAgreement({ spec: { outputs } }, target);
  });

  test('cost no copy where a kernel reads a transposed operand or a slice', () => {
    const graph = newGraph();
    const weights = graph.state('weights', [200], ramp(200));
    const [w1, w2] = [weights.slice([0], [60]).reshape([10, 6]), weights.slice([60], [120]).reshape([6, 10])];
    const x = graph.input('x', [7, 10]);
    const y = x.matmul(w1).matmul(w1.transpose()).matmul(w2.transpose());
    const plan = lower(checkSpec({ outputs: { y } }), target.gpu.target);
    expect(plan.dispatches.map(({ label }) => label)).toEqual(['matmul.nn', 'matmul.nt', 'matmul.nt']);
  });
});
