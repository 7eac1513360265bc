// The sections of bench/RESULTS.md, each written by its own benchmark.
import { readFileSync, writeFileSync } from 'node:fs';

/** Replaces the section where it stands, or adds it at the end. */
export function writeSection(title: string, text: string): void {
  const path = 'bench/RESULTS.md';
  const sections = read(path)
    .split(/^(?=## )/m)
    .map((section) => section.trimEnd());
  const at = sections.findIndex((section) => section.startsWith(`## ${title}\n`));
  sections[at < 0 ? sections.length : at] = `## ${title}\n\n${text.trimEnd()}`;
  writeFileSync(path, `${sections.join('\n\n')}\n`);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '# Results\n';
    throw error;
  }
}
