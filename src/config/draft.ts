// A first config for a table, from what was guessed of it, with the reasons as comments.
import { stringify } from 'yaml';
import type { TableGuess } from '../data/index.ts';
import { defaultNotion, defaultTolerance, taskConfigOf } from './tasks.ts';

const notionNotes = {
  detection: 'also equalized-odds, demographic-parity, accuracy-parity, loss-parity',
  classification: 'also equal-opportunity, demographic-parity, loss-parity',
  regression: 'also ccc-parity, loss-parity',
} as const;

/** @param rows that were looked at */
export function draftConfig(
  data: { readonly path: string; readonly delimiter?: string },
  guess: TableGuess,
  rows: number,
): string {
  const { missing, derived, split, tasks, groups, inputs, leftOut } = guess;
  const lines = [
    '# Written by fairmt init: guesses, each with its reason. Correct what is wrong.',
    `# ${rows} rows were looked at.`,
    'data:',
    `  path: ${flow(data.path)}`,
    ...(data.delimiter === undefined ? [] : [`  delimiter: ${flow(data.delimiter)}`]),
    ...(missing.length === 0 ? [] : [`  missing: ${flow(missing)} # cells that seem to mean "missing"`]),
    ...(derived.length === 0 ? [] : ['  derived:', ...derived.map((one) => `    - ${flow(one)}`)]),
    `  split: ${flow(split.spec)} # ${comment(split.reason)}`,
    '',
    '# What the model predicts. Check which value means yes.',
    tasks.length === 0 ? 'tasks: [] # no column looks like a label: name one' : 'tasks:',
    ...tasks.flatMap(({ spec, reason }) => {
      const { type } = spec;
      const written = { ...taskConfigOf(spec), notion: defaultNotion[type], tolerance: defaultTolerance };
      return [`  # ${comment(reason)}; notion: ${notionNotes[type]}`, `  - ${flow(written)}`];
    }),
    '',
    '# Who is to be served alike.',
    groups.length === 0 ? 'groups: [] # no column looks like a sensitive attribute: name some' : 'groups:',
    ...groups.map(({ spec, reason }) => `  - ${flow(spec)} # ${comment(reason)}`),
    '',
    '# What the model sees. Take out what is not known at the time of prediction, and what gives a label away.',
    'inputs:',
    ...inputs.map(({ spec, reason }) => `  - ${flow(spec)} # ${comment(reason)}`),
    ...leftOut.map(({ column, reason }) => `  # ${comment(column)}: left out, ${comment(reason)}`),
    '',
    'method: fairmt # set against erm, the same without fairness',
    'seed: 1',
    '',
  ];
  return lines.join('\n');
}

/** On one line: as JSON, which is YAML too, where a name holds a line end. */
function flow(value: unknown): string {
  const text = stringify(value, {
    collectionStyle: 'flow',
    lineWidth: 0,
    flowCollectionPadding: true,
  }).trim();
  return text.includes('\n') ? JSON.stringify(value) : text;
}

/** One line, whatever the columns are called. */
function comment(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}
