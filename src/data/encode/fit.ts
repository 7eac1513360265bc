// What is learnt of the columns from the training rows.
import type { RawTable } from '../collect/collect.ts';
import type { NoticeBoard } from '../dataset.ts';
import { DataError } from '../errors.ts';
import type { CategoricalInput, NumericInput, OrdinalInput, Schema } from '../spec.ts';
import { type CategoryEncoding, type Encoding, type InputEncoding, isCategory, isText } from './encoding.ts';
import { fitGroup } from './groups.ts';
import type { Images } from './images.ts';
import { fitTask } from './labels.ts';
import { byFrequency, columnStatistics } from './statistics.ts';

/**
 * @param training [rows], 1 for the rows to learn from
 * @throws DataError where a column or a task cannot be learnt from them
 */
export function fitEncoding(
  schema: Schema,
  raw: RawTable,
  training: Uint8Array,
  images: Images | undefined,
  board: NoticeBoard,
): Encoding {
  const rows = training.reduce((sum, flag) => sum + flag, 0);
  if (rows === 0) {
    throw new DataError({ expected: 'training rows', got: 'none', remedy: 'Change the split.' });
  }
  const statistics = columnStatistics(raw.numeric, training);
  const counts = categoryCounts(raw, training);
  let number = 0;
  let category = 0;
  const fitNumber = (input: NumericInput | OrdinalInput): InputEncoding => {
    const { count, mean, deviation } = statistics[number++]!;
    if (deviation === 0) board.add('constant', input.column, count === 0 ? '' : String(mean), rows);
    return { ...input, mean, deviation: deviation || 1, indicator: count > 0 && count < rows };
  };
  const fitCategory = (input: CategoricalInput): InputEncoding => {
    const slot = category++;
    return vocabularyOf(input, counts[slot]!, raw.categories[slot]!);
  };
  return {
    version: 1,
    derived: schema.derived,
    inputs: schema.inputs.map((input) =>
      isText(input) ? input : isCategory(input) ? fitCategory(input) : fitNumber(input),
    ),
    ...(schema.image && images && { image: { ...schema.image, height: images.height, width: images.width } }),
    tasks: schema.tasks.map((task, t) => fitTask(task, raw.labels[t]!, training)),
    groups: schema.groups.map((group, g) => fitGroup(group, raw.groups[g]!, schema.derived)),
  };
}

/** Per categorical column, the training rows of each code. */
function categoryCounts({ categorical, categories }: RawTable, training: Uint8Array): Float64Array[] {
  const { width } = categorical;
  const counts = categories.map((texts) => new Float64Array(texts.length));
  for (const { first, rows, data } of categorical.blocks()) {
    for (let i = 0; i < rows; i++) {
      if (training[first + i] !== 1) continue;
      for (let c = 0; c < width; c++) counts[c]![data[i * width + c]!]!++;
    }
  }
  return counts;
}

function vocabularyOf(
  input: CategoricalInput,
  counts: Float64Array,
  texts: readonly string[],
): CategoryEncoding {
  const frequent = new Map<string, number>();
  let folded = 0;
  for (let code = 1; code < texts.length; code++) {
    const count = counts[code]!;
    if (count > 0 && count >= input.minCount) frequent.set(texts[code]!, count);
    else folded += count;
  }
  return { ...input, vocabulary: byFrequency(frequent), folded };
}
