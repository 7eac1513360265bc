/** The page as a browser's parser (parse5, the HTML standard's algorithm) reads it. */
import { type DefaultTreeAdapterTypes, type ParserError, parse } from 'parse5';

type Node = DefaultTreeAdapterTypes.Node;
export type Element = DefaultTreeAdapterTypes.Element;

export interface Page {
  readonly html: string;
  /** In the order of the text. */
  readonly elements: readonly Element[];
  readonly errors: readonly string[];
}

export function parsePage(html: string): Page {
  const errors: string[] = [];
  const onParseError = ({ code, startLine }: ParserError): void => {
    errors.push(`${code}, line ${startLine}`);
  };
  const document = parse(html, { onParseError, sourceCodeLocationInfo: true });
  return { html, elements: [...descendants(document)], errors };
}

function* descendants(node: Node): Generator<Element> {
  if (!('childNodes' in node)) return;
  for (const child of node.childNodes) {
    if ('tagName' in child) yield child;
    yield* descendants(child);
  }
}

export function within(element: Element, tag: string): Element[] {
  return [...descendants(element)].filter(({ tagName }) => tagName === tag);
}

export function all({ elements }: Page, tag: string): Element[] {
  return elements.filter(({ tagName }) => tagName === tag);
}

export function attribute({ attrs }: Element, name: string): string | undefined {
  return attrs.find((one) => one.name === name)?.value;
}

export function text(node: Node): string {
  if ('value' in node) return node.value;
  return 'childNodes' in node ? node.childNodes.map(text).join('') : '';
}

/** The cells of every row of a table's body. */
export function bodyRows(table: Element): string[][] {
  return within(table, 'tbody').flatMap((body) =>
    within(body, 'tr').map((row) =>
      row.childNodes.flatMap((cell) => ('tagName' in cell ? [text(cell).trim()] : [])),
    ),
  );
}

export function tableOf(page: Page, caption: string): Element {
  const found = all(page, 'table').find((table) =>
    within(table, 'caption').some((one) => text(one).startsWith(caption)),
  );
  if (!found) throw new Error(`no table '${caption}'`);
  return found;
}
