// Numbers as the report writes them.
import type { Estimate, Measured } from '../fairness/index.ts';

export const TOO_FEW = 'too few';

/** Three digits behind the point; too few samples are said to be that. */
export function decimal(value: Measured | undefined, digits = 3): string {
  if (value === undefined) return '–';
  if (value === 'insufficient') return TOO_FEW;
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** With its sign: `+0.133`, `−0.020`, `±0.000`. */
export function signed(value: number): string {
  const text = decimal(Math.abs(value));
  if (Number(text) === 0) return `±${text}`;
  return `${value > 0 ? '+' : '−'}${text}`;
}

/** `0.146 to 0.306`. */
export function interval({ interval: bounds }: Pick<Estimate, 'interval'>): string | undefined {
  return bounds && `${decimal(bounds[0])} to ${decimal(bounds[1])}`;
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

export function counted(value: number, singular: string, plural = `${singular}s`): string {
  return `${count(value)} ${value === 1 ? singular : plural}`;
}

export function percent(share: number, digits = 0): string {
  return `${Number((100 * share).toFixed(digits))} %`;
}

/** `1 h 5 min`, `3 min 20 s`, `12 s`, `0.8 s`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** `2026-11-22 12:30 UTC`. */
export function moment(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}
