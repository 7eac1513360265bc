// A report as one HTML file: no script, no network (its own policy forbids both), readable as it stands.
import { standingWords } from '../digest.ts';
import type { Block, Card, Cell, Column, Figure, Report, Section, Table, Text } from '../document.ts';
import { plain, visible } from '../document.ts';
import { markDrawing, standingGlyphs } from './marks.ts';
import { html, Markup } from './markup.ts';
import { style } from './style.ts';

export function pageOf(report: Report): string {
  return new Page().render(report).text;
}

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** Numbers what must have a name of its own on the page. */
class Page {
  #figures = 0;

  render({ title, subtitle, sections, footer }: Report): Markup {
    return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${plain(title)}: fairness report</title>
<style>${new Markup(style)}</style>
</head>
<body>
<header>
<p class="eyebrow">${inline(subtitle)}</p>
<h1>${inline(title)}</h1>
<nav aria-label="Contents"><ul>
${sections.map((section, at) => html`<li><a href="#s${at + 1}">${inline(section.title)}</a></li>\n`)}</ul></nav>
</header>
<main>
${sections.map((section, at) => this.#section(section, 2, `s${at + 1}`))}</main>
<footer><p>${inline(footer)}</p></footer>
</body>
</html>
`;
  }

  #section({ title, blocks, id: named }: Section, level: 2 | 3, place: string): Markup {
    const id = named ?? place;
    const content = blocks.map((block, at) => this.#block(block, `${id}-${at + 1}`));
    const heading =
      level === 2
        ? html`<h2 id="${id}-title">${inline(title)}</h2>`
        : html`<h3 id="${id}-title">${inline(title)}</h3>`;
    return html`<section id="${id}" aria-labelledby="${id}-title">
${heading}
${content}</section>
`;
  }

  #block(block: Block, id: string): Markup {
    switch (block.kind) {
      case 'section':
        return this.#section(block, 3, id);
      case 'paragraph':
        return html`<p>${inline(block.text)}</p>\n`;
      case 'list':
        return html`<ul class="list">${block.items.map((item) => html`<li>${inline(item)}</li>\n`)}</ul>\n`;
      case 'facts':
        return html`<dl class="facts">
${block.facts.map(([term, fact]) => html`<dt>${inline(term)}</dt><dd>${inline(fact)}</dd>\n`)}</dl>
`;
      case 'cards':
        return html`<div class="cards">${block.cards.map(card)}</div>\n`;
      case 'notice':
        return html`<aside class="notice" aria-label="${block.title}"><h3>${block.title}</h3>
<ul>${block.items.map((item) => html`<li>${inline(item)}</li>\n`)}</ul></aside>
`;
      case 'legend':
        return html`<ul class="legend" aria-label="What the marks mean">
${block.entries.map(({ mark, text }) => html`<li>${markDrawing(mark)}<span>${text}</span></li>\n`)}</ul>
`;
      case 'figure':
        return this.#figure(block);
      case 'table':
        return this.#table(block);
      case 'pair':
        return html`<div class="pair">${this.#figure(block.figure)}${this.#table(block.table)}</div>\n`;
      case 'figures':
        return html`<div class="figures-grid">${block.figures.map((figure) => this.#figure(figure))}</div>\n`;
    }
  }

  #figure({ caption, description, drawing }: Figure): Markup {
    const id = `f${++this.#figures}`;
    const { svg } = drawing;
    const document = svg.ownerDocument;
    const told = (tag: 'title' | 'desc', text: string): SVGElement => {
      const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
      element.id = `${id}-${tag}`;
      element.textContent = visible(text);
      return element;
    };
    svg.prepend(told('title', plain(caption)), told('desc', description));
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-labelledby', `${id}-title ${id}-desc`);
    return html`<figure><figcaption>${inline(caption)}</figcaption>
${new Markup(svg.outerHTML)}
</figure>
`;
  }

  #table({ caption, columns, rows }: Table): Markup {
    // Roles are said again, since a phone shows wide tables as blocks, and browsers then forget that they are tables.
    return html`<div class="scroll"><table role="table"${columns.length > 3 ? html` class="wide"` : ''}>
<caption>${inline(caption)}</caption>
<thead role="rowgroup"><tr role="row">${columns.map((column) => html`<th role="columnheader" scope="col"${classOf(column)}>${column.title}</th>`)}</tr></thead>
<tbody role="rowgroup">
${rows.map((cells) => html`<tr role="row">${cells.map((cell, at) => tableCell(cell, columns[at]!, at === 0))}</tr>\n`)}</tbody>
</table></div>
`;
  }
}

function tableCell(cell: Cell, column: Column, isHeader: boolean): Markup {
  const content = cellContent(cell);
  return isHeader
    ? html`<th role="rowheader" scope="row"${classOf(column)}>${content}</th>`
    : html`<td role="cell" data-title="${column.title}"${classOf(column)}>${content}</td>`;
}

function classOf({ align }: Column): Markup {
  return align === 'right' ? html` class="right"` : html``;
}

function cellContent(cell: Cell): Markup {
  if ('standing' in cell) {
    const { standing } = cell;
    const glyph = html`<span class="glyph" aria-hidden="true">${standingGlyphs[standing]}</span>`;
    return html`<span class="standing standing-${standing}">${glyph}<span>${standingWords[standing]}</span></span>`;
  }
  const detail = cell.detail === undefined ? '' : html` <span class="detail">${inline(cell.detail)}</span>`;
  return html`${inline(cell.text)}${detail}`;
}

function card({ title, figures, verdict, tone, note }: Card): Markup {
  return html`<section class="card"><h3>${title}</h3>
<p class="figures">${figures}</p>
<p class="verdict ${tone}">${inline(verdict)}</p>
<p class="note">${inline(note)}</p></section>
`;
}

function inline(text: Text): Markup {
  if (typeof text === 'string') return html`${text}`;
  if ('name' in text) return html`<bdi>${visible(text.name)}</bdi>`;
  if ('strong' in text) return html`<strong>${inline(text.strong)}</strong>`;
  if ('code' in text) return html`<code>${text.code}</code>`;
  if ('link' in text) return html`<a href="#${text.to}">${inline(text.link)}</a>`;
  return html`${text.map(inline)}`;
}
