import { Graph } from '../graph/graph.ts';
import { ops } from './table.ts';

export * from './spec.ts';
export { ops };

/** An empty graph over the engine's ops. */
export function newGraph(): Graph {
  return new Graph(ops);
}
