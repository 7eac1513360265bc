// Names in drawings: made harmless, cut to a length, and kept from turning the writing direction of what is beside them.
import { visible } from '../document.ts';

const letters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The first `most` letters as people count them, so that no emoji is cut in half. */
export function shorten(label: string, most: number): string {
  const segments = [...letters.segment(label)];
  if (segments.length <= most) return label;
  const kept = segments.slice(0, Math.max(1, most - 1)).map(({ segment }) => segment);
  return `${kept.join('')}…`;
}

const ISOLATE = '\u2068';
const END = '\u2069';

export function label(name: string): string {
  return `${ISOLATE}${visible(name)}${END}`;
}
