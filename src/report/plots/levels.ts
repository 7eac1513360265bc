// A row for every group: where it was, where it is, and how sure that is. A hollow circle before, a filled diamond
// after, each on its interval; the labels stand above the marks, so that the picture fits a phone.
import {
  axisX,
  dot,
  gridX,
  link,
  type Markish,
  rect,
  ruleX,
  ruleY,
  type TextOptions,
  text,
} from '@observablehq/plot';
import type { Interval } from '../../fairness/index.ts';
import type { Drawing } from '../document.ts';
import { colours, draw, extent } from './draw.ts';
import { shorten } from './labels.ts';

export interface LevelRow {
  readonly label: string;
  /** To the right of the label: the numbers. */
  readonly figures: string;
  readonly before?: Point;
  readonly after?: Point;
}

export interface Point {
  readonly value: number;
  readonly interval?: Interval;
}

export interface LevelPlot {
  readonly rows: readonly LevelRow[];
  readonly axis: string;
  /** From where to where a group is served well enough. */
  readonly band?: Interval;
  /** The best served before. */
  readonly reference?: number;
  /** What values can be at all. */
  readonly limits?: readonly [number, number];
}

const WIDTH = 420;
const ROW = 46;
const MARGIN = { marginLeft: 10, marginRight: 10, marginTop: 8, marginBottom: 40 } as const;
/** Where the marks of a row stand below its middle, in pixels. */
const BEFORE_AT = 3;
const AFTER_AT = 13;

export function drawLevels({ rows, axis, band, reference, limits }: LevelPlot): Drawing {
  const indexed = rows.map((row, at) => ({ ...row, at }));
  const points = rows.flatMap(({ before, after }) => [before, after]).filter((point) => point !== undefined);
  const values = points.flatMap(({ value, interval = [] }) => [value, ...interval]);
  const domain = extent([...values, ...(band ?? [])], limits);
  const [first, last] = domain;
  const marks: Markish[] = [
    ...(band ? [rect([{ x1: Math.max(band[0], first), x2: Math.min(band[1], last) }], BAND)] : []),
    gridX({ stroke: colours.rule, strokeOpacity: 1, ticks: 5 }),
    axisX({ ticks: 5, tickSize: 0, fontSize: 12, label: null, color: colours.muted }),
    ...(reference === undefined
      ? []
      : [ruleX([reference], { stroke: colours.before, strokeDasharray: '4 3', strokeWidth: 1.5 })]),
    ...movements(indexed),
    ...side(indexed, 'before'),
    ...side(indexed, 'after'),
    ...labels(indexed),
    text([axis], { ...AXIS_TITLE, text: (title: string) => title }),
  ];
  return draw({
    width: WIDTH,
    height: MARGIN.marginTop + MARGIN.marginBottom + ROW * rows.length,
    ...MARGIN,
    x: { domain, label: null },
    y: { type: 'point', domain: indexed.map(({ at }) => at), padding: 0.5, axis: null },
    marks,
  });
}

const BAND = { x1: 'x1', x2: 'x2', fill: colours.band } as const;

const AXIS_TITLE = {
  frameAnchor: 'bottom-right',
  dy: 36,
  fontSize: 12,
  fill: colours.muted,
} as const satisfies TextOptions;

type Indexed = LevelRow & { readonly at: number };

/** From before to after. */
function movements(rows: readonly Indexed[]): Markish[] {
  const moved = rows.filter(({ before, after }) => before && after);
  return [
    link(moved, {
      x1: ({ before }: Indexed) => before!.value,
      x2: ({ after }: Indexed) => after!.value,
      y1: 'at',
      y2: 'at',
      dy: (BEFORE_AT + AFTER_AT) / 2,
      stroke: colours.muted,
      strokeOpacity: 0.55,
      strokeWidth: 1,
    }),
  ];
}

function side(rows: readonly Indexed[], which: 'before' | 'after'): Markish[] {
  const known = rows.filter((row) => row[which]);
  const sure = known.filter((row) => row[which]!.interval);
  const dy = which === 'before' ? BEFORE_AT : AFTER_AT;
  const looks =
    which === 'before'
      ? ({ symbol: 'circle', r: 4.5, fill: colours.paper, stroke: colours.before, strokeWidth: 2 } as const)
      : ({ symbol: 'diamond', r: 5.5, fill: colours.after } as const);
  return [
    ruleY(sure, {
      y: 'at',
      x1: (row: Indexed) => row[which]!.interval![0],
      x2: (row: Indexed) => row[which]!.interval![1],
      dy,
      stroke: colours[which],
      strokeWidth: 2,
      strokeOpacity: 0.75,
      strokeLinecap: 'round',
    }),
    dot(known, { x: (row: Indexed) => row[which]!.value, y: 'at', dy, ...looks }),
  ];
}

function labels(rows: readonly Indexed[]): Markish[] {
  const common = { y: 'at', dy: -11, fontSize: 13, stroke: colours.paper, strokeWidth: 4 } as const;
  return [
    text(rows, {
      ...common,
      text: ({ label, figures }: Indexed) => shorten(label, 46 - figures.length),
      frameAnchor: 'left',
      fontWeight: 600,
      fill: colours.text,
    }),
    text(rows, { ...common, text: 'figures', frameAnchor: 'right', fill: colours.text }),
  ];
}
