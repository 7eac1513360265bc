// npm run size: what the core weighs, room by room. Fails where the core reaches a package or a `node:` module.
import { dirname } from 'node:path';
import { bundleCore } from './core.mjs';

const { minified, gzipped, files, outside } = await bundleCore();

/** @type {Map<string, { files: number, bytes: number }>} */
const rooms = new Map();
for (const { path, bytes } of files) {
  const room = rooms.get(dirname(path)) ?? { files: 0, bytes: 0 };
  rooms.set(dirname(path), { files: room.files + 1, bytes: room.bytes + bytes });
}

console.log(
  `core (src/index.ts): ${minified} bytes minified, ${gzipped} gzipped, from ${files.length} files`,
);
for (const [room, { files, bytes }] of [...rooms].sort()) {
  console.log(`  ${room.padEnd(24)} ${String(files).padStart(3)} files ${String(bytes).padStart(8)} bytes`);
}
console.log(`imports from outside (packages, node:): ${outside.length === 0 ? 'none' : outside.join(', ')}`);
process.exitCode = outside.length === 0 ? 0 : 1;
