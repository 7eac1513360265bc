// The six sets of the benchmark.
import { acs2018 } from './acs-2018.ts';
import { adult } from './adult.ts';
import { compas } from './compas.ts';
import { cps1985 } from './cps-1985.ts';
import { isear } from './isear.ts';
import { lawSchool } from './law-school.ts';

export { type BenchSet, tolerance } from './set.ts';

export const sets = [adult, acs2018, compas, lawSchool, isear, cps1985] as const;
