// Small drawings for legends and tables: the same shapes as in the pictures.
import type { Mark, Standing } from '../document.ts';
import { html, type Markup } from './markup.ts';

export function markDrawing(mark: Mark): Markup {
  const inside = MARKS[mark];
  return html`<svg width="26" height="14" viewBox="0 0 26 14" aria-hidden="true">${inside}</svg>`;
}

const MARKS: Readonly<Record<Mark, Markup>> = {
  before: html`<path d="M1 7H25" stroke="var(--before)" stroke-width="2" /><circle cx="13" cy="7" r="4.5" fill="var(--paper)" stroke="var(--before)" stroke-width="2" />`,
  after: html`<path d="M1 7H25" stroke="var(--after)" stroke-width="2" /><path d="M13 1L17 7L13 13L9 7Z" fill="var(--after)" />`,
  'before-line': html`<path d="M1 7H25" stroke="var(--before)" stroke-width="2" stroke-dasharray="6 3" />`,
  'after-line': html`<path d="M1 7H25" stroke="var(--after)" stroke-width="2" />`,
  'signal-line': html`<path d="M1 7H25" stroke="var(--after)" stroke-width="1.25" stroke-dasharray="1.5 2.5" />`,
  band: html`<rect width="26" height="14" rx="2" fill="var(--band)" />`,
  reference: html`<path d="M13 0V14" stroke="var(--before)" stroke-width="1.5" stroke-dasharray="3 2" />`,
  warmup: html`<rect width="26" height="14" rx="2" fill="var(--warmup)" />`,
};

export const standingGlyphs: Readonly<Record<Standing, string>> = {
  best: '★',
  alike: '=',
  within: '✓',
  unsure: '≈',
  behind: '▼',
  few: '?',
  alone: '–',
};
