export type { CustomKernelAttrs, OpAttrs, OpName, ReduceAttrs } from './attrs.ts';
export { formatNode, Graph, type OpTable } from './graph.ts';
export { type Node, type NodeWith, topologicalOrder, type Update } from './node.ts';
export { type Axes, type Operand, Value } from './value.ts';
