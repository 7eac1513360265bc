// The contenders' processes, from the driver's side: installs the peers, bundles each library and talks to it.
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import type { Reply, Request } from './contender.ts';

const peers = resolve('bench/peers');

/** Their versions are pinned by a lock of their own, so that the project's install stays small. */
export function installPeers(): void {
  if (existsSync(join(peers, 'node_modules/.package-lock.json'))) return;
  console.error('installing the peers (bench/peers, 86 MB) …');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: peers,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** A library's script as one module; it lies where its packages are. */
export async function bundle(script: string): Promise<string> {
  const outfile = join(peers, 'node_modules/.cache', script.replaceAll('/', '-').replace(/\.ts$/, '.mjs'));
  const requireForCommonJs = [
    "import { createRequire } from 'node:module';",
    "import { dirname as directoryOf } from 'node:path';",
    'const require = createRequire(import.meta.url);',
    'const __filename = import.meta.filename ?? new URL(import.meta.url).pathname;',
    'const __dirname = directoryOf(__filename);',
  ].join('\n');
  await build({
    entryPoints: [join('bench', script)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'es2023',
    format: 'esm',
    mainFields: ['module', 'main'],
    external: ['webgpu'],
    loader: { '.wgsl': 'text' },
    banner: { js: requireForCommonJs },
    logLevel: 'error',
  });
  return outfile;
}

type ReplyOf<T extends Reply['is']> = Extract<Reply, { is: T }>;

export class Worker {
  readonly name: string;
  about = '';
  readonly #child: ChildProcess;
  readonly #shaders = mkdtempSync(join(tmpdir(), 'fairmt-shaders-'));

  /** Its shader cache is empty, so that first calls pay for all compilation. */
  static async start(name: string, module: string, backend: string): Promise<Worker> {
    const worker = new Worker(name, module, backend);
    worker.about = (await worker.#next('about')).about;
    return worker;
  }

  private constructor(name: string, module: string, backend: string) {
    this.name = name;
    this.#child = fork(module, [backend, peers], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: { ...process.env, MESA_SHADER_CACHE_DIR: this.#shaders },
    });
  }

  async ask<T extends Reply['is']>(request: Request, ...expected: readonly T[]): Promise<ReplyOf<T>> {
    if (!this.#child.connected) throw new Error(`${this.name}: its process has ended`);
    const reply = this.#next(...expected);
    // Where the process ends meanwhile, its exit rejects the reply.
    this.#child.send(request, () => undefined);
    return reply;
  }

  stop(): void {
    this.#child.kill();
    rmSync(this.#shaders, { recursive: true, force: true });
  }

  /** @throws Error where the library failed, or its process ended */
  #next<T extends Reply['is']>(...expected: readonly T[]): Promise<ReplyOf<T>> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#child.off('message', onMessage);
        this.#child.off('exit', onExit);
      };
      const onMessage = (reply: Reply): void => {
        settle();
        if (reply.is === 'failed') reject(new Error(`${this.name}: ${reply.error}`));
        else if (isOneOf(reply, expected)) resolve(reply);
        else reject(new Error(`${this.name}: expected ${expected.join(' or ')}, got ${reply.is}`));
      };
      const onExit = (code: number | null, signal: string | null): void => {
        settle();
        reject(new Error(`${this.name}: its process ended (${signal ?? `exit code ${code}`})`));
      };
      this.#child.on('message', onMessage);
      this.#child.on('exit', onExit);
    });
  }
}

function isOneOf<T extends Reply['is']>(reply: Reply, kinds: readonly T[]): reply is ReplyOf<T> {
  return kinds.some((kind) => kind === reply.is);
}
