// What a bundler makes of the core (src/index.ts): its size, the files in it, and what it reaches outside itself.
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { root } from './cache.mjs';

/**
 * `outside` are the packages and `node:` modules imported from within the core's graph, each as
 * "importer -> module"; it must stay empty, since the core runs in browsers and has no dependency.
 */
export async function bundleCore() {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/index.ts'],
    bundle: true,
    minify: true,
    platform: 'neutral',
    format: 'esm',
    packages: 'external',
    loader: { '.wgsl': 'text' },
    write: false,
    metafile: true,
  });
  const [bundle] = outputFiles;
  const [output] = Object.values(metafile.outputs);
  if (!bundle || !output) throw new Error('esbuild gave no bundle for src/index.ts');
  const outside = Object.entries(metafile.inputs).flatMap(([importer, { imports }]) =>
    imports.filter((link) => link.external).map((link) => `${importer} -> ${link.path}`),
  );
  return {
    minified: bundle.contents.length,
    gzipped: gzipSync(bundle.contents).length,
    /** Minified bytes that each source file adds to the bundle. */
    files: Object.entries(output.inputs).map(([path, { bytesInOutput }]) => ({ path, bytes: bytesInOutput })),
    outside,
  };
}
