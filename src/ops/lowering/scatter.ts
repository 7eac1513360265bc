// The gather's transpose by a stable merge sort of the indices and sums over segments: no atomics, one order.
import scatterAddWgsl from '../../../shaders/scatter_add.wgsl';
import type { Node, NodeWith } from '../../graph/node.ts';
import { numel } from '../../tensor/shape.ts';
import type { KernelCall, KernelPlan, LowerContext } from '../spec.ts';
import { input, output, read, requireFits, temp, threads, write } from './kernel.ts';

/** Indices that are sorted by counting, at a cost of their square; longer lists are merged from such runs. */
const longestRun = 1024;
const firstRun = 256;

export function lowerScatterAdd(node: NodeWith<'scatterAdd'>, context: LowerContext): KernelPlan {
  requireFits(node, context);
  const { target, offsets } = context;
  const [indices, values] = node.inputs as readonly [Node, Node];
  const { rows } = node.attrs;
  const count = numel(indices.shape);
  const width = numel(node.shape) / rows;
  const shared = {
    N: count,
    ROWS: rows,
    WIDTH: width,
    COUNT: rows * width,
    INDICES_OFFSET: offsets[0]!,
    VALUES_OFFSET: offsets[1]!,
  };
  const kernel = { wgsl: scatterAddWgsl, flops: 0 };
  const perIndex = threads(count, node, target);
  let run = count <= longestRun ? count : firstRun;
  let sorted = 0;
  const calls: KernelCall[] = [
    {
      ...kernel,
      label: 'scatterAdd.rank',
      entryPoint: 'rank_runs',
      constants: { ...shared, RUN: run },
      bindings: [read(input(0)), write(temp(0))],
      workgroups: perIndex,
    },
  ];
  for (; run < count; run *= 2) {
    calls.push({
      ...kernel,
      label: 'scatterAdd.merge',
      entryPoint: 'merge_runs',
      constants: { ...shared, RUN: run },
      bindings: [read(temp(sorted)), write(temp(1 - sorted))],
      workgroups: perIndex,
    });
    sorted = 1 - sorted;
  }
  calls.push({
    ...kernel,
    label: 'scatterAdd.sum',
    entryPoint: 'sum_segments',
    constants: shared,
    bindings: [read(temp(sorted)), read(input(1)), write(output)],
    workgroups: threads(rows * width, node, target),
    flops: numel(values.shape),
  });
  const pairs = { dtype: 'u32', length: 2 * count } as const;
  return { temps: calls.length > 2 ? [pairs, pairs] : [pairs], calls };
}
