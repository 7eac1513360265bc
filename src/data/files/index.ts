// The readers of files, for Node.
export { readIdxImages, readIdxLabels } from './idx.ts';
export { type OpenOptions, openTable } from './open.ts';
