// report.html and report.md of a run, from its summary.
import type { Summary } from '../report/index.ts';
import { RunError } from './errors.ts';
import { readJson, writeWhole } from './files.ts';
import type { RunFolder } from './folder.ts';

/** Heavy, and most commands need it not. A run loads it before it trains: what its end needs must be there by then. */
export const loadRenderer = () => import('../report/index.ts');

/** Writes both reports anew. @throws RunError for what the file system refuses */
export async function writeReport(folder: RunFolder, summary: Summary): Promise<void> {
  const { renderReport } = await loadRenderer();
  const { html, markdown } = renderReport(summary);
  await writeWhole(folder.file('report.html'), [html]);
  await writeWhole(folder.file('report.md'), [markdown]);
}

/** @throws RunError for a folder without a finished run, or with one of another version */
export async function readSummary(folder: RunFolder): Promise<Summary> {
  const path = folder.file('summary.json');
  const what = 'the summary of a finished run';
  const summary = (await readJson(path, what)) as Partial<Summary> | null;
  if (summary?.version === 1 && Array.isArray(summary.models)) return summary as Summary;
  throw new RunError({
    file: path,
    expected: what,
    got: 'JSON of another kind',
    remedy: 'Train again, or take a folder of this version.',
  });
}
