// The fairness notions in plain words: what is compared, what is asked for, and what is not.
import type { Notion } from '../fairness/index.ts';
import { joined, name, type Text } from './document.ts';
import type { TaskFacts } from './summary.ts';

export interface NotionWords {
  readonly title: string;
  /** What the levels of groups are; higher is better. */
  readonly level: string;
  /** What the notion asks for. */
  readonly asks: Text;
  /** What it does not ask for, and must not be taken for. */
  readonly leavesOpen: Text;
}

export function notionWords(task: TaskFacts): NotionWords {
  const words = task.notion === 'none' ? undefined : NOTIONS[task.notion];
  return words ? words(task) : UNCOMPARED;
}

const UNCOMPARED: NotionWords = {
  title: 'no notion',
  level: '',
  asks: 'No fairness notion was chosen for this task: its groups are listed, but not compared or lifted.',
  leavesOpen: 'Nothing is promised to any group in this task.',
};

const NOTIONS: Readonly<Record<Notion, (task: TaskFacts) => NotionWords>> = {
  'equal-opportunity': (task) =>
    task.type === 'detection'
      ? {
          title: 'equal opportunity',
          level: 'share recognised',
          asks: `Of the people whose label is “${answer(task)}”, the same share should be recognised in every group.`,
          leavesOpen: `It does not look at people with the other label: one group may be told “${answer(task)}” by mistake more often than another.`,
        }
      : {
          title: 'equal opportunity',
          level: 'share recognised',
          asks: 'Of the people of a class, the same share should be recognised in every group, class by class.',
          leavesOpen:
            'It does not ask which class people are taken for when they are not recognised, nor that all classes are recognised equally well.',
        },
  'equalized-odds': () => ({
    title: 'equalized odds',
    level: 'share of right answers',
    asks: 'Of the people labelled “yes”, and of those labelled “no”, the same share should be judged rightly in every group.',
    leavesOpen:
      'The same score may still stand for a different chance in different groups, and groups may be told “yes” at different rates.',
  }),
  'demographic-parity': (task) =>
    task.type === 'detection'
      ? {
          title: 'demographic parity',
          level: `share told ${answer(task)}`,
          asks: `The same share of every group should be told “${answer(task)}”, whatever their labels.`,
          leavesOpen: 'It does not ask whether the answers are right: the wrong people may be chosen.',
        }
      : {
          title: 'demographic parity',
          level: 'share given the class',
          asks: [
            'The same share of every group should be given ',
            favourable(task),
            ', whatever their labels.',
          ],
          leavesOpen: 'It does not ask whether the answers are right: the wrong people may be chosen.',
        },
  'accuracy-parity': () => ({
    title: 'accuracy parity',
    level: 'share of right answers',
    asks: 'The same share of answers should be right in every group.',
    leavesOpen:
      'Mistakes may still differ in kind: one group may be refused wrongly where another is granted wrongly. And a group whose labels nearly all agree scores well by one answer for all.',
  }),
  'error-parity': () => ({
    title: 'error parity',
    level: 'closeness: 1 − mean error / deviation',
    asks: 'Estimates should be equally close to the truth in every group: one minus the mean absolute error, counted in standard deviations of the label.',
    leavesOpen:
      'Errors may still lean: one group may be estimated too high and another too low by the same amount.',
  }),
  'ccc-parity': () => ({
    title: 'concordance parity',
    level: 'concordance (CCC)',
    asks: 'Estimates should agree with the truth equally well in every group, by the concordance correlation coefficient.',
    leavesOpen:
      'Concordance depends on how much a group’s members differ: a group of people who are alike scores lower for the same errors.',
  }),
  'loss-parity': () => ({
    title: 'loss parity',
    level: '− loss / loss without inputs',
    asks: 'The loss should be equally low in every group, counted in losses of a model that knows no inputs: −1 is no better than that model, 0 is perfect.',
    leavesOpen: 'It speaks of the model’s confidence, not of its decisions: these may still differ.',
  }),
};

function answer({ favourable: side }: TaskFacts): 'yes' | 'no' {
  return side === 'negative' ? 'no' : 'yes';
}

function favourable(task: TaskFacts): Text {
  return task.favourable === undefined ? 'a favourable class' : name(task.favourable);
}

/** Whom a condition of the notion speaks of: `y=1`, `favourable=2`, `all`. */
export function conditionText({ type, outputs }: TaskFacts, condition: string): Text {
  const [kind, index] = condition.split('=');
  if (index === undefined) return 'everyone';
  if (kind === 'favourable') return ['class ', name(outputs[Number(index)] ?? index)];
  if (type === 'detection') return `labelled ${index === '1' ? 'yes' : 'no'}`;
  return ['labelled ', name(outputs[Number(index)] ?? index)];
}

/** The names of several outputs, the first few. */
export function outputNames({ outputs }: TaskFacts, most = 12): Text {
  const rest = outputs.length - most;
  return [joined(outputs.slice(0, most).map(name)), rest > 0 ? ` and ${rest} more` : ''];
}
