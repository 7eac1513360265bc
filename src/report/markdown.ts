// A report as Markdown (GitHub's): the same words and tables, without the pictures.
import { standingWords } from './digest.ts';
import {
  type Block,
  type Cell,
  type Report,
  type Section,
  type Table,
  type Text,
  visible,
} from './document.ts';

export function markdownOf({ title, subtitle, sections, footer }: Report): string {
  const parts = [
    `# ${inline(title)}`,
    inline(subtitle),
    ...sections.flatMap((section) => sectionParts(section, 2)),
    '---',
    inline(footer),
  ];
  return `${parts.join('\n\n')}\n`;
}

function sectionParts({ title, blocks }: Section, level: number): string[] {
  const content = blocks.flatMap((block) => blockParts(block, level + 1));
  // A section of pictures alone has nothing to say here.
  return content.length === 0 ? [] : [`${'#'.repeat(level)} ${inline(title)}`, ...content];
}

function blockParts(block: Block, level: number): string[] {
  switch (block.kind) {
    case 'section':
      return sectionParts(block, level);
    case 'paragraph':
      return [inline(block.text)];
    case 'list':
      return [listOf(block.items)];
    case 'facts':
      return [listOf(block.facts.map(([term, fact]) => [{ strong: term }, ': ', fact]))];
    case 'cards':
      return [
        listOf(
          block.cards.map(({ title, figures, verdict, note }) => [
            { strong: `${title}: ${figures}` },
            ', ',
            verdict,
            '. ',
            note,
          ]),
        ),
      ];
    case 'notice':
      return [`**${block.title}**`, listOf(block.items)];
    case 'table':
      return tableParts(block);
    case 'pair':
      return tableParts(block.table);
    case 'legend':
    case 'figure':
    case 'figures':
      return [];
  }
}

function listOf(items: readonly Text[]): string {
  return items.map((item) => `- ${inline(item)}`).join('\n');
}

function tableParts({ caption, columns, rows }: Table): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const lines = [
    line(columns.map(({ title }) => title)),
    line(columns.map(({ align }) => (align === 'right' ? '---:' : '---'))),
    ...rows.map((cells) => line(cells.map(cellText))),
  ];
  return [`**${inline(caption)}**`, lines.join('\n')];
}

function cellText(cell: Cell): string {
  if ('standing' in cell) return standingWords[cell.standing];
  return cell.detail === undefined ? inline(cell.text) : `${inline(cell.text)} (${inline(cell.detail)})`;
}

function inline(text: Text): string {
  if (typeof text === 'string') return text.replaceAll('|', '\\|');
  if ('name' in text) return escapeMarkdown(visible(text.name));
  if ('strong' in text) return `**${inline(text.strong)}**`;
  if ('code' in text) return `\`${text.code}\``;
  if ('link' in text) return inline(text.link);
  return text.map(inline).join('');
}

/** Everything that could be markup, a link or HTML. */
function escapeMarkdown(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/[\\`*_{}[\]()#+!|~>:@]/g, '\\$&')
    .replace(/^([-=]|\d+\.)/, '\\$1')
    .replace(/\bwww\./gi, 'www\\.');
}
