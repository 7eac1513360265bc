// Reports: from a run's summary to a page that one can show.
import { reportOf } from './content/report.ts';
import { pageOf } from './html/page.ts';
import { markdownOf } from './markdown.ts';
import type { Summary } from './summary.ts';

export type * from './summary.ts';

export interface RenderedReport {
  /** One file without script or network. */
  readonly html: string;
  /** GitHub's Markdown, without the pictures. */
  readonly markdown: string;
}

/** The report of a run. The same summary gives the same text. */
export function renderReport(summary: Summary): RenderedReport {
  const report = reportOf(summary);
  return { html: pageOf(report), markdown: markdownOf(report) };
}
