// Speed of the WebAssembly backend's kernels on one core: node scripts/run.mjs bench/wasm.ts [NAME PART]
// Best and median of some runs, since other work on the machine slows any one of them.
import type { Graph, Value } from '../src/graph/index.ts';
import { newGraph } from '../src/ops/index.ts';
import { compile, openDevice, type ProgramSpec } from '../src/program/index.ts';
import { Random } from '../src/tensor/random.ts';
import { numel } from '../src/tensor/shape.ts';

interface Workload {
  readonly name: string;
  readonly spec: ProgramSpec;
  /** What a run does, in billions of `unit`. */
  readonly work: number;
  readonly unit: 'FLOP' | 'B' | 'element';
}

function workload(
  name: string,
  work: number,
  unit: Workload['unit'],
  build: (graph: Graph) => Value,
): Workload {
  return { name, spec: { outputs: { result: build(newGraph()) } }, work: work / 1e9, unit };
}

function product(m: number, n: number, k: number, kind: string): Workload {
  const [transA, transB] = [kind[0] === 't', kind[1] === 't'];
  return workload(`matmul.${kind} ${m}×${n}×${k}`, 2 * m * n * k, 'FLOP', (graph) =>
    graph
      .input('a', transA ? [k, m] : [m, k])
      .matmul(graph.input('b', transB ? [n, k] : [k, n]), { transA, transB }),
  );
}

const million4 = 4 * 2 ** 20;

function chain(graph: Graph): Value {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => graph.input(name, [million4]));
  return a!.mul(b!).add(c!).tanh().mul(a!);
}

/** Many small units in a row, none of which fuses with the next. */
function manySmall(graph: Graph): Value {
  let x = graph.input('x', [8, 8]);
  for (let i = 0; i < 500; i++) x = x.softmax();
  return x;
}

const workloads: readonly Workload[] = [
  ...[256, 512, 1024].flatMap((size) => ['nn', 'nt', 'tn'].map((kind) => product(size, size, size, kind))),
  product(512, 8, 128, 'nn'),
  product(512, 1, 512, 'nn'),
  product(40, 40, 65536, 'nt'),
  workload('tanh(a·b + c)·a, 4M', 16 * million4, 'B', chain),
  workload('sum, 4M', 4 * million4, 'B', (graph) => graph.input('x', [million4]).sum()),
  workload('sum down columns, 4096 × 1024', 4 * million4, 'B', (graph) =>
    graph.input('x', [4096, 1024]).sum(0),
  ),
  workload('softmax, 4096 × 1024', million4, 'element', (graph) => graph.input('x', [4096, 1024]).softmax()),
  workload('logSumExp, 4096 × 10', 40960, 'element', (graph) => graph.input('x', [4096, 10]).logSumExp(1)),
  workload('layer norm, 4096 × 256', 2 ** 20, 'element', (graph) =>
    graph.input('x', [4096, 256]).layerNorm(),
  ),
  workload('500 tiny units', 500, 'element', manySmall),
];

/** Short slices: now and then one of them has the core to itself. */
const sliceMilliseconds = 5;
const measuredMilliseconds = 1000;

async function time({ spec }: Workload): Promise<{ best: number; median: number }> {
  const program = await compile(spec, await openDevice('wasm'));
  const random = new Random(1);
  for (const [name, { shape, dtype }] of Object.entries(program.inputs)) {
    const draw = dtype === 'f32' ? () => random.normal() : () => random.int(2);
    program.write(name, Float32Array.from({ length: numel(shape) }, draw));
  }
  const measure = (count: number): number => {
    const begin = performance.now();
    for (let i = 0; i < count; i++) program.run();
    return (performance.now() - begin) / count;
  };
  let once = measure(1);
  for (let turn = 0; turn < 5; turn++) {
    once = measure(Math.ceil(30 / once));
    // The optimising compiler works in the background and hands its code over between tasks.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const count = Math.ceil(sliceMilliseconds / once);
  const slices = Math.max(15, Math.ceil(measuredMilliseconds / (count * once)));
  const times = Array.from({ length: slices }, () => measure(count)).sort((a, b) => a - b);
  program.dispose();
  return { best: times[0]!, median: times[Math.floor(slices / 2)]! };
}

const part = process.argv[2] ?? '';
console.log(
  `${'workload'.padEnd(32)} ${'best ms'.padStart(10)} ${'median ms'.padStart(10)}        best rate`,
);
for (const load of workloads.filter(({ name }) => name.includes(part))) {
  const { best, median } = await time(load);
  const rate = `${((1e3 * load.work) / best).toFixed(2).padStart(9)} G${load.unit}/s`;
  console.log(load.name.padEnd(32), best.toFixed(3).padStart(10), median.toFixed(3).padStart(10), rate);
}
