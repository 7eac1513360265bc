// npm run bench:big-csv [-- gigabytes]
// A large CSV of people in two shapes, wide and long: the time and the peak memory (resident set) of loading it as
// `train` does, and of `fairmt predict`. The files lie in the system's temporary folder while they are needed.
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfigSource, validateConfig } from '../src/config/index.ts';
import { fingerprint, loadProblem } from '../src/run/problem.ts';
import { Random } from '../src/tensor/random.ts';
import { bundleCli } from '../test/support/cli-process.ts';

interface Shape {
  readonly name: string;
  /** Inputs; three labels and two groups come on top. */
  readonly numbers: number;
  readonly categories: number;
}

const shapes: readonly Shape[] = [
  { name: 'wide', numbers: 57, categories: 38 },
  { name: 'long', numbers: 10, categories: 5 },
];

/** Lines are drawn from so many different ones, or making them would take longer than what is measured. */
const DIFFERENT_LINES = 20_000;

if (process.argv[2] === 'load') await load(process.argv[3]!);
else await main(Number(process.argv[2] ?? 1));

/** In a process of its own, whose memory is measured: all that `train` does before the first step. */
async function load(path: string): Promise<void> {
  const source = await readConfigSource(path);
  const loaded = await loadProblem(validateConfig(source), source);
  fingerprint(loaded, {});
  const { train, validation, test } = loaded.sides;
  console.log(`${train.rows} + ${validation.rows} + ${test.rows} rows`);
}

async function main(gigabytes: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fairmt-big-csv-'));
  const cli = await bundleCli();
  try {
    for (const shape of shapes) await measure(shape, gigabytes * 1e9, folder, cli);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    rmSync(cli, { force: true });
  }
}

async function measure(shape: Shape, bytes: number, folder: string, cli: string): Promise<void> {
  const at = (name: string) => join(folder, name);
  const rows = writeTable(at('big.csv'), shape, bytes);
  writeTable(at('small.csv'), shape, 2e6);
  const config = 'groups: [sex, region]\ntasks:\n  - { name: hired, type: detection, positive: yes }\n';
  const tasks = '  - { name: grade, type: classification }\n  - { name: salary, type: regression }\n';
  for (const name of ['big', 'small']) {
    const training = 'training: { epochs: 1, warmupEpochs: 0 }\n';
    writeFileSync(at(`${name}.yaml`), `data: ${name}.csv\n${config}${tasks}${training}`);
  }
  await run([cli, 'train', at('small.yaml'), '--out', at(shape.name), '--device', 'wasm', '--force']);
  const columns = shape.numbers + shape.categories + 5;
  const size = (statSync(at('big.csv')).size / 1e9).toFixed(2);
  console.log(`${shape.name}: ${size} GB, ${rows.toLocaleString('en')} rows × ${columns} columns`);
  report('load for train', await run([process.argv[1]!, 'load', at('big.yaml')]), rows);
  report('predict', await run([cli, 'predict', at(shape.name), at('big.csv'), '--device', 'wasm']), rows);
  rmSync(at('big.csv'));
}

function report(what: string, { seconds, peak }: Ended, rows: number): void {
  const rate = Math.round(rows / seconds).toLocaleString('en');
  console.log(`  ${what.padEnd(15)} ${seconds.toFixed(0)} s (${rate} rows/s), peak ${peak.toFixed(0)} MB`);
}

interface Ended {
  readonly seconds: number;
  /** Megabytes (10⁶ bytes). */
  readonly peak: number;
}

/** A script in a process of its own, its output thrown away, with its largest resident set. */
async function run(args: readonly string[]): Promise<Ended> {
  const probe = `process.on('exit', () => process.stderr.write('peak ' + process.resourceUsage().maxRSS))`;
  const begun = performance.now();
  const child = spawn(process.execPath, ['--import', `data:text/javascript,${probe}`, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let err = '';
  child.stderr.on('data', (text) => {
    err += text;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  const seconds = (performance.now() - begun) / 1000;
  const peak = Number(/peak (\d+)$/.exec(err)?.[1]);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${err}`);
  return { seconds, peak: (peak * 1024) / 1e6 };
}

/** @returns its rows */
function writeTable(path: string, shape: Shape, bytes: number): number {
  const random = new Random(1);
  const names = (letter: string, count: number) => Array.from({ length: count }, (_, i) => `${letter}${i}`);
  const header = ['hired', 'grade', 'salary', 'sex', 'region'];
  const file = openSync(path, 'w');
  writeSync(
    file,
    `${[...header, ...names('x', shape.numbers), ...names('c', shape.categories)].join(',')}\n`,
  );
  const lines = Array.from({ length: DIFFERENT_LINES }, () => line(shape, random));
  let rows = 0;
  for (let written = 0; written < bytes; rows += 1000) {
    const part = Array.from({ length: 1000 }, () => lines[random.int(lines.length)]!).join('');
    written += writeSync(file, part);
  }
  closeSync(file);
  return rows;
}

/** Every tenth column of numbers has missing cells; categories are of 4 to 40 values. */
function line({ numbers, categories }: Shape, random: Random): string {
  const cells = [
    random.uniform() < 0.3 ? 'yes' : 'no',
    `g${random.int(5)}`,
    String(1000 + random.int(9000)),
    random.uniform() < 0.4 ? 'F' : 'M',
    `r${random.int(8)}`,
  ];
  for (let i = 0; i < numbers; i++) {
    const isMissing = i % 10 === 0 && random.uniform() < 0.1;
    cells.push(isMissing ? '' : (10 * random.normal()).toFixed(3));
  }
  for (let i = 0; i < categories; i++) cells.push(`v${random.int(4 + 4 * (i % 10))}`);
  return `${cells.join(',')}\n`;
}
