// A row for every group: where it was, where it is, and how sure that is. A hollow circle before, a filled diamond
// after, each on its interval; the labels stand above the marks, so that the picture fits a phone.
import { axisX, dot, gridX, link, type Markish, rect, ruleX, ruleY, text } from '@observablehq/plot';
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
const MARGIN = { left: 10, right: 10, top: 4, bottom: 42 } as const;
/** Heights within a row, in pixels from its top. */
const ROW = { label: 12, stripe: 20, before: 27, after: 37, all: 48 } as const;
/** Letters that a row has room for. */
const LETTERS = 46;

/** A row with the heights of its marks. */
type Placed = LevelRow &
  Readonly<Record<'top' | 'label_y' | 'label_bottom' | 'before_y' | 'after_y', number>>;

export function drawLevels({ rows, axis, band, reference, limits }: LevelPlot): Drawing {
  const placed = rows.map((row, at): Placed => {
    const top = MARGIN.top + ROW.all * at;
    const heights = { label_y: top + ROW.label, label_bottom: top + ROW.stripe };
    return { ...row, top, ...heights, before_y: top + ROW.before, after_y: top + ROW.after };
  });
  const points = rows.flatMap(({ before, after }) => [before, after]).filter((point) => point !== undefined);
  const values = points.flatMap(({ value, interval = [] }) => [value, ...interval]);
  const domain = extent([...values, ...(band ?? [])], limits);
  const height = MARGIN.top + ROW.all * rows.length + MARGIN.bottom;
  return draw({
    width: WIDTH,
    height,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    x: { domain, label: null },
    y: { type: 'identity', axis: null },
    marks: [
      ...ground(domain, band, reference),
      rect(placed, { y1: 'top', y2: 'label_bottom', fill: colours.paper }),
      link(
        placed.filter(({ before, after }) => before && after),
        {
          x1: ({ before }: Placed) => before!.value,
          x2: ({ after }: Placed) => after!.value,
          y1: 'before_y',
          y2: 'after_y',
          stroke: colours.muted,
          strokeWidth: 1,
        },
      ),
      ...side(placed, 'before'),
      ...side(placed, 'after'),
      ...labels(placed),
      text([axis], {
        text: (title: string) => title,
        frameAnchor: 'bottom-right',
        dy: 38,
        fontSize: 12,
        fill: colours.muted,
      }),
    ],
  });
}

/** Band, grid, axis and reference line. */
function ground(domain: readonly [number, number], band?: Interval, reference?: number): Markish[] {
  const [first, last] = domain;
  const shaded = band ? [{ from: Math.max(band[0], first), to: Math.min(band[1], last) }] : [];
  return [
    rect(shaded, { x1: 'from', x2: 'to', fill: colours.band }),
    gridX({ stroke: colours.rule, strokeOpacity: 1, ticks: 5 }),
    axisX({ ticks: 5, tickSize: 0, fontSize: 12, label: null, color: colours.muted }),
    ruleX(reference === undefined ? [] : [reference], {
      stroke: colours.before,
      strokeDasharray: '4 3',
      strokeWidth: 1.5,
    }),
  ];
}

const LOOKS = {
  before: { symbol: 'circle', r: 4.5, fill: colours.paper, stroke: colours.before, strokeWidth: 2 },
  after: { symbol: 'diamond', r: 5.5, fill: colours.after },
} as const;

function side(rows: readonly Placed[], which: 'before' | 'after'): Markish[] {
  const known = rows.filter((row) => row[which]);
  const y = `${which}_y`;
  return [
    ruleY(
      known.filter((row) => row[which]!.interval),
      {
        y,
        x1: (row: Placed) => row[which]!.interval![0],
        x2: (row: Placed) => row[which]!.interval![1],
        stroke: colours[which],
        strokeWidth: 2,
        strokeOpacity: 0.75,
        strokeLinecap: 'round',
      },
    ),
    dot(known, { x: (row: Placed) => row[which]!.value, y, ...LOOKS[which] }),
  ];
}

function labels(rows: readonly Placed[]): Markish[] {
  const common = { y: 'label_y', fontSize: 13, fill: colours.text };
  return [
    text(rows, {
      ...common,
      text: ({ label, figures }: Placed) => shorten(label, LETTERS - figures.length),
      frameAnchor: 'left',
      fontWeight: 600,
    }),
    text(rows, { ...common, text: 'figures', frameAnchor: 'right' }),
  ];
}
