// What a report says, apart from how it looks: sections of paragraphs, tables and pictures. Written once, and rendered
// as HTML (html/) and as Markdown (markdown.ts).

/** A run of text. Names come from the user's data: both renderers make them harmless. */
export type Text = string | Name | Strong | Code | Link | readonly Text[];

export interface Name {
  readonly name: string;
}

export interface Strong {
  readonly strong: Text;
}

/** To a section of the same report. */
export interface Link {
  readonly link: Text;
  /** The section's id. */
  readonly to: string;
}

export interface Code {
  readonly code: string;
}

export type Block =
  | Section
  | Table
  | Figure
  | { readonly kind: 'paragraph'; readonly text: Text }
  | { readonly kind: 'list'; readonly items: readonly Text[] }
  /** Terms with what they are. */
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [term: Text, fact: Text])[] }
  | { readonly kind: 'cards'; readonly cards: readonly Card[] }
  /** What must not be passed over. */
  | { readonly kind: 'notice'; readonly title: string; readonly items: readonly Text[] }
  /** What the marks of the pictures that follow mean. */
  | { readonly kind: 'legend'; readonly entries: readonly LegendEntry[] }
  /** A picture beside the table of its numbers. */
  | { readonly kind: 'pair'; readonly figure: Figure; readonly table: Table }
  /** Small pictures in rows. */
  | { readonly kind: 'figures'; readonly figures: readonly Figure[] };

export interface Section {
  readonly kind: 'section';
  readonly title: Text;
  readonly blocks: readonly Block[];
  /** For links to it; letters, digits and `-`. */
  readonly id?: string;
}

export interface Figure {
  readonly kind: 'figure';
  readonly caption: Text;
  /** What the picture shows, for those who do not see it. */
  readonly description: string;
  readonly drawing: Drawing;
}

/** An SVG element without title or description. */
export interface Drawing {
  readonly svg: SVGElement;
}

export interface Table {
  readonly kind: 'table';
  readonly caption: Text;
  readonly columns: readonly Column[];
  /** The first cell of a row is its header. */
  readonly rows: readonly (readonly Cell[])[];
}

export interface Column {
  readonly title: string;
  readonly align?: 'right';
}

export type Cell = { readonly text: Text; readonly detail?: Text } | { readonly standing: Standing };

/** How a group stands towards the best served. */
export type Standing = 'best' | 'alike' | 'within' | 'unsure' | 'behind' | 'few' | 'alone';

export interface Card {
  readonly title: string;
  /** `0.109 → 0.068`. */
  readonly figures: string;
  readonly verdict: Text;
  readonly tone: 'good' | 'bad' | 'even';
  readonly note: Text;
}

export interface LegendEntry {
  readonly mark: Mark;
  readonly text: string;
}

/** Shapes as well as colours tell the marks apart. */
export type Mark =
  | 'before'
  | 'after'
  | 'before-line'
  | 'after-line'
  | 'signal-line'
  | 'band'
  | 'reference'
  | 'warmup';

export interface Report {
  readonly title: Text;
  readonly subtitle: Text;
  readonly sections: readonly Section[];
  readonly footer: Text;
}

export const name = (value: string): Name => ({ name: value });
export const strong = (text: Text): Strong => ({ strong: text });
export const code = (value: string): Code => ({ code: value });
export const paragraph = (...text: readonly Text[]): Block => ({ kind: 'paragraph', text });
export const section = (title: Text, blocks: readonly Block[]): Section => ({
  kind: 'section',
  title,
  blocks,
});

/** Texts with a separator between them. */
export function joined(texts: readonly Text[], separator = ', '): Text {
  return texts.flatMap((text, at) => (at === 0 ? [text] : [separator, text]));
}

/** Without marks and markup, for descriptions and drawings. */
export function plain(text: Text): string {
  if (typeof text === 'string') return text;
  if ('name' in text) return visible(text.name);
  if ('strong' in text) return plain(text.strong);
  if ('code' in text) return text.code;
  if ('link' in text) return plain(text.link);
  return text.map(plain).join('');
}

/** Control characters, halves of characters, what is no character, and marks that turn the writing direction of what follows. */
const HARMFUL = /[\p{Cc}\p{Cs}\p{NChar}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** A name from data as it may be shown: what would be invisible, or would rearrange the text around it, becomes `�`. */
export function visible(value: string): string {
  return value.replace(/[\t\n\r]+/g, ' ').replace(HARMFUL, '�') || '(empty)';
}
