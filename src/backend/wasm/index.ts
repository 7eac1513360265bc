// WebAssembly with SIMD: the fast path for machines without a GPU.
export { WasmExecutable } from './executable.ts';
