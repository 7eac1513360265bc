// What the numbers do not say, in plain words.
import type { Digest } from '../digest.ts';
import { code, joined, name, paragraph, type Section, section, strong, type Text } from '../document.ts';
import { notionWords } from '../notions.ts';
import { count, percent } from '../numbers.ts';

export function limits(digest: Digest): Section {
  return section('What these numbers do not say', [
    { kind: 'list', items: items(digest) },
    paragraph(
      'FairMT is this project’s own reading of “FairMT: Fairness for Heterogeneous Multi-Task Learning” (arXiv 2512.00469), of which only the abstract was at hand. ',
      'The equations are defined in ',
      code('docs/method.md'),
      '; where they differ from the paper, they are ours.',
    ),
  ]);
}

function items({ summary, tasks }: Digest): Text[] {
  const { data, judging, partitions } = summary;
  const notions = [...new Set(tasks.map(({ facts }) => notionWords(facts).title))];
  const sensitive = data.inputs.filter((input) => input.sensitive).map(({ column }) => name(column));
  return [
    [
      strong('One meaning of fairness. '),
      `Groups are compared by ${notions.join(', ')}. Other notions may be violated at the same time, and in general not all can hold together. Which one fits is a question for people, not for this report.`,
    ],
    [
      strong('Labels. '),
      'The labels are taken for the truth. Where they record past unfairness (who was hired, arrested, diagnosed), a model that is equally right about them repeats it.',
    ],
    judging.resamples > 0
      ? [
          strong('Intervals. '),
          `They hold ${percent(judging.confidence)} of ${count(judging.resamples)} resamples of the rows judged. They speak of chance in these rows, not of another seed, another time or another population. The best of several uncertain levels looks too good, and gaps to it too large: the more so, the smaller the groups.`,
        ]
      : [strong('No intervals. '), 'None were asked for: small differences may be chance.'],
    [
      strong('Small groups. '),
      `Below ${count(judging.minCount)} labelled rows a group is not judged: it is named, and nothing is known of it. That is no sign that it is served well.`,
    ],
    data.evaluatedOn === 'test'
      ? [
          strong('Choices. '),
          'The epoch was chosen on the validation rows. The test rows had no part in it, as long as nobody tries settings until this report looks good.',
        ]
      : [
          strong('Choices. '),
          `There were no test rows: the ${data.evaluatedOn} rows had a part in the choices, so the numbers are too good.`,
        ],
    [
      strong('One run. '),
      'Another seed gives other numbers. ',
      code('fairmt compare'),
      ' repeats methods over seeds.',
    ],
    [
      strong('Groups. '),
      partitions.length === 0
        ? 'No groups were named, so that nothing is known of any.'
        : 'Only the groups named here were looked at. Within each there may be people who are served worse, above all those who belong to several groups at once.',
    ],
    ...(sensitive.length > 0
      ? [
          [
            strong('Sensitive inputs. '),
            'The model is told ',
            joined(sensitive),
            '. In some uses that is forbidden by law, whatever it is used for.',
          ],
        ]
      : []),
  ];
}
