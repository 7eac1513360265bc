/** The page: one file, nothing loaded, and a structure that can be read without seeing it. */
import { describe, expect, test } from 'vitest';
import { style } from '../../src/report/html/style.ts';
import { renderReport } from '../../src/report/index.ts';
import { alone, makeSummary } from './fixture.ts';
import { all, attribute, parsePage, text, within } from './page.ts';

const page = parsePage(renderReport(makeSummary()).html);
const pages = { 'before and after': page, 'one model': parsePage(renderReport(alone(makeSummary())).html) };

describe.each(Object.entries(pages))('a report of %s', (_, { html, elements, errors }) => {
  const own = { html, elements, errors };

  test('is HTML without an error of syntax', () => {
    expect(errors).toEqual([]);
    expect(html.startsWith('<!DOCTYPE html>')).toBe(true);
  });

  test('needs no script and no network', () => {
    const loading = ['script', 'link', 'img', 'image', 'iframe', 'object', 'embed', 'use', 'base', 'form'];
    expect(elements.map(({ tagName }) => tagName).filter((tag) => loading.includes(tag))).toEqual([]);
    const attributes = elements.flatMap(({ attrs }) => attrs);
    expect(attributes.filter(({ name }) => name.startsWith('on') || name === 'src')).toEqual([]);
    const links = attributes.filter(({ name }) => name.endsWith('href')).map(({ value }) => value);
    expect(links.length).toBeGreaterThan(3);
    expect(links.filter((link) => !link.startsWith('#'))).toEqual([]);
    expect(html).not.toMatch(/https?:|url\(|@import/);
    const policy = all(own, 'meta').find((meta) => attribute(meta, 'http-equiv') !== undefined)!;
    expect(attribute(policy, 'content')).toContain("default-src 'none'");
  });

  test('has headings in order, none skipped, under one title', () => {
    const levels = elements.flatMap(({ tagName }) => (/^h[1-6]$/.test(tagName) ? [Number(tagName[1])] : []));
    expect(levels.filter((level) => level === 1)).toEqual([1]);
    expect(levels[0]).toBe(1);
    for (const [at, level] of levels.entries()) {
      expect(level - (levels[at - 1] ?? 0)).toBeLessThanOrEqual(1);
    }
  });

  test('has ids that are one of a kind, and every reference meets one', () => {
    const ids = elements.flatMap((element) => attribute(element, 'id') ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const references = elements.flatMap((element) => [
      ...(attribute(element, 'aria-labelledby')?.split(' ') ?? []),
      ...(attribute(element, 'href')?.startsWith('#') ? [attribute(element, 'href')!.slice(1)] : []),
    ]);
    expect(references.filter((reference) => !ids.includes(reference))).toEqual([]);
  });

  test('has a caption and scoped headers in every table', () => {
    const tables = all(own, 'table');
    expect(tables.length).toBeGreaterThan(8);
    for (const table of tables) {
      expect(text(within(table, 'caption')[0]!)).not.toBe('');
      const headers = within(table, 'th');
      expect(headers.filter((header) => attribute(header, 'scope') === undefined)).toEqual([]);
      const columns = headers.filter((header) => attribute(header, 'scope') === 'col').length;
      const rows = within(within(table, 'tbody')[0]!, 'tr');
      for (const row of rows) {
        expect(within(row, 'td').length + within(row, 'th').length).toBe(columns);
      }
    }
  });

  test('has a title and a description in words for every picture', () => {
    const pictures = all(own, 'svg').filter((svg) => attribute(svg, 'aria-hidden') !== 'true');
    expect(pictures.length).toBeGreaterThan(8);
    for (const picture of pictures) {
      expect(attribute(picture, 'role')).toBe('img');
      expect(text(within(picture, 'title')[0]!).length).toBeGreaterThan(3);
      expect(text(within(picture, 'desc')[0]!).length).toBeGreaterThan(10);
      expect(attribute(picture, 'viewbox') ?? attribute(picture, 'viewBox')).toBeDefined();
    }
  });

  test('holds no number or word that was never filled in', () => {
    const words = text(all(own, 'body')[0]!);
    expect(words).not.toMatch(/\bNaN\b|undefined|\[object|Infinity/);
    const paths = elements.flatMap(
      (element) => attribute(element, 'd') ?? attribute(element, 'transform') ?? [],
    );
    expect(paths.filter((path) => /NaN|undefined|Infinity/.test(path))).toEqual([]);
  });
});

test('the same summary gives the same page', () => {
  expect(renderReport(makeSummary()).html).toBe(page.html);
});

test('without an unconstrained model nothing is said of before, of lifting or of levelling down', () => {
  const titles = all(pages['one model'], 'h2').map(text);
  expect(titles).not.toContain('Who was lifted, and by how much');
  expect(all(page, 'h2').map(text)).toContain('Who was lifted, and by how much');
  expect(text(all(pages['one model'], 'body')[0]!)).not.toMatch(/before:|Levelling down/);
});

test('text stands out from its ground by 4.5 to 1 or more, in light and in dark', () => {
  const [light, dark] = style.split('@media screen and (prefers-color-scheme: dark)');
  for (const theme of [light!, dark!]) {
    const colours = Object.fromEntries(
      [...theme.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map(([, name, value]) => [name!, value!]),
    );
    const pairs = ['text', 'muted', 'good', 'bad', 'before', 'after'].flatMap((ink) =>
      ['paper', 'raised'].map((ground) => [ink, ground] as const),
    );
    for (const [ink, ground] of [...pairs, ['text', 'notice'] as const, ['text', 'band'] as const]) {
      expect(contrast(colours[ink]!, colours[ground]!), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  }
});

/** WCAG 2's contrast ratio. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string): number => {
    const [r, g, blue] = [1, 3, 5].map((at) => {
      const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue;
  };
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}
