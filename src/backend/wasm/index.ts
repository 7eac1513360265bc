// WebAssembly with SIMD: the fast path for machines without a GPU.
export { requireWasm, WasmExecutable } from './executable.ts';
