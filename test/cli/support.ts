// The command line within the test's own process.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { runCli } from '../../src/cli/cli.ts';

export const folder = mkdtempSync(join(tmpdir(), 'fairmt-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

export const at = (name: string): string => join(folder, name);

export function file(name: string, content: string | Uint8Array): string {
  writeFileSync(at(name), content);
  return at(name);
}

export interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface FairmtOptions {
  /** Ctrl-C is pressed as soon as this is so. */
  readonly interruptedWhen?: () => boolean;
}

/** Runs `fairmt` with these arguments; in what it says, the test's folder is left out. */
export async function fairmt(
  args: readonly string[],
  { interruptedWhen }: FairmtOptions = {},
): Promise<Answer> {
  let out = '';
  let err = '';
  const code = await runCli(args, {
    out: {
      write: (text) => {
        out += text;
      },
    },
    err: {
      write: (text: string) => {
        err += text;
        return true;
      },
    },
    interactive: false,
    colour: false,
    onInterrupt(listener) {
      const timer = setInterval(() => {
        if (!interruptedWhen?.()) return;
        clearInterval(timer);
        listener();
      }, 1);
      return () => clearInterval(timer);
    },
    drained: async () => undefined,
  });
  const short = (text: string): string => text.replaceAll(`${folder}/`, '').replaceAll(folder, 'the folder');
  return { code, out: short(out), err: short(err) };
}

/** Three hundred people, in a file. */
export function peopleFile(name = 'people.csv'): string {
  const rows = Array.from({ length: 300 }, (_, i) =>
    [
      20 + ((i * 7) % 45),
      i % 2 ? 'male' : 'female',
      ['Rome', 'Oslo', 'Bern'][(i * 5) % 3],
      i % 4 === 0 ? 'yes' : 'no',
      1000 + ((i * 37) % 900),
    ].join(','),
  );
  return file(name, `age,sex,city,hired,salary\n${rows.join('\n')}\n`);
}

/** Trains in no time. */
export function quickConfig(name: string, more = ''): string {
  return file(
    name,
    `data: people.csv
tasks:
  - { name: hired, type: detection, positive: yes, notion: demographic-parity }
  - { name: city, type: classification }
  - { name: salary, type: regression }
groups: [sex]
inputs: [age, sex]
model: { widths: [8] }
training: { epochs: 2, batch: 32 }
${more}`,
  );
}
