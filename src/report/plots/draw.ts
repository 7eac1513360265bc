// Drawings by Observable Plot in a document of linkedom's: SVG without a browser. Colours are variables of the page's
// style sheet, so that one drawing serves light, dark and print.
import { type PlotOptions, plot } from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { Drawing } from '../document.ts';

export const colours = {
  before: 'var(--before)',
  after: 'var(--after)',
  band: 'var(--band)',
  warmup: 'var(--warmup)',
  rule: 'var(--rule)',
  text: 'var(--text)',
  muted: 'var(--muted)',
  paper: 'var(--paper)',
} as const;

export function draw(options: PlotOptions): Drawing {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const svg = plot({ ...options, className: 'plot', document }) as unknown as SVGElement;
  // Its style sheet is the page's, and names of kinds of marks tell a listener nothing.
  svg.querySelector('style')?.remove();
  for (const labelled of svg.querySelectorAll('[aria-label]')) labelled.removeAttribute('aria-label');
  return { svg };
}

/** An axis cannot be read where it shows nothing but rounding. */
const LEAST_SPAN = 0.05;

/** The least and the greatest of the numbers, with some room on both sides, kept within `limits`. */
export function extent(
  values: readonly number[],
  [least, most]: readonly [number, number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
): [number, number] {
  const known = values.filter(Number.isFinite);
  if (known.length === 0) return [0, 1];
  const low = Math.min(...known);
  const high = Math.max(...known);
  const room = Math.max((high - low) * 0.06, (LEAST_SPAN - (high - low)) / 2);
  return [Math.max(least, low - room), Math.min(most, high + room)];
}
