// The sections of bench/RESULTS.md, each written by its own benchmark.
import { readFileSync, writeFileSync } from 'node:fs';

/** Replaces the section, or adds it at the end. */
export function writeSection(title: string, text: string): void {
  const path = 'bench/RESULTS.md';
  const sections = read(path)
    .split(/^(?=## )/m)
    .filter((section) => !section.startsWith(`## ${title}\n`))
    .map((section) => section.trimEnd());
  writeFileSync(path, `${[...sections, `## ${title}\n\n${text}`].join('\n\n')}\n`);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '# Results\n';
    throw error;
  }
}
