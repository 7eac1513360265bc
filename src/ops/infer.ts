// Pieces of shape rules: each throws `Mismatch` with what is wanted and all that came.
import { Mismatch } from '../tensor/errors.ts';
import { broadcastShapes } from '../tensor/shape.ts';
import { type DType, formatType, type Shape, type TensorType } from '../tensor/types.ts';

/** `f32[2,3] and u32[4]`. */
export function formatTypes(inputs: readonly TensorType[]): string {
  return inputs.length === 0 ? 'nothing' : inputs.map(formatType).join(' and ');
}

/** `[2,3] and [4]`. */
export function formatShapes(inputs: readonly TensorType[]): string {
  return inputs.map(({ shape }) => `[${shape.join(',')}]`).join(' and ');
}

export function ensure(holds: boolean, expected: string, got: string): asserts holds {
  if (!holds) throw new Mismatch(expected, got);
}

/** Exactly `arity` operands, each of one of `dtypes`. */
export function operands(inputs: readonly TensorType[], arity: number, dtypes: readonly DType[]): void {
  const count = `${arity} operand${arity === 1 ? '' : 's'}`;
  ensure(
    inputs.length === arity && inputs.every(({ dtype }) => dtypes.includes(dtype)),
    `${count} of ${dtypes.join(' or ')}`,
    formatTypes(inputs),
  );
}

/** The one operand, of one of `dtypes`. */
export function single(inputs: readonly TensorType[], dtypes: readonly DType[]): TensorType {
  operands(inputs, 1, dtypes);
  return inputs[0]!;
}

export function broadcast(inputs: readonly TensorType[]): Shape {
  const shape = broadcastShapes(inputs.map(({ shape }) => shape));
  ensure(shape !== null, 'shapes that broadcast', formatShapes(inputs));
  return shape;
}

/** Operands of one dtype among `dtypes`, broadcast; the result has `result`, or the operands' own dtype. */
export function elementwise(
  arity: number,
  dtypes: readonly DType[],
  result?: DType,
): (inputs: readonly TensorType[]) => TensorType {
  return (inputs) => {
    operands(inputs, arity, dtypes);
    const { dtype } = inputs[0]!;
    ensure(
      inputs.every((input) => input.dtype === dtype),
      'operands of one dtype',
      formatTypes(inputs),
    );
    return { shape: broadcast(inputs), dtype: result ?? dtype };
  };
}
