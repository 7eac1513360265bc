// What a column's name tells: lists of words, in the forms that common data sets use.

const SENSITIVE = new Set(
  `sex gender male female race rac1p ethnic ethnicity hisp hispanic latino age agep young religion relig faith dis disab disabled
   disability nationality nation citizenship foreign immigrant native caste orientation pregnant pregnancy veteran
   tribe skin minority`.split(/\s+/),
);
const LABEL = new Set(
  `label labels target y class outcome response income wage salary default approved churn hired recid score grade
   rating risk price pass passed result diagnosis readmitted emotion emot majority gold decision admitted toxic toxicity union occupation`.split(
    /\s+/,
  ),
);
const SUBJECT = new Set(
  `subject person patient participant respondent user actor speaker student pupil customer client household rater
   listener worker`.split(/\s+/),
);
/** Words of quantities: a share of foreigners is no attribute of a person. */
const QUANTITY = /^(pct|percent|per|num|share|rate|mean|pop)\d*/;
const SPLIT = new Set(['split', 'set', 'partition', 'subset', 'fold']);
const ID = new Set(['id', 'idx', 'index', 'key', 'uuid', 'guid', 'rowid', 'caseid']);

export interface NameHints {
  readonly sensitive: boolean;
  readonly age: boolean;
  readonly label: boolean;
  readonly subject: boolean;
  readonly split: boolean;
  readonly id: boolean;
}

/** By whole words: `hours-per-week`, `hours_per_week` and `hoursPerWeek` are three words each. */
export function nameHints(column: string): NameHints {
  const words = column
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u);
  const has = (list: ReadonlySet<string>): boolean =>
    words.some((word) => list.has(word) || list.has(word.replace(/s$/, '')));
  const quantity = words.some((word) => QUANTITY.test(word));
  return {
    sensitive: has(SENSITIVE) && !quantity,
    age: words.some((word) => /^agep?$/.test(word)) && !quantity,
    label: has(LABEL),
    subject: has(SUBJECT),
    split: has(SPLIT),
    id: has(ID),
  };
}
