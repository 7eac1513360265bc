// Text for the terminal: colours where they are wanted, numbers, tables, and values from data made harmless.
import pc from 'picocolors';

export type Colours = ReturnType<typeof pc.createColors>;
export const coloursOf = ({ colour }: { colour: boolean }): Colours => pc.createColors(colour);

/** Control characters, which could move the cursor or recolour the screen, and marks that turn the writing direction. */
const HARMFUL = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A name or value from the user's files as it may be shown. */
export function safe(text: string): string {
  return text.replace(HARMFUL, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

export function shorten(text: string, longest = 40): string {
  const shown = safe(text);
  return shown.length > longest ? `${shown.slice(0, longest - 1)}…` : shown;
}

export function decimal(value: number | 'insufficient' | undefined, digits = 3): string {
  return typeof value === 'number' ? value.toFixed(digits) : '–';
}

/** `1 h 5 min`, `3 min 20 s`, `12 s`, `0.8 s`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

export const count = (value: number): string => value.toLocaleString('en-US');

export type Align = 'left' | 'right';

/** Columns side by side, each as wide as its widest cell. Cells are shown as they are: make them `safe` first. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  align: readonly Align[],
): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => widthOf(row[column] ?? ''))));
  const lines = all.map((row) =>
    widths
      .map((width, column) => {
        const cell = row[column] ?? '';
        const gap = ' '.repeat(width - widthOf(cell));
        return align[column] === 'right' ? gap + cell : cell + gap;
      })
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '─'.repeat(width)).join('  '));
  return lines.join('\n');
}

/** Columns that a text takes: without colour codes. */
function widthOf(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with ESC
  return [...text.replace(/\u001b\[\d+m/g, '')].length;
}
