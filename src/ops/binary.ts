// Pointwise ops of two and three operands, broadcasting.
//
// Edges: floats divided by 0 give ±∞ or NaN on the CPU, while WGSL promises nothing: guard a denominator by
// `select`. An integer divided by 0 is the dividend. `maximum` and `minimum` share the gradient equally where the
// operands tie; of NaN they give NaN on the CPU and either operand on the GPU.
import type { Value } from '../graph/value.ts';
import type { TensorType } from '../tensor/types.ts';
import { unbroadcast } from './broadcast.ts';
import { broadcast, elementwise, ensure, formatTypes } from './infer.ts';
import type { Scalar } from './loops.ts';
import { pointwise } from './pointwise.ts';
import type { OpSpec, VjpContext } from './spec.ts';

const number = elementwise(2, ['f32', 'i32', 'u32']);
const float = elementwise(2, ['f32']);
const logical = elementwise(2, ['bool']);
const ordered = elementwise(2, ['f32', 'i32', 'u32'], 'bool');
const equatable = elementwise(2, ['f32', 'i32', 'u32', 'bool'], 'bool');

type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

function comparison<K extends Comparison>(
  infer: (inputs: readonly TensorType[]) => TensorType,
  operator: string,
  holds: (a: number, b: number) => boolean,
): OpSpec<K> {
  const scalar: Scalar = (a, b) => (holds(a, b) ? 1 : 0);
  return pointwise({ infer, scalar, wgsl: ([a, b]) => `(${a} ${operator} ${b})`, vjp: 'none' });
}

/** All to the operand that `wins`, half to each where they tie. */
function shareOfExtremum(
  { g, inputs: [a, b] }: VjpContext<'maximum' | 'minimum'>,
  wins: (own: Value, other: Value) => Value,
): Value[] {
  const half = g.div(2);
  const share = (own: Value, other: Value): Value =>
    unbroadcast(wins(own, other).select(g, own.eq(other).select(half, 0)), own.shape);
  return [share(a!, b!), share(b!, a!)];
}

/** Above this, exponents go through `exp(y·log(x))`. */
const largestProduct = 16;

function literalOf(node: { readonly op: string; readonly attrs: object } | undefined): number | null {
  return node?.op === 'literal' ? (node.attrs as { value: number }).value : null;
}

/** `x` to a whole power by repeated squaring: `((x * x) * x)`. */
function powerAsProducts(x: string, exponent: number): string {
  if (exponent < 0) return `(1.0 / ${powerAsProducts(x, -exponent)})`;
  if (exponent === 0) return 'f32(1)';
  if (exponent === 1) return x;
  const half = powerAsProducts(x, Math.floor(exponent / 2));
  return exponent % 2 === 0 ? `(${half} * ${half})` : `((${half} * ${half}) * ${x})`;
}

export const binary = {
  add: pointwise({
    infer: number,
    scalar: (a, b) => a + b,
    wgsl: ([a, b]) => `(${a} + ${b})`,
    vjp: ({ g, inputs: [a, b] }) => [unbroadcast(g, a!.shape), unbroadcast(g, b!.shape)],
  }),
  sub: pointwise({
    infer: number,
    scalar: (a, b) => a - b,
    wgsl: ([a, b]) => `(${a} - ${b})`,
    vjp: ({ g, inputs: [a, b] }) => [unbroadcast(g, a!.shape), unbroadcast(g, b!.shape).neg()],
  }),
  mul: pointwise({
    infer: number,
    scalar: (a, b) => a * b,
    integer: Math.imul,
    wgsl: ([a, b]) => `(${a} * ${b})`,
    vjp: ({ g, inputs: [a, b] }) => [unbroadcast(g.mul(b!), a!.shape), unbroadcast(g.mul(a!), b!.shape)],
  }),
  /** Integers truncate. */
  div: pointwise({
    infer: number,
    scalar: (a, b) => a / b,
    integer: (a, b) => (b === 0 ? a : Math.trunc(a / b)),
    wgsl: ([a, b]) => `(${a} / ${b})`,
    vjp: ({ g, inputs: [a, b], output }) => {
      const quotient = g.div(b!);
      return [unbroadcast(quotient, a!.shape), unbroadcast(quotient.mul(output).neg(), b!.shape)];
    },
  }),
  /**
   * For a base ≥ 0, or any base with a literal whole exponent up to 16 in magnitude. No gradient flows to the
   * exponent where the base is not positive, nor to the base where the exponent is 0.
   */
  pow: pointwise({
    infer: float,
    scalar: (a, b) => a ** b,
    wgsl: ([a, b], node) => {
      const exponent = literalOf(node.inputs[1]);
      return exponent !== null && Number.isInteger(exponent) && Math.abs(exponent) <= largestProduct
        ? powerAsProducts(a!, exponent)
        : `pow_f32(${a}, ${b})`;
    },
    vjp: ({ g, inputs: [a, b], output }) => {
      const exponent = literalOf(b!.node);
      if (exponent === 0) return [null, null];
      if (exponent !== null) {
        return [unbroadcast(g.mul(a!.pow(exponent - 1)).mul(exponent), a!.shape), null];
      }
      const slope = b!.eq(0).select(0, b!.mul(a!.pow(b!.sub(1))));
      const positive = a!.gt(0);
      const growth = output.mul(positive.select(a!, 1).log());
      return [unbroadcast(g.mul(slope), a!.shape), unbroadcast(positive.select(g.mul(growth), 0), b!.shape)];
    },
  }),
  maximum: pointwise({
    infer: number,
    scalar: (a, b) => Math.max(a, b),
    wgsl: ([a, b]) => `max(${a}, ${b})`,
    vjp: (context) => shareOfExtremum(context, (own, other) => own.gt(other)),
  }),
  minimum: pointwise({
    infer: number,
    scalar: (a, b) => Math.min(a, b),
    wgsl: ([a, b]) => `min(${a}, ${b})`,
    vjp: (context) => shareOfExtremum(context, (own, other) => own.lt(other)),
  }),
  eq: comparison<'eq'>(equatable, '==', (a, b) => a === b),
  ne: comparison<'ne'>(equatable, '!=', (a, b) => a !== b),
  lt: comparison<'lt'>(ordered, '<', (a, b) => a < b),
  le: comparison<'le'>(ordered, '<=', (a, b) => a <= b),
  gt: comparison<'gt'>(ordered, '>', (a, b) => a > b),
  ge: comparison<'ge'>(ordered, '>=', (a, b) => a >= b),
  and: pointwise({
    infer: logical,
    scalar: (a, b) => a * b,
    wgsl: ([a, b]) => `(${a} && ${b})`,
    vjp: 'none',
  }),
  or: pointwise({
    infer: logical,
    scalar: (a, b) => Math.max(a, b),
    wgsl: ([a, b]) => `(${a} || ${b})`,
    vjp: 'none',
  }),
  /** Condition, yes, no. The side not taken is never looked at, and its gradient is exactly 0. */
  select: pointwise({
    infer: (inputs) => {
      const [condition, yes, no] = inputs;
      ensure(
        inputs.length === 3 && condition?.dtype === 'bool' && yes?.dtype === no?.dtype,
        'a bool condition and two sides of one dtype',
        formatTypes(inputs),
      );
      return { shape: broadcast(inputs), dtype: yes!.dtype };
    },
    scalar: (condition, yes, no) => (condition ? yes : no),
    wgsl: ([condition, yes, no]) => `select(${no}, ${yes}, ${condition})`,
    vjp: ({ g, inputs: [condition, yes, no] }) => [
      null,
      unbroadcast(condition!.select(g, 0), yes!.shape),
      unbroadcast(condition!.select(0, g), no!.shape),
    ],
  }),
  /** Logits z, targets t: `max(z, 0) − z·t + log(1 + exp(−|z|))`. */
  sigmoidCrossEntropy: pointwise({
    infer: float,
    scalar: (z, t) => Math.max(z, 0) - z * t + Math.log1p(Math.exp(-Math.abs(z))),
    wgsl: ([z, t]) => `sigmoid_cross_entropy(${z}, ${t})`,
    vjp: ({ g, inputs: [z, t] }) => [
      unbroadcast(g.mul(z!.sigmoid().sub(t!)), z!.shape),
      unbroadcast(g.mul(z!).neg(), t!.shape),
    ],
  }),
} satisfies {
  [K in
    | Comparison
    | 'add'
    | 'sub'
    | 'mul'
    | 'div'
    | 'pow'
    | 'maximum'
    | 'minimum'
    | 'and'
    | 'or'
    | 'select'
    | 'sigmoidCrossEntropy']: OpSpec<K>;
};
