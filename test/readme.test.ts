// The README's example runs as it stands there, the plan and the kernel shown are its own, and links lead somewhere.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { hasSwiftShader } from '../scripts/vulkan.mjs';

const readme = readFileSync('README.md', 'utf8');

/** The first block of that language in a section. */
function block(language: string, section = '## The engine'): string {
  const text = readme.slice(readme.indexOf(section));
  const found = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(text);
  if (!found) throw new Error(`README.md has no block of ${language}`);
  return found[1]!;
}

/** What `node scripts/run.mjs` prints of it, with the sources in the package's place. */
function output(script: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'fairmt-readme-'));
  try {
    const file = join(folder, 'xor.ts');
    const sources = {
      fairmt: 'src/index.ts',
      'fairmt/data': 'src/data/index.ts',
      'fairmt/node': 'src/node.ts',
    };
    const local = script.replaceAll(
      /from '(fairmt[a-z/]*)'/g,
      (_, name: keyof typeof sources) => `from '${resolve(sources[name])}'`,
    );
    writeFileSync(file, local);
    return execFileSync(process.execPath, ['scripts/run.mjs', '--vulkan=swiftshader', file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** How many workgroups a kernel takes is tuned more often than the README is read. */
const withoutGrids = (plan: string): string => plan.replaceAll(/\d+×\d+×\d+ */g, '');

// The plan depends on the class of the adapter: the README shows a software one's.
test.skipIf(!hasSwiftShader)(
  'the README’s example learns, and the plan and kernel shown are its own',
  async () => {
    const shown = `
    import { printPlan } from 'fairmt/node';
    console.log('PLAN\\n' + printPlan(program.plan!));
    console.log('KERNEL\\n' + program.plan!.dispatches.at(-1)!.wgsl);`;
    const [losses, plan, kernel] = output(block('ts') + shown).split(/PLAN\n|KERNEL\n/);
    const [first, , last] = [...losses!.matchAll(/loss after \d+ steps: (\d\.\d+)/g)].map(([, loss]) =>
      Number(loss),
    );
    expect(last).toBeLessThan(first!);
    expect(last).toBeLessThan(0.3);
    expect(withoutGrids(block('text'))).toBe(withoutGrids(plan!));
    expect(block('wgsl').trim()).toBe(kernel!.trim());
    expect(block('ts').trim().split('\n').length).toBeLessThanOrEqual(30);
  },
);

test('the README’s library program trains, and predicts for the test rows', () => {
  const given = `
    const people = Array.from({ length: 200 }, (_, i) => ({ sex: i % 2 ? 'f' : 'm', years: i % 17, salary: 20 + (i % 17) }));
    const spec = {
      derived: [],
      inputs: [{ role: 'numeric', column: 'years' }],
      tasks: [{ name: 'salary', type: 'regression', columns: ['salary'], transform: 'none' }],
      groups: [{ name: 'sex', columns: ['sex'] }],
      split: { by: 'ratio', validation: 0.2, test: 0.2, stratify: true },
    };`;
  const program = block('ts', '### As a library').replace(/\n\n/, `${given}\n`);
  const lines = program.trim().split('\n').length - given.split('\n').length;
  const printed = output(`${program} console.log('rows ' + predictions.salary.values.length);`);
  expect(printed).toContain('rows 40');
  expect(lines).toBeLessThanOrEqual(20);
});

test.each(['README.md', 'docs/engine.md'])('every file that %s links to is there', (page) => {
  const links = [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(
    ([, link]) => link!,
  );
  expect(links.length).toBeGreaterThan(0);
  expect(links.filter((link) => !existsSync(join(dirname(page), link)))).toEqual([]);
});

test('each of the thirteen rules names tests that name it', () => {
  const rows = readFileSync('docs/engine.md', 'utf8').matchAll(/^\| (\d+) \|.*$/gm);
  const unnamed = [...rows].flatMap(([row, rule]) => {
    const files = [...row.matchAll(/\]\(\.\.\/(.*?)\)/g)].map(([, file]) => readFileSync(file!, 'utf8'));
    return files.some((text) => new RegExp(`[rR]ules? [^)]*\\b${rule}\\b`).test(text)) ? [] : [rule];
  });
  expect(unnamed).toEqual([]);
});
