// Bytes and operations as people read them.

/** Three digits that count, or all of those before the point. */
export const digits = (value: number): string =>
  value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));

const thousands = ['', ' k', ' M', ' G', ' T'];

/** `1.3 M`. */
export function short(value: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(1, value)) / 3), thousands.length - 1);
  return `${digits(value / 1000 ** power)}${thousands[power]}`;
}

export const bytesText = (bytes: number): string => `${short(bytes)}${bytes < 1000 ? ' ' : ''}B`;
export const flopsText = (flops: number): string => `${short(flops)}${flops < 1000 ? ' ' : ''}FLOP`;
