// A quantity over the epochs, before (dashed) and after (solid); the epochs that were kept are marked on the lines.
import { axisX, axisY, dot, gridY, line, type Markish, rect, ruleY } from '@observablehq/plot';
import type { Drawing } from '../document.ts';
import { colours, draw, extent } from './draw.ts';

export type LineStyle = 'before' | 'after' | 'signal';

export interface Curve {
  readonly style: LineStyle;
  /** A value an epoch, from 1 on; `undefined` where there is none. */
  readonly values: readonly (number | undefined)[];
  /** The epoch that was kept. */
  readonly kept?: number;
}

export interface CurvePlot {
  readonly curves: readonly Curve[];
  readonly warmupEpochs: number;
  /** What the axis must hold, beside the values. */
  readonly include?: readonly number[];
  /** A line at zero, where it means something. */
  readonly zero?: boolean;
}

const LOOKS = {
  before: { stroke: colours.before, strokeWidth: 2, strokeDasharray: '6 3' },
  after: { stroke: colours.after, strokeWidth: 2 },
  signal: { stroke: colours.after, strokeWidth: 1.25, strokeDasharray: '1.5 2.5' },
} as const satisfies Record<LineStyle, object>;

interface EpochValue {
  readonly epoch: number;
  readonly value: number;
}

export function drawCurves({ curves, warmupEpochs, include = [], zero = false }: CurvePlot): Drawing {
  const lines = curves.map(({ style, values, kept }) => ({ style, kept, points: pointsOf(values) }));
  const points = lines.flatMap((one) => one.points);
  const epochs = Math.max(2, ...points.map(({ epoch }) => epoch));
  const domain = extent([...points.map(({ value }) => value), ...include, ...(zero ? [0] : [])]);
  const marks: Markish[] = [
    ...(warmupEpochs > 0
      ? [
          rect([{ from: 1, to: Math.min(warmupEpochs, epochs) }], {
            x1: 'from',
            x2: 'to',
            fill: colours.warmup,
          }),
        ]
      : []),
    gridY({ ticks: 4, stroke: colours.rule, strokeOpacity: 1 }),
    axisX({ ticks: 4, tickSize: 0, fontSize: 12, label: 'epoch →', color: colours.muted }),
    axisY({ ticks: 4, tickSize: 0, fontSize: 12, label: null, color: colours.muted }),
    ...(zero ? [ruleY([0], { stroke: colours.muted })] : []),
    ...lines.map(({ style, points: of }) => line(of, { x: 'epoch', y: 'value', ...LOOKS[style] })),
    ...lines.flatMap(({ style, points: of, kept }) =>
      dot(
        of.filter(({ epoch }) => epoch === kept),
        { x: 'epoch', y: 'value', ...keptMark(style) },
      ),
    ),
  ];
  return draw({
    width: 252,
    height: 176,
    marginLeft: 44,
    marginRight: 12,
    marginTop: 10,
    marginBottom: 34,
    x: { domain: [1, epochs] },
    y: { domain },
    marks,
  });
}

function keptMark(style: LineStyle) {
  return style === 'before'
    ? ({ symbol: 'circle', r: 4.5, fill: colours.paper, stroke: colours.before, strokeWidth: 2 } as const)
    : ({ symbol: 'diamond', r: 5.5, fill: colours.after } as const);
}

function pointsOf(values: readonly (number | undefined)[]): EpochValue[] {
  return values.flatMap((value, at) =>
    value !== undefined && Number.isFinite(value) ? [{ epoch: at + 1, value }] : [],
  );
}
