// The config file as a schema: what validates it, and what gives editors completion (schema/config.schema.json).
import { z } from 'zod';
import { notionsOf } from '../fairness/index.ts';
import { activations } from '../nn/index.ts';
import { defaultThreshold } from '../train/audit.ts';
import { type MethodName, methods } from '../train/method.ts';
import { defaultSettings, type SettingName } from '../train/settings.ts';
import { deviceKinds, regressionLosses, settingNames } from './names.ts';

const text = z.string().min(1);
const column = text.describe('The name of a column.');
const condition = text.describe("A condition on columns, such as AGEP > 16 and RACE in ['Black', 'White'].");
/** A cell as text; in the file it may stand without quotes. */
const cell = z.union([z.string(), z.number(), z.boolean()]);
const cells = z.union([cell, z.array(cell).min(1)]);
/** Of a side that has no rows: an empty list. */
const sideCells = z.union([cell, z.array(cell)]);
const share = z.number().min(0).lt(1);
const whole = z.int().min(1);
const width = z.int().min(1).max(65_536);

const derived = z.strictObject({
  name: text.describe('The name of the new column.'),
  column: column.exactOptional(),
  bins: z
    .array(z.number())
    .min(1)
    .exactOptional()
    .describe('Edges in rising order: [30, 50] makes <30, 30 to <50, >=50.'),
  names: z.array(text).exactOptional().describe('Names of the intervals, from the lowest.'),
  when: condition.exactOptional().describe('Makes a column of yes and no instead.'),
});

const split = z.strictObject({
  by: z.enum(['ratio', 'column']).exactOptional(),
  column: column.exactOptional().describe('The column that says of each row what it is for.'),
  values: z
    .strictObject({ train: sideCells, validation: sideCells, test: sideCells })
    .partial()
    .exactOptional()
    .describe("That column's values; train, validation (or val, dev) and test, where left out."),
  test: share.exactOptional().describe('The share of the rows for the test. Default 0.2.'),
  validation: share.exactOptional().describe('The share for validation. Default 0.15.'),
  subject: column.exactOptional().describe('A column that names a person: all rows of one stay on one side.'),
  stratify: z.boolean().exactOptional().describe('Even shares of every group and label. Default true.'),
});

const data = z.strictObject({
  path: text.describe('A .csv, .tsv, .jsonl (each also .gz) or .parquet file, relative to the config.'),
  delimiter: z
    .string()
    .length(1)
    .exactOptional()
    .describe('What parts the cells of a CSV file. Default a comma.'),
  missing: z.array(cell).exactOptional().describe('Cells that mean "missing", besides the empty one.'),
  rows: condition.exactOptional().describe('Only the rows for which this condition holds.'),
  images: text.exactOptional().describe('An IDX file of grey pictures, one a row.'),
  derived: z
    .array(derived)
    .exactOptional()
    .describe('Columns made of others: bins of a number, or a condition.'),
  split: split.exactOptional(),
});

const input = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('numeric'), column }),
  z.strictObject({ role: z.literal('ordinal'), column, order: z.array(cell).min(2) }),
  z.strictObject({
    role: z.literal('categorical'),
    column,
    minCount: whole
      .exactOptional()
      .describe('Values in fewer training rows are folded into "other". Default 5.'),
  }),
  z.strictObject({
    role: z.literal('text'),
    column,
    buckets: z
      .int()
      .min(16)
      .max(1 << 22)
      .exactOptional()
      .describe('Rows of the embedding table. Default 16384.'),
    maxTokens: z
      .int()
      .min(1)
      .max(4096)
      .exactOptional()
      .describe('N-grams of a cell that are kept. Default 64.'),
    ngrams: z
      .int()
      .min(1)
      .max(5)
      .exactOptional()
      .describe('1: words; 2: also pairs of neighbours. Default 2.'),
  }),
]);

const inputs = z.union([
  z.array(z.union([column, input])),
  z.strictObject({ except: z.array(column) }).describe('All columns that can be inputs, but not these.'),
]);

const task = {
  name: text,
  where: condition.exactOptional().describe('The label exists only where this holds.'),
  tolerance: z
    .number()
    .min(0)
    .exactOptional()
    .describe('How far a group may stay behind the best served. Default 0.02.'),
};

const attribute = z.strictObject({
  name: text,
  column: column.exactOptional(),
  positive: cells.exactOptional(),
  when: condition.exactOptional(),
});

const detection = z.strictObject({
  type: z.literal('detection'),
  ...task,
  column: column.exactOptional().describe("The label's column. Default: the task's name."),
  positive: cells.exactOptional().describe('The value, or values, that mean yes.'),
  when: condition.exactOptional().describe('Yes where this condition holds, instead of column and positive.'),
  attributes: z.array(attribute).min(1).exactOptional().describe('Several questions at once.'),
  list: z
    .strictObject({ column, separator: text, names: z.array(cell).min(1).exactOptional() })
    .exactOptional()
    .describe('A column of lists such as joy|pride: yes for each that it names.'),
  positiveWeight: z
    .number()
    .positive()
    .exactOptional()
    .describe('Weight of yes in the loss, to offset rarity.'),
  notion: z
    .enum([...notionsOf.detection, 'none'])
    .exactOptional()
    .describe('Default equal-opportunity.'),
  favourable: z
    .enum(['positive', 'negative'])
    .exactOptional()
    .describe('Which answer is the good one. Default positive.'),
});

const classification = z.strictObject({
  type: z.literal('classification'),
  ...task,
  column: column.exactOptional().describe("The label's column. Default: the task's name."),
  classes: z.array(cell).min(2).exactOptional().describe('Default: all of the training rows, by frequency.'),
  classWeights: z
    .array(z.number().positive())
    .exactOptional()
    .describe('Of the loss, in the order of classes.'),
  labelSmoothing: share.exactOptional(),
  notion: z
    .enum([...notionsOf.classification, 'none'])
    .exactOptional()
    .describe('Default accuracy-parity.'),
  favourable: z.array(cell).min(1).exactOptional().describe('The good classes, for demographic-parity.'),
});

const regression = z.strictObject({
  type: z.literal('regression'),
  ...task,
  column: column.exactOptional().describe("The label's column. Default: the task's name."),
  columns: z.array(column).min(1).exactOptional().describe('Several numbers at once.'),
  transform: z
    .enum(['none', 'log10', 'log1p'])
    .exactOptional()
    .describe('What is learnt instead of the value.'),
  loss: z.enum(regressionLosses).exactOptional().describe('Default huber.'),
  notion: z
    .enum([...notionsOf.regression, 'none'])
    .exactOptional()
    .describe('Default error-parity.'),
});

const group = z.strictObject({
  name: text,
  column: column.exactOptional(),
  columns: z
    .array(column)
    .min(1)
    .exactOptional()
    .describe('Several columns: their combinations are the groups.'),
  bins: z.array(z.number()).min(1).exactOptional().describe('Makes bands of a number: [30, 50] makes three.'),
});

const model = z.strictObject({
  widths: z.array(width).min(1).exactOptional().describe('Of the shared layers. Default [64, 64].'),
  activation: z
    .enum(Object.keys(activations) as [keyof typeof activations])
    .exactOptional()
    .describe('Default relu.'),
  dropout: share.exactOptional().describe('Default 0.'),
  layerNorm: z.boolean().exactOptional().describe('Default false.'),
  embeddingWidth: width.exactOptional().describe("Of a category's embedding. Default 8."),
  textWidth: width.exactOptional().describe("Of a text's embedding. Default 64."),
  headWidths: z
    .array(width)
    .exactOptional()
    .describe("Of each head's hidden layers. Default none: linear heads."),
});

const methodNames = Object.keys(methods) as [MethodName];
const compareWith = z
  .enum(['erm', 'none'])
  .exactOptional()
  .describe('What is trained first, to set the method against. Default erm: the same without fairness.');

const method = z.discriminatedUnion('name', [
  z.strictObject({ name: z.enum(methodNames), compareWith }),
  z.strictObject({
    name: z.enum(['symmetric', 'worst-group']),
    weight: z.number().positive().describe('Of the penalty.'),
    compareWith,
  }),
]);

const settings = z
  .partialRecord(z.enum(settingNames as [SettingName]), z.number())
  .describe('Numbers of a training step, in place of what is derived from the data.');

const training = z.strictObject({
  epochs: whole.exactOptional().describe('Default: enough for about 3,000 steps, 20 to 60.'),
  warmupEpochs: z
    .int()
    .min(0)
    .exactOptional()
    .describe('Epochs of utility alone. Default a quarter of them.'),
  batch: whole.exactOptional().describe('Rows of a step. Default 32 to 512, by the number of rows.'),
  learningRate: z
    .number()
    .positive()
    .exactOptional()
    .describe(`Default ${defaultSettings['learning rate']}.`),
  audit: z
    .strictObject({
      every: whole.describe('Audits every so-many-th step.'),
      threshold: z
        .number()
        .min(0)
        .max(1)
        .exactOptional()
        .describe(`Share of audited steps that may raise an objective. Default ${defaultThreshold}.`),
    })
    .exactOptional()
    .describe(
      'Looks whether steps lower every objective; where too many do not, the exact Gram matrix takes over.',
    ),
  patience: whole.exactOptional().describe('Stop when so many epochs brought nothing better.'),
  settings: settings.exactOptional(),
});

export const configSchema = z
  .strictObject({
    $schema: z.string().exactOptional(),
    data: z.union([text, data]).describe('The table to learn from: its path, or more about it.'),
    inputs: inputs.exactOptional().describe('What the model sees. Default: guessed from the table.'),
    tasks: z
      .array(z.discriminatedUnion('type', [detection, classification, regression]))
      .min(1)
      .exactOptional()
      .describe('What it predicts. Default: guessed from the table.'),
    groups: z
      .array(z.union([column, group]))
      .exactOptional()
      .describe('Who is to be treated alike. Default: guessed from the table.'),
    model: model.exactOptional(),
    method: z
      .union([z.enum(methodNames), method])
      .exactOptional()
      .describe('How it is trained. Default fairmt.'),
    training: training.exactOptional(),
    seed: z.int().min(0).max(0xffffffff).exactOptional().describe('Of every random choice. Default 1.'),
    device: z.enum(deviceKinds).exactOptional().describe('Default auto: the fastest there is.'),
  })
  .meta({
    title: 'fairmt config',
    description: 'What fairmt train is to learn, from what, for whom, and how.',
  });

export type Config = z.infer<typeof configSchema>;
export type TaskConfig = NonNullable<Config['tasks']>[number];
export type MethodConfig = z.infer<typeof method>;

/** The JSON Schema for editors: what schema/config.schema.json holds. */
export function schemaText(): string {
  return `${JSON.stringify(z.toJSONSchema(configSchema, { io: 'input' }), undefined, 2)}\n`;
}
