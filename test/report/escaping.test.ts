/** Names from data: whatever they hold, they are shown as text, and they change nothing around them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { name, section, visible } from '../../src/report/document.ts';
import { pageOf } from '../../src/report/html/page.ts';
import { renderReport } from '../../src/report/index.ts';
import { label } from '../../src/report/plots/labels.ts';
import { drawLevels } from '../../src/report/plots/levels.ts';
import { makeSummary, type Names, plainNames } from './fixture.ts';
import { all, attribute, parsePage, text, within } from './page.ts';

const hostile: Names = {
  run: '</title><script>alert("run")</script>',
  file: '"><img src=x onerror=alert(1)>.csv',
  input: '</style><b>age</b>',
  detection: '<script>alert(1)</script>',
  classification: 'it\'s "quoted" & <!-- so -->',
  regression: '</svg></desc></table>',
  classes: ['&lt;b&gt;', ']]>', '{{class}}'],
  columns: ['a/b', '<plaintext>'],
  sex: '`sex` | **bold** [link](javascript:alert(1))',
  sexes: ['أنثى 123 (ج)', '👩‍👩‍👧‍👦'.repeat(40)],
  origin: 'x'.repeat(400),
  origins: ['\u202etxt.exe', 'nul\u0000 bell\u0007', '\ud800 half'],
  note: '# <details open ontoggle=alert(1)> http://example.org',
};

const tags = (names: Names) => {
  const { elements } = parsePage(renderReport(makeSummary(names)).html);
  return elements.map(({ tagName, attrs }) => [tagName, ...attrs.map(({ name }) => name)].join(' '));
};

test('hostile names leave the page as it is with plain ones, element by element', () => {
  const { errors } = parsePage(renderReport(makeSummary(hostile)).html);
  expect(errors).toEqual([]);
  expect(tags(hostile)).toEqual(tags(plainNames));
});

test('hostile names are shown, letter for letter', () => {
  const page = parsePage(renderReport(makeSummary(hostile)).html);
  const shown = new Set(all(page, 'bdi').map(text));
  const { classes, columns, sexes, origins, note, detection, classification, regression, ...others } =
    hostile;
  const names = [...Object.values(others), ...classes, ...sexes, ...origins, note, detection, classification];
  expect(names.map(visible).filter((name) => !shown.has(name))).toEqual([]);
  for (const column of columns) expect(shown).toContain(`${regression}/${column}`);
  expect(text(all(page, 'title')[0]!)).toContain(hostile.run);
});

test('letters that hide or rearrange text are made visible', () => {
  expect(visible('\u202etxt.exe')).toBe('�txt.exe');
  expect(visible('a\u0000\u0007b\ud800')).toBe('a��b�');
  expect(visible('two\r\nlines\tand')).toBe('two lines and');
  expect(visible('')).toBe('(empty)');
  expect(visible('نص 👩‍👧 é')).toBe('نص 👩‍👧 é');
  expect(renderReport(makeSummary(hostile)).html).not.toMatch(/\u202e|(?![\n])\p{Cc}/u);
});

test('long names are cut in pictures, at a whole letter, and whole in tables', () => {
  const page = parsePage(renderReport(makeSummary(hostile)).html);
  const drawn = all(page, 'svg').flatMap((svg) => within(svg, 'text').map(text));
  expect(drawn.some((label) => label.includes('👩‍👩‍👧‍👦…'))).toBe(true);
  expect(Math.max(...drawn.map((label) => [...new Intl.Segmenter().segment(label)].length))).toBeLessThan(50);
});

/** A page of a heading, a table, a list and a picture that all hold the name. */
function smallPage(value: string): string {
  const drawing = drawLevels({
    rows: [{ label: label(value), figures: '1', after: { value: 1 } }],
    axis: '',
  });
  const column = { title: 'Group' };
  return pageOf({
    title: name(value),
    subtitle: '',
    footer: '',
    sections: [
      section(name(value), [
        { kind: 'table', caption: name(value), columns: [column], rows: [[{ text: name(value) }]] },
        { kind: 'figure', caption: name(value), description: value, drawing },
        { kind: 'notice', title: 'Notice', items: [name(value)] },
      ]),
    ],
  });
}

const plainElements = parsePage(smallPage('plain')).elements.length;
const markup = [
  '<',
  '>',
  '"',
  "'",
  '&',
  '&amp',
  '</style>',
  '</svg>',
  '<script>',
  '<!--',
  ']]>',
  '\u202e',
  '\0',
  'a',
  ' ',
];
const anyName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.array(fc.constantFrom(...markup), { maxLength: 8 }).map((parts) => parts.join('')),
);

test('any name leaves a page without an error of syntax, and is found on it', () => {
  fc.assert(
    fc.property(anyName, (value) => {
      const page = parsePage(smallPage(value));
      expect(page.errors).toEqual([]);
      expect(page.elements.length).toBe(plainElements);
      expect(new Set(all(page, 'bdi').map(text))).toEqual(new Set([visible(value)]));
      expect(text(all(page, 'desc')[0]!)).toBe(visible(value));
    }),
    { numRuns: 80 },
  );
});

test('Markdown: no name makes a cell, a link, emphasis or HTML', () => {
  const { markdown } = renderReport(makeSummary(hostile));
  expect(markdown).not.toMatch(/<[a-z/!]/i);
  expect(markdown).not.toContain('](javascript');
  expect(markdown).not.toContain('**bold**');
  const plain = renderReport(makeSummary()).markdown;
  const bars = (text: string) =>
    text.split('\n').map((line) => line.replaceAll('\\|', '').split('|').length - 1);
  expect(bars(markdown)).toEqual(bars(plain));
});

test('no attribute but ids and titles of columns comes near a name', () => {
  const page = parsePage(renderReport(makeSummary(hostile)).html);
  const values = page.elements.flatMap(({ attrs }) => attrs.map(({ value }) => value));
  expect(values.filter((value) => value.includes('alert') || value.includes('xxxxx'))).toEqual([]);
  expect(attribute(all(page, 'html')[0]!, 'lang')).toBe('en');
});
