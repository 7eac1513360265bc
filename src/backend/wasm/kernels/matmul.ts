import type { NodeWith } from '../../../graph/node.ts';
import { numel } from '../../../tensor/shape.ts';
import { emitProduct, type Product, scratchElements } from './product.ts';
import type { Site } from './site.ts';

export function emitMatmul({ module, f, inputs, output, scratch }: Site, node: NodeWith<'matmul'>): void {
  const { transA, transB } = node.attrs;
  const [m, n] = node.shape.slice(-2) as [number, number];
  const k = node.inputs[0]!.shape.at(transA ? -2 : -1)!;
  const product: Product = { batch: numel(node.shape.slice(0, -2)), m, n, k, transA, transB };
  const elements = scratchElements(product);
  const places = { a: inputs[0]!, b: inputs[1]!, c: output, scratch: elements > 0 ? scratch(elements) : 0 };
  emitProduct(module, f, product, places);
}
