// How training went: validation, losses, shortfalls and multipliers over the epochs.
import type { Digest } from '../digest.ts';
import { type Figure, name, paragraph, plain, type Section, section, type Text } from '../document.ts';
import { decimal } from '../numbers.ts';
import { type Curve, drawCurves, type LineStyle } from '../plots/curves.ts';
import type { ByTask, EpochMetrics, ModelSummary } from '../summary.ts';
import { curveLegend } from './legend.ts';

type Pick = (epoch: EpochMetrics) => number | undefined;

export function trainingCurves(digest: Digest): Section {
  const { summary, after } = digest;
  const constrained = after.curves.some(({ multipliers }) => multipliers !== undefined);
  return section('How training went', [
    paragraph(
      'The epoch that is kept is chosen on the validation rows: without a constraint the one of the best mean utility; ',
      'with one, the one of the smallest mean gap among those whose utility is within the budget of the best. ',
      'Both are taken decayed with a half-life of one epoch, so that no epoch is kept for its luck.',
    ),
    curveLegend(digest),
    { kind: 'figures', figures: validationFigures(digest) },
    ...(constrained
      ? [
          paragraph(
            'For every task: its loss; the shortfall A, which is what groups lack beyond the tolerance, put together, and 0 when all have enough; ',
            'the multiplier λ, which says how strongly the constraint presses; and the weight α of the task’s own loss in the step. ',
            'The dotted line beside A is the signed signal that moves λ: above 0 it rises, below 0 it falls.',
          ),
        ]
      : []),
    ...summary.tasks.map((task) =>
      section(name(task.name), [{ kind: 'figures', figures: taskFigures(digest, task.name) }]),
    ),
  ]);
}

function validationFigures(digest: Digest): Figure[] {
  const utility = both(digest, ({ validation }) => validation?.meanUtility);
  const gap = both(digest, ({ validation }) => validation?.meanGap);
  return [
    ...figureOf('Validation: mean utility', digest, utility),
    ...figureOf('Validation: mean gap', digest, gap, { include: [0] }),
  ];
}

function taskFigures(digest: Digest, task: string): Figure[] {
  const of =
    (values: (epoch: EpochMetrics) => ByTask | undefined): Pick =>
    (epoch) =>
      values(epoch)?.[task];
  const only = (pick: Pick): Curve[] => curvesOf(digest.after, 'after', pick);
  const violation = only(of((epoch) => epoch.violation));
  const signal = curvesOf(
    digest.after,
    'signal',
    of((epoch) => epoch.signal),
  ).map(({ kept: _, ...curve }): Curve => curve);
  const unit = { include: [0, 1] };
  return [
    ...figureOf(
      'Loss in training',
      digest,
      both(
        digest,
        of(({ losses }) => losses),
      ),
    ),
    ...figureOf('Shortfall A, and its signal', digest, [...violation, ...signal], { zero: true }),
    ...figureOf('Multiplier λ', digest, only(of((epoch) => epoch.multipliers)), { include: [0] }),
    ...figureOf('Weight α', digest, only(of(({ alpha }) => alpha)), unit),
  ];
}

function both({ before, after }: Digest, pick: Pick): Curve[] {
  return [...(before ? curvesOf(before, 'before', pick) : []), ...curvesOf(after, 'after', pick)];
}

/** No curve where there is no value at all. */
function curvesOf({ curves, epoch: kept }: ModelSummary, style: LineStyle, pick: Pick): Curve[] {
  const values = curves.map(pick);
  return values.some((value) => value !== undefined) ? [{ style, values, kept }] : [];
}

function figureOf(
  title: string,
  { summary }: Digest,
  curves: readonly Curve[],
  axis: { readonly include?: readonly number[]; readonly zero?: boolean } = {},
): Figure[] {
  if (curves.length === 0) return [];
  return [
    {
      kind: 'figure',
      caption: title,
      description: curves.map((curve) => describe(curve)).join(' '),
      drawing: drawCurves({ curves, warmupEpochs: summary.training.warmupEpochs, ...axis }),
    },
  ];
}

const STYLE_NAMES: Readonly<Record<LineStyle, Text>> = {
  before: 'Before',
  after: 'After',
  signal: 'Signal',
};

function describe({ style, values, kept }: Curve): string {
  const known = values.filter((value) => value !== undefined);
  const at = kept === undefined ? undefined : values[kept - 1];
  const chosen = at === undefined ? '' : `, ${decimal(at)} at the epoch that was kept`;
  const span = `between ${decimal(Math.min(...known))} and ${decimal(Math.max(...known))}`;
  return `${plain(STYLE_NAMES[style])}: from ${decimal(known[0])} to ${decimal(known.at(-1))} over ${values.length} epochs, ${span}${chosen}.`;
}
