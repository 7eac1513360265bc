// Property tests draw the same cases in every run; `TEST_SEED=2 npm test` draws others.
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['TEST_SEED'] ?? 1) });
