// The op table: every op of the engine, one row each. A missing row does not compile.
import type { OpName } from '../graph/attrs.ts';
import { binary } from './binary.ts';
import { gathers } from './gather.ts';
import { identities } from './identity.ts';
import { leaves } from './leaves.ts';
import { products } from './matmul.ts';
import { norms } from './norm.ts';
import { randoms } from './random.ts';
import { reductions } from './reduce.ts';
import { shapes } from './shape.ts';
import { softmaxes } from './softmax.ts';
import type { OpSpec } from './spec.ts';
import { unary } from './unary.ts';

export const ops: { readonly [K in OpName]: OpSpec<K> } = {
  ...leaves,
  ...unary,
  ...binary,
  ...shapes,
  ...reductions,
  ...products,
  ...softmaxes,
  ...norms,
  ...gathers,
  ...randoms,
  ...identities,
};
