// The inputs of a model and its trunk: numbers, categories, bags of words and pictures, joined and passed through an
// MLP to the shared representation `[n, d]`.
import type { Graph } from '../graph/graph.ts';
import type { Value } from '../graph/value.ts';
import {
  type Activation,
  embedding,
  embeddingBag,
  type Generator,
  type Module,
  mlp,
  type Parameters,
} from '../nn/index.ts';

/** How many of each kind a model takes in. */
export interface FeatureShape {
  /** Columns of numbers: standardised values, indicators, pixels. */
  readonly numeric: number;
  /** Categories of each categorical column. */
  readonly categories: readonly number[];
  readonly texts: readonly { readonly buckets: number; readonly maxTokens: number }[];
}

/** Features of a batch, or of all rows. What the shape lacks is left out. */
export interface Features {
  /** f32 `[n, numeric]`. */
  readonly numeric?: Value;
  /** u32 `[n, columns]`, each column's indices shifted past those of the columns before it. */
  readonly categorical?: Value;
  /** u32 `[n, maxTokens]` and u32 `[n]` for each text. */
  readonly texts: readonly { readonly indices: Value; readonly counts: Value }[];
}

export interface TrunkOptions {
  /** Widths of the MLP; the last is `d`. */
  readonly widths: readonly number[];
  readonly activation?: Activation;
  readonly dropout?: number;
  readonly layerNorm?: boolean;
  /** Width of each category's embedding. */
  readonly embeddingWidth?: number;
  /** Width of each text's embedding. */
  readonly textWidth?: number;
}

/** Any function from features to the shared representation. */
export interface Trunk extends Module {
  /** `d`. */
  readonly width: number;
  /** Whether it draws random numbers while training. */
  readonly random: boolean;
  /** → `[n, d]`. `generator` is given while training. */
  apply(parameters: Parameters, features: Features, generator?: Generator): Value;
}

export function featureTrunk(shape: FeatureShape, options: TrunkOptions): Trunk {
  const {
    widths,
    activation = 'relu',
    dropout = 0,
    layerNorm = false,
    embeddingWidth = 8,
    textWidth = 64,
  } = options;
  const { numeric, categories, texts } = shape;
  const total = categories.reduce((sum, count) => sum + count, 0);
  const table = total > 0 ? embedding('trunk/categories', { rows: total, width: embeddingWidth }) : undefined;
  const bags = texts.map(({ buckets }, at) =>
    embeddingBag(`trunk/text${at}`, { rows: buckets, width: textWidth }),
  );
  const inputs = numeric + categories.length * embeddingWidth + texts.length * textWidth;
  const body = mlp('trunk', { inputs, widths, activation, dropout, layerNorm });
  return {
    width: widths[widths.length - 1]!,
    random: dropout > 0,
    parameters: [...(table?.parameters ?? []), ...bags.flatMap((bag) => bag.parameters), ...body.parameters],
    apply(parameters, features, generator) {
      const parts: Value[] = features.numeric ? [features.numeric] : [];
      if (table && features.categorical) {
        parts.push(
          table.apply(parameters, features.categorical).reshape([features.categorical.shape[0]!, -1]),
        );
      }
      bags.forEach((bag, at) => {
        const { indices, counts } = features.texts[at]!;
        parts.push(bag.apply(parameters, indices, counts));
      });
      const [first, ...rest] = parts;
      return body.apply(parameters, first!.concat(rest, 1), generator);
    },
  };
}

/** Inputs that hold `rows` rows, to be written by the host: `features/numeric`, `features/categorical` … */
export function featureInputs(graph: Graph, shape: FeatureShape, rows: number): Features {
  return graph.scope('features', () => ({
    ...(shape.numeric > 0 && { numeric: graph.input('numeric', [rows, shape.numeric]) }),
    ...(shape.categories.length > 0 && {
      categorical: graph.input('categorical', [rows, shape.categories.length], 'u32'),
    }),
    texts: shape.texts.map(({ maxTokens }, at) => ({
      indices: graph.input(`text${at}`, [rows, maxTokens], 'u32'),
      counts: graph.input(`text${at}/counts`, [rows], 'u32'),
    })),
  }));
}

/** The features of some rows, by u32 indices `[n]`. */
export function gatherFeatures({ numeric, categorical, texts }: Features, rows: Value): Features {
  return {
    ...(numeric && { numeric: numeric.gather(rows) }),
    ...(categorical && { categorical: categorical.gather(rows) }),
    texts: texts.map(({ indices, counts }) => ({
      indices: indices.gather(rows),
      counts: counts.gather(rows),
    })),
  };
}
